package app.session.redis.servlet;

import java.lang.Thread.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Monitor;
import app.session.redis.test.Monitor.Command;
import org.junit.jupiter.api.Test;

import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * How many sessions there may be, wherever Redis runs.
 */
interface SessionLimitsContract extends TopologyContract {

	String INDEX = "app:session:index:principal:";

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return repositories().unstarted(settings);
	}

	private Node rejecting(int limit) {
		return node((settings) -> settings.limitPerPrincipal(limit, OnExceeded.REJECT));
	}

	private Node evicting(int limit) {
		return node((settings) -> settings.limitPerPrincipal(limit, OnExceeded.EVICT_OLDEST));
	}

	private static StoredSession logIn(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, principal);
		node.repository().save(session);
		return session;
	}

	/** Fails to log in to a new session, which is returned. */
	private static StoredSession logInRefused(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, principal);
		assertRefused(node, session);
		return session;
	}

	private static void assertRefused(Node node, StoredSession session) {
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> node.repository().save(session))
			.satisfies((ex) -> assertThat(ex.getLimit()).isEqualTo(Limit.PER_PRINCIPAL))
			.withMessageContaining("SessionSettingsBuilder.limitPerPrincipal allows (");
	}

	private static boolean lives(Node node, StoredSession session) {
		return node.repository().findById(session.getHandle()) != null;
	}

	private static long count(Node node, String principal) {
		return node.repository().operations().count(PRINCIPAL, principal);
	}

	@Test
	default void aLogInBeyondTheLimitIsRejectedAndWritesNothing() {
		Node first = rejecting(1);
		Node second = rejecting(1);
		StoredSession session = logIn(first, "alice");
		List<String> keys = topology().keys();
		StoredSession refused = logInRefused(second, "alice");
		assertThat(topology().keys()).containsExactlyInAnyOrderElementsOf(keys);
		assertThat(lives(first, refused)).isFalse();
		assertThat(lives(second, session)).isTrue();
		assertThat(second.repository().getStatistics().get(SessionCounter.REJECTED_LOG_INS)).isEqualTo(1);
		assertThat(second.repository().getStatistics().get(SessionCounter.CREATED)).isZero();
		assertThat(second.events()).isEmpty();
		logIn(second, "bob");
	}

	@Test
	default void asManyLogInAsAreAllowed() {
		Node node = rejecting(3);
		IntStream.range(0, 3).forEach((i) -> logIn(node, "alice"));
		logInRefused(node, "alice");
		assertThat(count(node, "alice")).isEqualTo(3);
	}

	@Test
	default void aMessageOfRefusalNamesNobody() {
		Node node = rejecting(1);
		StoredSession session = logIn(node, "alice");
		StoredSession refused = node.repository().createSession();
		refused.setAttribute(PRINCIPAL, "alice");
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> node.repository().save(refused))
			.satisfies((ex) -> {
				assertThat(ex.getMessage()).doesNotContain("alice", session.getId(), refused.getId());
				assertThat(ex.getMaximum()).isEqualTo(1);
			});
	}

	@Test
	default void aLogInToASessionThatIsThereIsRejectedAndLeavesItAsItWas() {
		Node node = rejecting(1);
		logIn(node, "alice");
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", "apple");
		node.repository().save(session);
		String id = session.getId();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("cart", "pear");
		session.changeSessionId();
		assertRefused(node, session);
		StoredSession found = rejecting(1).repository().findById(id);
		assertThat(found).isNotNull();
		assertThat(found.getAttributeNames()).containsExactly("cart");
		assertThat(found.<String>getAttribute("cart")).isEqualTo("apple");
		assertThat(count(node, "alice")).isEqualTo(1);
	}

	@Test
	default void theSessionThatWasUsedLongestAgoMakesRoom() {
		Node first = evicting(3);
		Node second = evicting(3);
		StoredSession touched = logIn(first, "alice");
		StoredSession oldest = logIn(first, "alice");
		awaitIdle(first, oldest);
		StoredSession younger = logIn(first, "alice");
		assertThat(first.repository().clientSessions().findById(touched.getId())).isNotNull();
		StoredSession stranger = logIn(first, "bob");
		awaitIdle(first, younger);
		StoredSession session = logIn(second, "alice");
		assertThat(lives(first, oldest)).isFalse();
		assertThat(List.of(touched, younger, session, stranger)).allMatch((each) -> lives(first, each));
		assertThat(count(first, "alice")).isEqualTo(3);
		assertThat(second.repository().getStatistics().get(SessionCounter.DELETED_LIMIT)).isEqualTo(1);
		assertThat(second.repository().getStatistics().getDeleted()).isEqualTo(1);
		assertThat(second.repository().getStatistics().get(SessionCounter.REJECTED_LOG_INS)).isZero();
		assertThat(second.events(SessionDeletedEvent.class)).singleElement()
			.satisfies(
					(event) -> assertThat(event.<StoredSession>getSession().getHandle()).isEqualTo(oldest.getHandle()));
	}

	private static void awaitIdle(Node node, StoredSession session) {
		await().pollInterval(Duration.ofMillis(2))
			.until(() -> node.repository().operations().describe(session.getHandle()).idle().toMillis() >= 5);
	}

	@Test
	default void aLimitOfOneLeavesTheLastLogIn() {
		Node node = evicting(1);
		StoredSession last = logIn(node, "alice");
		for (int i = 0; i < 4; i++) {
			StoredSession session = logIn(node, "alice");
			assertThat(lives(node, last)).isFalse();
			last = session;
		}
		assertThat(lives(node, last)).isTrue();
		assertThat(node.repository().getStatistics().get(SessionCounter.DELETED_LIMIT)).isEqualTo(4);
	}

	@Test
	default void theSameSessionMayLogInAgain() {
		for (Node node : List.of(rejecting(1), evicting(1))) {
			StoredSession session = logIn(node, "alice");
			session.setAttribute(PRINCIPAL, "alice");
			node.repository().save(session);
			StoredSession found = node.repository().findById(session.getId());
			assertThat(found).isNotNull();
			found.removeAttribute(PRINCIPAL);
			found.setAttribute(PRINCIPAL, "alice");
			found.changeSessionId();
			node.repository().save(found);
			assertThat(lives(node, session)).isTrue();
			assertThat(count(node, "alice")).isEqualTo(1);
			assertThat(node.repository().getStatistics().get(SessionCounter.DELETED_LIMIT)).isZero();
			node.repository().deleteById(found.getId());
		}
	}

	@Test
	default void anotherPrincipalOfTheSessionLeavesThePlaceToOthers() {
		Node node = rejecting(1);
		StoredSession session = logIn(node, "alice");
		session.setAttribute(PRINCIPAL, "bob");
		node.repository().save(session);
		await().until(() -> count(node, "alice") == 0);
		logIn(node, "alice");
		logInRefused(node, "bob");
		session.setAttribute(PRINCIPAL, "alice");
		assertRefused(node, session);
		assertThat(rejecting(1).repository().findByPrincipalName("bob")).hasSize(1);
	}

	@Test
	default void aLogOutFreesThePlace() {
		Node node = rejecting(1);
		StoredSession session = logIn(node, "alice");
		node.repository().deleteById(session.getId());
		StoredSession again = logIn(node, "alice");
		again.removeAttribute(PRINCIPAL);
		node.repository().save(again);
		await().until(() -> count(node, "alice") == 0);
		logIn(node, "alice");
	}

	@Test
	default void anExpiredSessionFreesThePlaceBeforeTheCollectorComes() {
		Node node = rejecting(1);
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofMillis(300));
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		logInRefused(node, "alice");
		await().until(() -> !lives(node, session));
		assertThat(count(node, "alice")).isEqualTo(1);
		StoredSession next = logIn(node, "alice");
		assertThat(node.repository().findByPrincipalName("alice").values()).containsExactly(next);
		assertThat(count(node, "alice")).isEqualTo(1);
		assertThat(node.repository().getStatistics().getDeleted()).as("the expiry is told by the collector").isZero();
	}

	@Test
	default void whatACrashLeftBehindIsFoundOutBeforeAnybodyIsRejected() {
		Node node = rejecting(2);
		StoredSession alive = logIn(node, "alice");
		String dangling = SessionId.newHandle();
		topology().hint(INDEX + "alice", 9e15, dangling);
		StoredSession elsewhere = logIn(node, "bob");
		logIn(node, "alice");
		assertThat(topology().score(INDEX + "alice", dangling)).isNull();
		logInRefused(node, "alice");
		node.repository().deleteById(alive.getId());
		topology().hint(INDEX + "alice", 9e15, elsewhere.getHandle());
		logIn(node, "alice");
		assertThat(topology().score(INDEX + "alice", elsewhere.getHandle())).isNull();
		assertThat(lives(node, elsewhere)).isTrue();
	}

	@Test
	default void whatACrashLeftBehindCostsNobodyTheSession() {
		Node node = evicting(2);
		StoredSession session = logIn(node, "alice");
		topology().hint(INDEX + "alice", 9e15, SessionId.newHandle());
		logIn(node, "alice");
		assertThat(lives(node, session)).isTrue();
		assertThat(node.repository().getStatistics().get(SessionCounter.DELETED_LIMIT)).isZero();
	}

	@Test
	default void aSessionThatCantBeReadKeepsItsPlace() {
		Node rejecting = rejecting(1);
		StoredSession session = logIn(rejecting, "alice");
		topology().damage("app:session:session:{" + session.getHandle() + "}", "\u0018of a format to come");
		logInRefused(rejecting, "alice");
		logInRefused(evicting(1), "alice");
		topology().damage("app:session:session:{" + session.getHandle() + "}", "\u0008cut off");
		logInRefused(rejecting, "alice");
	}

	@Test
	default void aReservedPlaceIsTakenUpByItsSessionOnly() {
		Node node = rejecting(1);
		StoredSession session = node.repository().createSession();
		node.repository().reserve(session.getId(), Map.of(PRINCIPAL, "alice"));
		node.repository().reserve(session.getId(), Map.of(PRINCIPAL, "alice"));
		logInRefused(rejecting(1), "alice");
		assertThatExceptionOfType(SessionLimitExceededException.class)
			.isThrownBy(() -> node.repository().reserve(SessionId.newHandle(), Map.of(PRINCIPAL, "alice")));
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		assertThat(topology().score(INDEX + "alice", session.getHandle()) % 1).isZero();
		assertThat(lives(node, session)).isTrue();
		logInRefused(node, "alice");
		assertThat(node.repository().findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	default void aReservationThatIsNotTakenUpEnds() {
		Node node = rejecting(1);
		String handle = SessionId.newHandle();
		node.repository().reserve(handle, Map.of(PRINCIPAL, "alice"));
		assertThat(topology().score(INDEX + "alice", handle)).isBetween(System.currentTimeMillis() + 20_000.0,
				System.currentTimeMillis() + 31_000.0);
		logInRefused(node, "alice");
		topology().hint(INDEX + "alice", 1000.5, handle);
		logIn(node, "alice");
		assertThat(topology().score(INDEX + "alice", handle)).isNull();
	}

	@Test
	default void aLogInThatIsUnderWayIsNotEvictedButWaitedFor() {
		Node node = evicting(1);
		StoredSession first = node.repository().createSession();
		node.repository().reserve(first.getId(), Map.of(PRINCIPAL, "alice"));
		logInRefused(node, "alice");
		AtomicReference<StoredSession> second = new AtomicReference<>();
		Thread waiting = new Thread(() -> second.set(logIn(node, "alice")));
		waiting.start();
		// With or without a limit of its own, as the face waits
		await().pollInterval(Duration.ofMillis(1))
			.until(() -> Set.of(State.WAITING, State.TIMED_WAITING).contains(waiting.getState()));
		first.setAttribute(PRINCIPAL, "alice");
		node.repository().save(first);
		await().until(() -> second.get() != null);
		assertThat(lives(node, second.get())).isTrue();
		assertThat(lives(node, first)).isFalse();
	}

	@Test
	default void aLogInThatCantGetInEvictsNobody() {
		Node node = node((settings) -> {
		});
		StoredSession session = logIn(node, "alice");
		evicting(2).repository().reserve(SessionId.newHandle(), Map.of(PRINCIPAL, "alice"));
		logInRefused(evicting(1), "alice");
		assertThat(lives(node, session)).isTrue();
	}

	@Test
	default void aResolverTellsThePrincipalOfAReservation() {
		Node node = node((settings) -> {
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
			settings.indexResolver((session) -> {
				String tenant = session.getAttribute("tenant");
				String user = session.getAttribute("user");
				return (user != null) ? Map.of(PRINCIPAL, tenant + "/" + user) : Map.of();
			});
		});
		String handle = SessionId.newHandle();
		node.repository().reserve(handle, Map.of("tenant", "a", "user", "alice"));
		assertThat(topology().score(INDEX + "a/alice", handle)).isNotNull();
		node.repository().reserve(SessionId.newHandle(), Map.of("tenant", "b", "user", "alice"));
		node.repository().reserve(SessionId.newHandle(), Map.of("tenant", "b"));
		assertThat(topology().keys()).hasSize(2);
	}

	@Test
	default void aLoweredLimitEndsAsManyAsAreTooMany() {
		Node unlimited = node((settings) -> {
		});
		List<StoredSession> sessions = IntStream.range(0, 4).mapToObj((i) -> {
			StoredSession session = logIn(unlimited, "alice");
			awaitIdle(unlimited, session);
			return session;
		}).toList();
		logInRefused(rejecting(2), "alice");
		assertThat(sessions).allMatch((session) -> lives(unlimited, session));
		Node lowered = evicting(2);
		StoredSession session = logIn(lowered, "alice");
		assertThat(lowered.repository().getStatistics().get(SessionCounter.DELETED_LIMIT)).isEqualTo(3);
		assertThat(lives(unlimited, sessions.get(3))).isTrue();
		assertThat(lowered.repository().findByPrincipalName("alice").values()).extracting(StoredSession::getHandle)
			.containsExactlyInAnyOrder(sessions.get(3).getHandle(), session.getHandle());
	}

	@Test
	default void aSaveThatIsRefusedForAnotherReasonGivesThePlaceBack() {
		Node node = node((settings) -> {
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
			settings.saveAfterDelete(SaveAfterDelete.FAIL);
		});
		StoredSession session = node.repository().createSession();
		node.repository().save(session);
		node.repository().deleteById(session.getHandle());
		session.setAttribute(PRINCIPAL, "alice");
		assertThatIllegalStateException().isThrownBy(() -> node.repository().save(session));
		await().until(() -> count(node, "alice") == 0);
		logIn(node, "alice");
	}

	@Test
	default void aSaveThatIsOneTooManyInAllGivesThePlaceOfThePrincipalBack() {
		Node node = node((settings) -> {
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
			settings.limitTotal(1);
		});
		StoredSession first = node.repository().createSession();
		node.repository().save(first);
		StoredSession second = node.repository().createSession();
		second.setAttribute(PRINCIPAL, "alice");
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> node.repository().save(second))
			.satisfies((ex) -> assertThat(ex.getLimit()).isEqualTo(Limit.TOTAL));
		await().until(() -> count(node, "alice") == 0);
		first.setAttribute(PRINCIPAL, "alice");
		node.repository().save(first);
	}

	@Test
	default void onlyALogInAsksForAPlaceAndIsWrittenOnceMoreAfterwards() {
		Node node = rejecting(2);
		try (Monitor monitor = topology().monitor()) {
			StoredSession session = logIn(node, "alice");
			// reserve, index and, when the session is written, index
			await().until(() -> ofKey(monitor, INDEX + "alice") == 3);
			await().until(() -> ofKey(monitor, session.getHandle() + "}") == 2);
			monitor.reset();
			session.setAttribute("cart", "apple");
			node.repository().save(session);
			session.changeSessionId();
			node.repository().save(session);
			assertThat(ofKey(monitor, session.getHandle() + "}")).isEqualTo(2);
			assertThat(monitor.commands()).hasSize(2);
			monitor.reset();
			node.repository().save(node.repository().createSession());
			assertThat(ofKey(monitor, ":index:")).isZero();
		}
		Node unlimited = node((settings) -> {
		});
		try (Monitor monitor = topology().monitor()) {
			logIn(unlimited, "carol");
			monitor.sync();
			assertThat(ofKey(monitor, INDEX + "carol")).isEqualTo(1);
		}
	}

	private static long ofKey(Monitor monitor, String key) {
		return monitor.commands()
			.stream()
			.map(Command::args)
			.filter((args) -> args.stream().skip(2).limit(1).anyMatch((arg) -> arg.contains(key)))
			.count();
	}

	@Test
	default void noMoreSessionsAreCreatedThanAreAllowedInAll() {
		Node node = node((settings) -> settings.limitTotal(2));
		StoredSession first = node.repository().createSession();
		StoredSession second = node.repository().createSession();
		StoredSession third = node.repository().createSession();
		node.repository().save(first);
		node.repository().save(second);
		assertTooMany(node, third);
		first.setAttribute("cart", "apple");
		node.repository().save(first);
		node.repository().deleteById(first.getId());
		node.repository().save(third);
		assertThat(lives(node, third)).isTrue();
		assertTooMany(node, node.repository().createSession());
		assertThat(node.repository().getStatistics().get(SessionCounter.REJECTED_SESSIONS)).isEqualTo(2);
		assertThat(node.repository().getStatistics().get(SessionCounter.CREATED)).isEqualTo(3);
	}

	private static void assertTooMany(Node node, StoredSession session) {
		List<String> before = List.of(session.getId(), session.getHandle());
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> node.repository().save(session))
			.satisfies((ex) -> assertThat(ex.getLimit()).isEqualTo(Limit.TOTAL))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(before))
			.withMessageContaining("SessionSettingsBuilder.limitTotal allows (2)");
		assertThat(lives(node, session)).isFalse();
	}

	@Test
	default void anExpiredSessionCountsInAllUntilItIsCollected() {
		Node node = repositories().node((settings) -> settings.limitTotal(1));
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofMillis(100));
		node.repository().save(session);
		await().until(() -> node.repository().getStatistics().get(SessionCounter.EXPIRED) == 1);
		await().untilAsserted(() -> node.repository().save(node.repository().createSession()));
	}

	@Test
	default void negativeLimitsAreRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(SessionSettings.builder().limitPerPrincipal(-1, OnExceeded.REJECT)::build);
		assertThatIllegalArgumentException().isThrownBy(SessionSettings.builder().limitTotal(-1)::build);
	}

}
