package app.session.redis.servlet;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.SamlValues;
import app.session.redis.codec.ValueForm;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.index.SessionDescription;
import app.session.redis.observation.SessionCounter;
import app.session.redis.operations.SessionOperations;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Monitor;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.session.FlushMode;
import org.springframework.session.MapSession;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionDestroyedEvent;
import org.springframework.session.events.SessionExpiredEvent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * How the repository behaves, wherever Redis runs.
 */
interface SessionRepositoryContract extends TopologyContract {

	Duration SHORT = Duration.ofMillis(300);

	private Node node() {
		return repositories().unstarted((settings) -> {
		});
	}

	private static StoredSession create(Node node) {
		StoredSession session = node.repository().createSession();
		node.repository().save(session);
		return session;
	}

	private static StoredSession create(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, principal);
		node.repository().save(session);
		return session;
	}

	private static StoredSession find(Node node, String id) {
		StoredSession session = node.repository().findById(id);
		assertThat(session).as("session").isNotNull();
		return session;
	}

	private List<String> sessionKeys() {
		return topology().keys().stream().filter((key) -> key.contains(":session:{")).toList();
	}

	private List<String> hintKeys() {
		return topology().keys().stream().filter((key) -> key.contains(":expiry:") || key.contains(":index:")).toList();
	}

	@Test
	default void aSessionThatWasNeverSavedIsNotThere() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		assertThat(node.repository().findById(session.getId())).isNull();
		assertThat(topology().keys()).isEmpty();
	}

	@Test
	default void aSavedSessionIsFoundByItsIdOnEveryNode() {
		Node first = node();
		Node second = node();
		StoredSession session = first.repository().createSession();
		session.setAttribute("name", "value");
		session.setAttribute("number", 42);
		first.repository().save(session);
		StoredSession found = find(second, session.getId());
		assertThat(found.getId()).isEqualTo(session.getId());
		assertThat(found.getCreationTime()).isEqualTo(session.getCreationTime());
		assertThat(found.getMaxInactiveInterval()).isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL);
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder("name", "number");
		assertThat(found.<String>getAttribute("name")).isEqualTo("value");
		assertThat(found.<Integer>getAttribute("number")).isEqualTo(42);
		assertThat(found.isExpired()).isFalse();
	}

	@Test
	default void aHandleFindsTheSessionButIsNoIdForClients() {
		Node first = node();
		Node second = node();
		StoredSession session = create(first);
		assertThat(session.getHandle()).isEqualTo(session.getId().substring(0, 16));
		StoredSession found = find(second, session.getHandle());
		assertThat(find(first, session.getHandle()).getId()).isEqualTo(found.getId());
		assertThat(first.repository().clientSessions().findById(session.getHandle())).isNull();
		assertThat(first.repository().clientSessions().findById(session.getId())).isNotNull();
	}

	@Test
	default void anotherSecretOpensNothing() {
		Node node = node();
		StoredSession session = create(node);
		String forged = session.getHandle() + "A".repeat(43);
		assertThat(node.repository().findById(forged)).isNull();
		node.repository().deleteById(forged);
		assertThat(node.repository().findById(session.getId())).isNotNull();
	}

	@Test
	default void attributesAreChangedAndRemovedOneByOne() {
		Node first = node();
		Node second = node();
		StoredSession session = first.repository().createSession();
		session.setAttribute("a", "1");
		session.setAttribute("b", "1");
		session.setAttribute("c", "1");
		first.repository().save(session);
		StoredSession one = find(first, session.getId());
		StoredSession two = find(second, session.getId());
		one.setAttribute("a", "2");
		one.removeAttribute("b");
		two.setAttribute("c", "2");
		two.setAttribute("d", "2");
		first.repository().save(one);
		second.repository().save(two);
		StoredSession found = find(first, session.getId());
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder("a", "c", "d");
		assertThat(found.<String>getAttribute("a")).isEqualTo("2");
		assertThat(found.<String>getAttribute("c")).isEqualTo("2");
		found.setAttribute("a", null);
		first.repository().save(found);
		assertThat(find(second, session.getId()).getAttributeNames()).containsExactlyInAnyOrder("c", "d");
	}

	@Test
	default void anAttributeMayHaveAnyName() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		List<String> names = List.of("", PRINCIPAL, "m", "i", "s", "\u00e9", ":", "::", ":a", "a", "a b", "{x}", "ü\n");
		names.forEach((name) -> session.setAttribute(name, "value of " + name));
		node.repository().save(session);
		StoredSession found = find(node, session.getId());
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrderElementsOf(names);
		names.forEach((name) -> assertThat(found.<String>getAttribute(name)).isEqualTo("value of " + name));
	}

	@Test
	default void aSessionMayHaveManyAndLargeAttributes() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		IntStream.range(0, 9000).forEach((i) -> session.setAttribute("attribute" + i, i));
		session.setAttribute("large", "x".repeat(1_000_000));
		node.repository().save(session);
		StoredSession found = find(node, session.getId());
		assertThat(found.getAttributeNames()).hasSize(9001);
		assertThat(found.<Integer>getAttribute("attribute8999")).isEqualTo(8999);
		found.getAttributeNames().forEach(found::removeAttribute);
		node.repository().save(found);
		assertThat(find(node, session.getId()).getAttributeNames()).isEmpty();
	}

	@Test
	default void principalsOfEachLengthAroundTheSpaceInTheHeaderAreIndexed() {
		Node node = node();
		for (int length = 16; length <= 34; length++) {
			String principal = "x".repeat(length);
			StoredSession session = create(node, principal);
			StoredSession found = find(node, session.getId());
			found.changeSessionId();
			found.setAttribute("cart", "book");
			node.repository().save(found);
			assertThat(node.repository().findByPrincipalName(principal)).as(principal).hasSize(1);
			found.setAttribute(PRINCIPAL, principal + "y");
			node.repository().save(found);
			assertThat(node.repository().findByPrincipalName(principal + "y")).as(principal + "y").hasSize(1);
			assertThat(node.repository().findByPrincipalName(principal)).as(principal).isEmpty();
			node.repository().deleteById(found.getId());
		}
		assertThat(sessionKeys()).isEmpty();
	}

	@Test
	default void aSmallSessionWithAPrincipalStaysInRedissCompactEncoding() {
		Node node = node();
		StoredSession session = create(node, "alice@example.org");
		session.setAttribute("language", "en");
		session.changeSessionId();
		node.repository().save(session);
		assertThat(topology().encoding(sessionKeys().get(0))).isNotEqualTo("hashtable");
		StoredSession found = find(node, session.getId());
		assertThat(found.<String>getAttribute(PRINCIPAL)).isEqualTo("alice@example.org");
	}

	@Test
	default void anObjectThatWasChangedInPlaceIsSaved() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", new Cart());
		node.repository().save(session);
		StoredSession found = find(node, session.getId());
		found.<Cart>getRequiredAttribute("cart").items.add("book");
		node.repository().save(found);
		StoredSession again = find(node, session.getId());
		assertThat(again.<Cart>getRequiredAttribute("cart").items).containsExactly("book");
		again.<Cart>getRequiredAttribute("cart").items.add("pen");
		node.repository().save(again);
		again.<Cart>getRequiredAttribute("cart").items.add("ink");
		node.repository().save(again);
		assertThat(find(node, session.getId()).<Cart>getRequiredAttribute("cart").items).containsExactly("book", "pen",
				"ink");
	}

	@Test
	default void anotherSaveModeLeavesObjectsThatWereChangedInPlace() {
		Node node = repositories().unstarted((settings) -> settings.saveMode(SaveMode.ON_SET_ATTRIBUTE));
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", new Cart());
		node.repository().save(session);
		StoredSession found = find(node, session.getId());
		found.<Cart>getRequiredAttribute("cart").items.add("book");
		node.repository().save(found);
		assertThat(find(node, session.getId()).<Cart>getRequiredAttribute("cart").items).isEmpty();
		Node onGet = repositories().unstarted((settings) -> settings.saveMode(SaveMode.ON_GET_ATTRIBUTE));
		found = find(onGet, session.getId());
		found.<Cart>getRequiredAttribute("cart").items.add("book");
		onGet.repository().save(found);
		assertThat(find(node, session.getId()).<Cart>getRequiredAttribute("cart").items).containsExactly("book");
	}

	@Test
	default void aChangedIdKillsTheOldOneAndMovesNoKey() {
		Node first = node();
		Node second = node();
		StoredSession session = create(first, "alice");
		List<String> before = topology().keys();
		String oldId = session.getId();
		StoredSession found = find(first, oldId);
		String newId = found.changeSessionId();
		assertThat(newId).isNotEqualTo(oldId).startsWith(session.getHandle());
		assertThat(find(second, oldId).getId()).isEqualTo(oldId);
		first.repository().save(found);
		assertThat(found.getId()).isEqualTo(newId);
		assertThat(second.repository().findById(oldId)).isNull();
		assertThat(find(second, newId).<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
		assertThat(topology().keys()).isEqualTo(before);
		found.setAttribute("after", "change");
		first.repository().save(found);
		assertThat(find(second, newId).<String>getAttribute("after")).isEqualTo("change");
	}

	@Test
	default void aSaveUnderAnOldIdIsRefusedAndCounted() {
		Node first = node();
		Node second = node();
		StoredSession session = create(first);
		StoredSession slow = find(second, session.getId());
		session.changeSessionId();
		first.repository().save(session);
		slow.setAttribute("late", "x");
		slow.changeSessionId();
		second.repository().save(slow);
		assertThat(find(first, session.getId()).getAttributeNames()).isEmpty();
		assertThat(second.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED)).isEqualTo(1);
		assertThat(second.repository().findById(slow.getId())).isNull();
	}

	@Test
	default void aSaveAfterTheEndWritesNothing() {
		Node first = node();
		Node second = node();
		StoredSession session = create(first, "alice");
		StoredSession slow = find(second, session.getId());
		first.repository().deleteById(session.getId());
		slow.setAttribute(PRINCIPAL, "bob");
		slow.setMaxInactiveInterval(Duration.ofSeconds(5));
		second.repository().save(slow);
		assertThat(second.repository().getStatistics().get(SessionCounter.CONFLICT_ENDED)).isEqualTo(1);
		assertThat(sessionKeys()).isEmpty();
		await().untilAsserted(
				() -> assertThat(topology().keys().stream().filter((key) -> key.contains(":index:"))).isEmpty());
		Node failing = repositories().unstarted((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL));
		StoredSession other = create(first);
		StoredSession slower = find(failing, other.getId());
		first.repository().deleteById(other.getId());
		slower.setAttribute("late", "x");
		assertThatIllegalStateException().isThrownBy(() -> failing.repository().save(slower))
			.withMessageContaining("has ended")
			.withMessageNotContaining(other.getId());
	}

	@Test
	default void aLastAccessThatIsSetBack_isStored() {
		Node node = node();
		StoredSession session = create(node, "alice");
		Instant earlier = Instant.now().minusSeconds(600);
		StoredSession found = find(node, session.getId());
		found.setLastAccessedTime(earlier);
		node.repository().save(found);
		assertThat(find(node(), session.getHandle()).getLastAccessedTime()).isBetween(earlier.minusSeconds(2),
				earlier.plusSeconds(2));
	}

	@Test
	default void aLastAccessBeforeTheIdleTimeout_endsTheSession() {
		Node node = node();
		StoredSession session = create(node, "alice");
		StoredSession found = find(node, session.getId());
		found.setLastAccessedTime(Instant.now().minus(found.getMaxInactiveInterval()).minusSeconds(1));
		node.repository().save(found);
		assertThat(node.repository().findById(session.getId())).isNull();
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
	}

	@Test
	default void aLastAccessOfANewSessionThatIsSetBack_isStored() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		Instant earlier = Instant.now().minusSeconds(600);
		session.setLastAccessedTime(earlier);
		node.repository().save(session);
		assertThat(find(node(), session.getHandle()).getLastAccessedTime()).isBetween(earlier.minusSeconds(2),
				earlier.plusSeconds(2));
		StoredSession expired = node.repository().createSession();
		expired.setLastAccessedTime(Instant.now().minus(expired.getMaxInactiveInterval()).minusSeconds(1));
		node.repository().save(expired);
		assertThat(node.repository().findById(expired.getId())).isNull();
	}

	@Test
	default void nullIsTheIdAndThePrincipalOfNoSession() {
		Node node = node();
		create(node, "alice");
		assertThat(node.repository().findByPrincipalName(null)).isEmpty();
		assertThat(node.repository().findByIndexNameAndIndexValue(null, "alice")).isEmpty();
		assertThat(node.repository().deleteByPrincipalName(null)).isZero();
		assertThat(node.repository().findById(null)).isNull();
		node.repository().deleteById(null);
		assertThat(node.repository().operations().sessionsByHandle().findByPrincipalName(null)).isEmpty();
		assertThat(node.repository().findByPrincipalName("alice")).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	default void principalsWithUnpairedSurrogates_areFoundAndDistinct(boolean encrypted) {
		Node node = encrypted
				? repositories().unstarted(
						(settings) -> settings.encryptionKeys(new EncryptionKeys(Map.of("k1", new byte[32]), "k1")))
				: node();
		List<String> names = List.of("a\ud800", "a\ud801", "a\udc00", "a?", "a\uffff", "a\uffffd800", "\ud800a",
				"~a\ud800", "\ud83d\ude00");
		Map<String, String> handles = new LinkedHashMap<>();
		names.forEach((name) -> handles.put(name, create(node, name).getHandle()));
		names.forEach((name) -> assertThat(node.repository().findByPrincipalName(name).values())
			.extracting(StoredSession::getHandle)
			.containsExactly(handles.get(name)));
		names.forEach((name) -> assertThat(node.repository().deleteByPrincipalName(name)).isEqualTo(1));
	}

	@Test
	default void aSaveWithoutAChange_isNeverRefused() {
		Node node = repositories().unstarted((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL));
		StoredSession session = create(node, "alice");
		StoredSession found = find(node, session.getId());
		node().repository().deleteById(session.getId());
		assertThatNoException().isThrownBy(() -> node.repository().save(found));
	}

	@Test
	default void sessionsByHandle_takeTheFullIdToo() {
		Node node = node();
		StoredSession session = create(node, "alice");
		var sessions = node.repository().operations().sessionsByHandle();
		String other = session.getHandle() + "A".repeat(43);
		assertThat(sessions.findById(other)).isNull();
		sessions.deleteById(other);
		assertThat(sessions.findById(session.getId())).isNotNull()
			.extracting(Session::getId)
			.isEqualTo(session.getHandle());
		sessions.deleteById(session.getId());
		assertThat(node.repository().findById(session.getId())).isNull();
	}

	@Test
	default void aDeletedSessionLeavesNothing() {
		Node node = node();
		StoredSession session = create(node, "alice");
		node.repository().deleteById(session.getId());
		assertThat(node.repository().findById(session.getId())).isNull();
		await().untilAsserted(() -> assertThat(topology().keys()).isEmpty());
		node.repository().deleteById(session.getId());
		node.repository().deleteById("nothing like an id");
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(1);
	}

	@Test
	default void whatIsStoredEndsByItselfButForTheHints() {
		Node node = node();
		StoredSession session = create(node, "alice");
		assertThat(sessionKeys()).hasSize(1);
		assertThat(topology().pttl(sessionKeys().get(0))).isBetween(Duration.ofMinutes(34).toMillis(),
				Duration.ofMinutes(35).toMillis());
		for (String key : hintKeys()) {
			if (key.contains(":index:")) {
				assertThat(topology().pttl(key)).isBetween(Duration.ofHours(24).toMillis(),
						Duration.ofHours(25).toMillis());
			}
			else {
				assertThat(topology().pttl(key)).isEqualTo(-1);
			}
		}
		assertThat(topology().keys().toString()).contains(session.getHandle()).doesNotContain(session.getId());
	}

	@Test
	default void onlyTheClientsOwnLookUpIsAnAccess() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofMinutes(10));
		node.repository().save(session);
		String key = sessionKeys().get(0);
		long written = topology().pttl(key);
		await().until(() -> topology().pttl(key) < written - 50);
		node.repository().findById(session.getId());
		node.repository().findById(session.getHandle());
		assertThat(topology().pttl(key)).isLessThan(written - 50);
		long before = topology().pttl(key);
		assertThat(node.repository().clientSessions().findById(session.getId())).isNotNull();
		assertThat(topology().pttl(key)).isGreaterThan(before);
	}

	@Test
	default void anAccessIsNotedNoMoreOftenThanTheTouchInterval() {
		Node node = repositories().unstarted((settings) -> settings.touchInterval(Duration.ofMinutes(1)));
		StoredSession session = create(node);
		String key = sessionKeys().get(0);
		await().until(() -> topology().pttl(key) < Duration.ofMinutes(35).toMillis() - 20);
		long before = topology().pttl(key);
		assertThat(node.repository().clientSessions().findById(session.getId())).isNotNull();
		assertThat(topology().pttl(key)).isLessThanOrEqualTo(before);
		StoredSession brief = node.repository().createSession();
		brief.setMaxInactiveInterval(Duration.ofMillis(500));
		node.repository().save(brief);
		String briefKey = sessionKeys().stream().filter((each) -> !each.equals(key)).findFirst().orElseThrow();
		long briefBefore = topology().pttl(briefKey);
		await().until(() -> topology().pttl(briefKey) < briefBefore - 60);
		long start = System.nanoTime();
		assertThat(node.repository().clientSessions().findById(brief.getId())).isNotNull();
		long ttl = topology().pttl(briefKey);
		assertThat(ttl).isGreaterThan(briefBefore - 20 - Duration.ofNanos(System.nanoTime() - start).toMillis());
	}

	@Test
	default void outsideOfRequestsASetAccessTimeKeepsTheSessionAlive() {
		Node node = node();
		StoredSession session = create(node);
		String key = sessionKeys().get(0);
		long full = topology().pttl(key);
		await().until(() -> topology().pttl(key) < full - 50);
		StoredSession found = find(node, session.getId());
		Instant now = Instant.now();
		found.setLastAccessedTime(now);
		assertThat(found.getLastAccessedTime()).isEqualTo(now);
		node.repository().save(found);
		assertThat(topology().pttl(key)).isGreaterThan(full - 40);
	}

	@Test
	default void aSessionExpiresForAllWhenItsIdleTimeoutIsOver() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(SHORT);
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		assertThat(node.repository().findById(session.getId())).isNotNull();
		await().until(() -> node.repository().findById(session.getId()) == null);
		assertThat(node.repository().clientSessions().findById(session.getId())).isNull();
		assertThat(node.repository().findById(session.getHandle())).isNull();
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		assertThat(node.repository().operations().describe(session.getHandle())).isNull();
		session.setAttribute("late", "x");
		node.repository().save(session);
		assertThat(node.repository().findById(session.getId())).isNull();
		node.repository().deleteById(session.getId());
		assertThat(sessionKeys()).as("its content is kept for the event").hasSize(1);
		assertThat(node.events(SessionDeletedEvent.class)).isEmpty();
	}

	@Test
	default void anExpiryIsToldOnceWithTheAttributesAndLeavesNothing() {
		Node first = repositories().node((settings) -> {
		});
		Node second = repositories().node((settings) -> {
		});
		StoredSession session = first.repository().createSession();
		session.setMaxInactiveInterval(SHORT);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("cart", new Cart());
		first.repository().save(session);
		await().until(() -> first.events(SessionExpiredEvent.class).size()
				+ second.events(SessionExpiredEvent.class).size() == 1);
		SessionExpiredEvent event = (first.events(SessionExpiredEvent.class).isEmpty() ? second : first)
			.events(SessionExpiredEvent.class)
			.get(0);
		assertThat(event.<StoredSession>getSession().<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
		assertThat(event.<StoredSession>getSession().<Cart>getAttribute("cart")).isNotNull();
		assertThat(event.<StoredSession>getSession().getHandle()).isEqualTo(session.getHandle());
		await().untilAsserted(() -> assertThat(topology().keys()).allMatch((key) -> key.endsWith(":collector")));
	}

	@Test
	default void aDamagedSessionHindersNeitherTheExpiryOfOthersNorListings() {
		Node node = repositories().node((settings) -> {
		});
		create(node, "alice");
		create(node, "alice");
		List<String> keys = sessionKeys();
		topology().damage(keys.get(0), "x");
		topology().damage(keys.get(1), "\u0010short");
		for (String key : keys) {
			String handle = key.substring(key.indexOf('{') + 1, key.length() - 1);
			if (key.equals(keys.get(0))) {
				assertThatExceptionOfType(SessionStoreUnavailableException.class)
					.isThrownBy(() -> node.repository().findById(handle));
			}
			else {
				assertThat(node.repository().findById(handle)).isNull();
			}
		}
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(SHORT);
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("alice").values()).containsExactly(session);
		assertThat(node.repository().operations().page(null, 100).sessions()).extracting(SessionDescription::handle)
			.containsExactly(session.getHandle());
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.list = new CopyOnWriteArrayList<>();
		log.start();
		Logger logger = (Logger) LoggerFactory.getLogger(ExpiryStore.class);
		logger.addAppender(log);
		try {
			List<String> hints = hintKeys().stream().filter((key) -> key.contains(":expiry:")).toList();
			hints.forEach(topology()::comeDue);
			await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
			await().until(() -> hints.stream().noneMatch(topology()::isDue));
			hints.forEach(topology()::comeDue);
			await().until(() -> hints.stream().noneMatch(topology()::isDue));
		}
		finally {
			logger.detachAppender(log);
		}
		assertThat(log.list).as("the one that is not of a newer format, once").hasSize(1);
	}

	@Test
	default void aSessionThatIsUsedOutlivesItsHint() {
		Node node = repositories().node((settings) -> {
		});
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofMillis(800));
		session.setAttribute(PRINCIPAL, "alice");
		node.repository().save(session);
		Instant end = Instant.now().plusMillis(2000);
		await().pollInterval(Duration.ofMillis(50)).until(() -> {
			assertThat(node.repository().clientSessions().findById(session.getId())).isNotNull();
			return Instant.now().isAfter(end);
		});
		assertThat(node.repository().findByPrincipalName("alice")).hasSize(1);
		await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
	}

	@Test
	default void zeroOrLessNeverExpires() {
		Node node = node();
		for (Duration interval : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
			StoredSession session = node.repository().createSession();
			session.setMaxInactiveInterval(interval);
			session.setAttribute(PRINCIPAL, "alice");
			node.repository().save(session);
			StoredSession found = find(node, session.getId());
			assertThat(found.getMaxInactiveInterval()).isNegative();
			assertThat(found.isExpired()).isFalse();
			assertThat(node.repository().operations().describe(session.getHandle()).expiresIn()).isNull();
			assertThat(topology().pttl(sessionKeys().get(0))).isEqualTo(-1);
			assertThat(hintKeys()).allSatisfy((key) -> assertThat(topology().pttl(key)).isEqualTo(-1));
			found.setAttribute("a", "b");
			found.setMaxInactiveInterval(Duration.ofMinutes(1));
			node.repository().save(found);
			assertThat(topology().pttl(sessionKeys().get(0))).isBetween(Duration.ofMinutes(5).toMillis(),
					Duration.ofMinutes(6).toMillis());
			node.repository().deleteById(session.getId());
			await().untilAsserted(() -> assertThat(topology().keys()).isEmpty());
		}
	}

	@Test
	default void aNeverExpiringSessionKeepsItsLastAccess() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ZERO);
		node.repository().save(session);
		await().until(() -> node.repository().operations().describe(session.getHandle()).idle().toMillis() > 50);
		long start = System.nanoTime();
		assertThat(node.repository().clientSessions().findById(session.getId())).isNotNull();
		Duration idle = node.repository().operations().describe(session.getHandle()).idle();
		assertThat(idle).isLessThan(Duration.ofNanos(System.nanoTime() - start).plusMillis(25));
	}

	@Test
	default void aShortenedLifetimeIsShorterAtOnce() {
		Node node = repositories().node((settings) -> {
		});
		StoredSession session = create(node);
		StoredSession found = find(node, session.getId());
		found.setMaxInactiveInterval(SHORT);
		node.repository().save(found);
		await().atMost(Duration.ofSeconds(3)).until(() -> node.events(SessionExpiredEvent.class).size() == 1);
		assertThat(node.repository().findById(session.getId())).isNull();
	}

	@Test
	default void anAbsoluteDeadlineEndsASessionHoweverActive() {
		Node node = repositories().node((settings) -> settings.absoluteTimeout(Duration.ofMillis(900)));
		StoredSession session = create(node, "alice");
		await().pollInterval(Duration.ofMillis(50))
			.until(() -> node.repository().clientSessions().findById(session.getId()) == null);
		assertThat(Duration.between(session.getCreationTime(), Instant.now())).isGreaterThan(Duration.ofMillis(850));
		await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
	}

	@Test
	default void aSessionThatIsNotUsedAgainLivesNoLongerThanTheFirstTimeout() {
		Node node = repositories().node((settings) -> settings.firstTimeout(SHORT));
		StoredSession used = create(node, "alice");
		StoredSession unused = create(node, "alice");
		assertThat(used.getMaxInactiveInterval()).isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL);
		StoredSession found = node.repository().clientSessions().findById(used.getId());
		assertThat(found.getMaxInactiveInterval()).isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL);
		await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
		assertThat(node.repository().findById(unused.getId())).isNull();
		assertThat(node.repository().findByPrincipalName("alice").values()).containsExactly(used);
		assertThat(node.repository().operations().describe(used.getHandle()).expiresIn())
			.isGreaterThan(Duration.ofMinutes(29));
	}

	@Test
	default void anIdleTimeoutThatIsSetInTheFirstRequestHoldsFromTheSecondOn() {
		Node node = repositories().unstarted((settings) -> {
			settings.firstTimeout(Duration.ofMinutes(1));
			settings.flushMode(FlushMode.IMMEDIATE);
		});
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(Duration.ofHours(3));
		assertThat(node.repository().operations().describe(session.getHandle()).expiresIn())
			.isLessThanOrEqualTo(Duration.ofMinutes(1));
		assertThat(find(node, session.getHandle()).getMaxInactiveInterval()).isEqualTo(Duration.ofHours(3));
		StoredSession found = node.repository().clientSessions().findById(session.getId());
		assertThat(found.getMaxInactiveInterval()).isEqualTo(Duration.ofHours(3));
		assertThat(node.repository().operations().describe(session.getHandle()).expiresIn())
			.isGreaterThan(Duration.ofMinutes(179));
		found.setMaxInactiveInterval(Duration.ofMinutes(2));
		assertThat(node.repository().operations().describe(session.getHandle()).expiresIn())
			.isLessThanOrEqualTo(Duration.ofMinutes(2));
	}

	@Test
	default void aFirstTimeoutThatIsNotShorterHasNoEffect() {
		Node node = repositories().unstarted((settings) -> {
			settings.idleTimeout(Duration.ofMinutes(1));
			settings.firstTimeout(Duration.ofMinutes(2));
		});
		StoredSession session = create(node);
		assertThat(node.repository().operations().describe(session.getHandle()).expiresIn())
			.isLessThanOrEqualTo(Duration.ofMinutes(1));
		node.repository().clientSessions().findById(session.getId());
		assertThat(node.repository().operations().describe(session.getHandle()).expiresIn())
			.isLessThanOrEqualTo(Duration.ofMinutes(1));
	}

	@Test
	default void idleTimeoutsThatCodeAsksForStayWithinTheBounds() {
		Node node = repositories()
			.unstarted((settings) -> settings.timeoutBounds(Duration.ofMinutes(2), Duration.ofMinutes(10)));
		StoredSession session = create(node);
		assertThat(session.getMaxInactiveInterval()).as("the default").isEqualTo(Duration.ofMinutes(30));
		session.setMaxInactiveInterval(Duration.ofSeconds(1));
		assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(2));
		session.setMaxInactiveInterval(Duration.ofHours(1));
		assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(10));
		node.repository().save(session);
		assertThat(find(node, session.getId()).getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(10));
		session.setMaxInactiveInterval(Duration.ZERO);
		assertThat(session.getMaxInactiveInterval()).as("for ever").isNegative();
		assertThatIllegalArgumentException()
			.isThrownBy(() -> repositories()
				.unstarted((settings) -> settings.timeoutBounds(Duration.ofMinutes(2), Duration.ofMinutes(1))))
			.withMessageContaining("PT2M");
	}

	@Test
	default void aSessionOfSpringSessionIsTakenOverOnce() {
		Node first = repositories().unstarted((settings) -> settings.migrateFrom("spring:session"));
		Node second = repositories().unstarted((settings) -> settings.migrateFrom("spring:session"));
		String oldId = UUID.randomUUID().toString();
		Instant created = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
		writeOldSession(first, oldId,
				Map.of("creationTime", created.toEpochMilli(), "lastAccessedTime", Instant.now().toEpochMilli(),
						"maxInactiveInterval", 600, "sessionAttr:" + PRINCIPAL, "alice", "sessionAttr:cart",
						new Cart()));
		StoredSession taken = first.repository().clientSessions().findById(oldId);
		assertThat(taken).isNotNull();
		assertThat(taken.getCreationTime()).isEqualTo(created);
		assertThat(taken.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(10));
		assertThat(taken.<Cart>getAttribute("cart")).isNotNull();
		StoredSession again = second.repository().clientSessions().findById(oldId);
		assertThat(again.getId()).as("made on another node").isEqualTo(taken.getId()).isNotEqualTo(oldId);
		assertThat(second.repository().findByPrincipalName("alice").values()).containsExactly(taken);
		assertThat(first.repository().operations().count()).isEqualTo(1);
		assertThat(first.repository().getStatistics().get(SessionCounter.TAKEN_OVER)
				+ second.repository().getStatistics().get(SessionCounter.TAKEN_OVER))
			.isEqualTo(1);
		await().until(() -> topology().keys().stream().noneMatch((key) -> key.startsWith("spring:session:")));
		taken.changeSessionId();
		first.repository().save(taken);
		assertThat(second.repository().clientSessions().findById(oldId)).as("dead with the id it led to").isNull();
		assertThat(second.repository().clientSessions().findById(taken.getId())).isNotNull();
		assertThat(node().repository().clientSessions().findById(oldId)).as("where it is not set").isNull();
	}

	@Test
	default void anAliasIsNotLookedUpElsewhere() {
		Node node = repositories().unstarted((settings) -> settings.migrateFrom("spring:session"));
		StoredSession session = create(node, "alice");
		String alias = node.repository().findByPrincipalName("alice").keySet().iterator().next();
		try (Monitor monitor = topology().monitor()) {
			assertThat(node.repository().clientSessions().findById(alias)).isNull();
			node.repository().clientSessions().deleteById(alias);
			assertThat(node.repository().findById(session.getId())).isNotNull();
			assertThat(monitor.commands()).hasSize(1);
		}
	}

	@Test
	default void whatWasTakenOverAndStayedBehindDoesNotComeBackAfterALogOut() {
		Node node = repositories().unstarted((settings) -> settings.migrateFrom("spring:session"));
		String oldId = UUID.randomUUID().toString();
		Map<String, Object> fields = Map.of("creationTime", Instant.now().toEpochMilli(), "lastAccessedTime",
				Instant.now().toEpochMilli(), "maxInactiveInterval", 600, "sessionAttr:" + PRINCIPAL, "alice");
		writeOldSession(node, oldId, fields);
		StoredSession taken = node.repository().clientSessions().findById(oldId);
		assertThat(topology().keys()).as("removed before the request goes on")
			.doesNotContain("spring:session:sessions:" + oldId);
		// as if the node had died before it removed the old one
		writeOldSession(node, oldId, fields);
		assertThat(node.repository().clientSessions().findById(oldId).getId()).isEqualTo(taken.getId());
		node.repository().deleteById(taken.getId());
		assertThat(node.repository().clientSessions().findById(oldId)).isNull();
		assertThat(sessionKeys()).isEmpty();
	}

	private static void writeOldSession(Node node, String id, Map<String, Object> fields) {
		JdkSerializationRedisSerializer serializer = new JdkSerializationRedisSerializer();
		byte[] key = ("spring:session:sessions:" + id).getBytes(StandardCharsets.UTF_8);
		LettuceConnectionFactory factory = node.connectionFactory();
		try (RedisConnection connection = factory.isClusterAware() ? factory.getClusterConnection()
				: factory.getConnection()) {
			fields.forEach((name, value) -> connection.hashCommands()
				.hSet(key, name.getBytes(StandardCharsets.UTF_8), serializer.serialize(value)));
		}
	}

	@Test
	default void oldSessionIsLookedUpBeforeTheOneThatReplacesIt() {
		assumeThat(topology().isCluster()).as("several servers").isFalse();
		Node node = repositories().unstarted((settings) -> settings.migrateFrom("spring:session"));
		String id = UUID.randomUUID().toString();
		try (Monitor monitor = topology().monitor()) {
			assertThat(node.repository().clientSessions().findById(id)).isNull();
			assertThat(monitor.commands()).hasSize(2);
			assertThat(monitor.commands().get(0).toString()).contains("spring:session:sessions:" + id);
			assertThat(monitor.commands().get(1).toString()).contains("app:session:session:{");
		}
	}

	@Test
	default void principalOfReactiveApplicationsIsIndexed() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setAttribute(ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "carl");
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("carl")).hasSize(1);
		session.setAttribute(PRINCIPAL, "anna");
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("carl")).isEmpty();
		assertThat(node.repository().findByPrincipalName("anna")).hasSize(1);
		session.removeAttribute(PRINCIPAL);
		session.removeAttribute(ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME);
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("anna")).isEmpty();
	}

	@Test
	default void sessionsAreFoundByPrincipal() {
		Node first = node();
		Node second = node();
		StoredSession one = create(first, "alice");
		StoredSession two = create(second, "alice");
		create(first, "bob");
		Map<String, StoredSession> found = first.repository().findByPrincipalName("alice");
		assertThat(found.values()).extracting(StoredSession::getHandle)
			.containsExactlyInAnyOrder(one.getHandle(), two.getHandle());
		assertThat(found.get(one.getId()).<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
		assertThat(first.repository().operations().count(PRINCIPAL, "alice")).isEqualTo(2);
		assertThat(first.repository().findByPrincipalName("nobody")).isEmpty();
	}

	@Test
	default void foundSessionsAreNamedAlikeOnEveryNodeAndByNothingThatOpensThem() {
		Node first = node();
		Node second = node();
		List<StoredSession> sessions = List.of(create(first, "alice"), create(second, "alice"));
		sessions.get(0).changeSessionId();
		first.repository().save(sessions.get(0));
		Map<String, StoredSession> found = first.repository().findByPrincipalName("alice");
		assertThat(List.copyOf(found.keySet()))
			.isEqualTo(List.copyOf(second.repository().findByPrincipalName("alice").keySet()))
			.allMatch((alias) -> alias.startsWith("!"))
			.allMatch((alias) -> alias.length() == sessions.get(0).getId().length());
		found.forEach((alias, session) -> {
			assertThat(session.getId()).isEqualTo(alias);
			assertThat(find(first, session.getHandle()).getId()).isEqualTo(alias);
			assertThat(find(second, alias).getId()).isEqualTo(alias);
			assertThat(first.repository().clientSessions().findById(alias)).isNull();
			first.repository().clientSessions().deleteById(alias);
			assertThat(first.repository().findById(alias)).isNotNull();
		});
		assertThat(first.repository().operations().sessionsByHandle().findByPrincipalName("alice"))
			.containsOnlyKeys(sessions.get(0).getHandle(), sessions.get(1).getHandle());
	}

	@Test
	default void foundSessionsAreLookedUpByIdAliasAndHandle() {
		Node node = node();
		StoredSession session = create(node, "alice");
		String old = session.getId();
		session.changeSessionId();
		node.repository().save(session);
		StoredSession other = create(node, "alice");
		Map<String, StoredSession> found = node().repository().findByPrincipalName("alice");
		String alias = found.values()
			.stream()
			.filter(session::equals)
			.map(StoredSession::getId)
			.findAny()
			.orElseThrow();
		for (String name : List.of(session.getId(), alias, session.getHandle())) {
			assertThat(found.get(name)).isEqualTo(session);
			assertThat(found.getOrDefault(name, other)).isEqualTo(session);
			assertThat(found.containsKey(name)).isTrue();
			assertThat(found.keySet().contains(name)).isTrue();
			Map<String, StoredSession> another = node().repository().findByPrincipalName("alice");
			assertThat(another.remove(name)).isEqualTo(session);
			assertThat(another.values()).containsExactly(other);
			Map<String, StoredSession> more = node().repository().findByPrincipalName("alice");
			assertThat(more.keySet().remove(name)).isTrue();
			assertThat(more.keySet().retainAll(List.of(name))).isTrue();
			assertThat(more).isEmpty();
			more = node().repository().findByPrincipalName("alice");
			assertThat(more.keySet().removeAll(List.of(name, "?"))).isTrue();
			assertThat(more.values()).containsExactly(other);
			more.clear();
			assertThat(more).isEmpty();
		}
		for (String name : List.of(old, session.getHandle() + "A".repeat(43), alias.substring(1), "?")) {
			assertThat(found.get(name)).isNull();
			assertThat(found.containsKey(name)).isFalse();
			assertThat(found.keySet().contains(name)).isFalse();
			assertThat(found.remove(name)).isNull();
		}
		assertThat(found.get(null)).isNull();
		assertThat(found.put(session.getId(), other)).isEqualTo(session);
		assertThat(found).hasSize(2);
	}

	@Test
	default void anAliasServesWhereverAnIdDoes() {
		Node node = repositories().unstarted((settings) -> settings.limitPerPrincipal(2, OnExceeded.REJECT));
		StoredSession session = create(node, "alice");
		Node other = node();
		String alias = other.repository().findByPrincipalName("alice").keySet().iterator().next();
		String foreign = "!" + "A".repeat(42) + session.getHandle();
		StoredSession found = find(other, alias);
		found.setAttribute("expired", true);
		other.repository().save(found);
		assertThat(find(node, session.getId()).<Boolean>getAttribute("expired")).isTrue();
		node.repository().reserve(alias, Map.of(PRINCIPAL, "bob"));
		assertThat(node.repository().operations().count(PRINCIPAL, "bob")).isEqualTo(1);
		SessionOperations operations = other.repository().operations();
		assertThat(operations.describe(alias)).isNotNull();
		assertThat(operations.types(alias)).containsKey("expired");
		assertThat(operations.handle(alias)).isEqualTo(session.getHandle());
		assertThat(operations.describe(foreign)).isNull();
		assertThat(operations.end(foreign)).isFalse();
		other.repository().deleteById(foreign);
		assertThat(other.repository().findById(foreign)).isNull();
		assertThat(operations.sessionsByHandle().findById(alias).getId()).isEqualTo(session.getHandle());
		other.repository().deleteById(alias);
		assertThat(node.repository().findById(session.getId())).isNull();
		assertThat(operations.end(alias)).isFalse();
	}

	@Test
	default void eventsNameASessionByTheIdThatTheNodeKnows() {
		Node node = node();
		for (Consumer<String> deletion : List.<Consumer<String>>of(node.repository()::deleteById,
				(id) -> node.repository().deleteById(id.substring(0, 16)),
				(id) -> node.repository().deleteByPrincipalName("alice"),
				(id) -> node.repository()
					.findByPrincipalName("alice")
					.keySet()
					.forEach(node.repository()::deleteById))) {
			StoredSession session = create(node, "alice");
			node.events().clear();
			deletion.accept(session.getId());
			assertThat(node.events(SessionDeletedEvent.class)).singleElement()
				.extracting(SessionDeletedEvent::getSessionId)
				.isEqualTo(session.getId());
		}
	}

	@ParameterizedTest
	@EnumSource
	default void aLogInWithSamlIsFoundByItsPrincipal(ValueForm form) {
		Consumer<SessionSettingsBuilder> customizer = (settings) -> {
			settings.valueForm(form);
			settings.allowedTypes(List.of());
		};
		List<SecurityContext> logIns = List.of(SamlValues.logInByResponse(), SamlValues.logInByAssertion(),
				SamlValues.logInByName());
		Node node = repositories().unstarted(customizer);
		for (SecurityContext logIn : logIns) {
			StoredSession session = node.repository().createSession();
			node.repository().save(session);
			session.setAttribute("SPRING_SECURITY_CONTEXT", logIn);
			node.repository().save(session);
		}
		Map<String, StoredSession> found = repositories().unstarted(customizer)
			.repository()
			.findByPrincipalName("alice@example.org");
		assertThat(found.values())
			.extracting(
					(session) -> session.<SecurityContext>getAttribute("SPRING_SECURITY_CONTEXT").getAuthentication())
			.extracting(Object::getClass, Authentication::getName, (logIn) -> logIn.getPrincipal().getClass())
			.containsExactlyInAnyOrderElementsOf(logIns.stream()
				.map(SecurityContext::getAuthentication)
				.map((logIn) -> tuple(logIn.getClass(), "alice@example.org", logIn.getPrincipal().getClass()))
				.toList());
	}

	@Test
	default void aSessionFoundByPrincipalCanBeChangedWhileItsIdChanges() {
		Node first = node();
		Node second = node();
		StoredSession session = create(first, "alice");
		StoredSession found = second.repository().findByPrincipalName("alice").values().iterator().next();
		session.changeSessionId();
		first.repository().save(session);
		found.setAttribute("expired", true);
		second.repository().save(found);
		assertThat(find(first, session.getId()).<Boolean>getAttribute("expired")).isTrue();
	}

	@Test
	default void anIndexFollowsItsAttribute() {
		Node node = node();
		StoredSession session = create(node, "alice");
		session.setAttribute(PRINCIPAL, "bob");
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("bob")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		await().until(() -> node.repository().operations().count(PRINCIPAL, "alice") == 0);
		session.removeAttribute(PRINCIPAL);
		node.repository().save(session);
		assertThat(node.repository().findByPrincipalName("bob")).isEmpty();
		await().until(() -> node.repository().operations().count(PRINCIPAL, "bob") == 0);
	}

	@Test
	default void requestsThatChangeDifferentIndexesBothLeaveTheirs() {
		Node node = repositories().unstarted((settings) -> settings.indexedAttributes(List.of("tenant", "role")));
		StoredSession session = create(node, "alice");
		StoredSession first = find(node, session.getId());
		StoredSession second = find(node, session.getId());
		first.setAttribute("tenant", "acme");
		second.setAttribute("role", "admin");
		second.setAttribute(PRINCIPAL, "bob");
		node.repository().save(first);
		node.repository().save(second);
		assertThat(node.repository().findByIndexNameAndIndexValue("tenant", "acme")).hasSize(1);
		assertThat(node.repository().findByIndexNameAndIndexValue("role", "admin")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("bob")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		first.removeAttribute("tenant");
		node.repository().save(first);
		assertThat(node.repository().findByIndexNameAndIndexValue("tenant", "acme")).isEmpty();
		assertThat(node.repository().findByPrincipalName("bob")).hasSize(1);
	}

	@Test
	default void attributesAndElementsAreIndexed() {
		Node node = repositories()
			.unstarted((settings) -> settings.indexedAttributes(List.of("tenant", "principal", "roles")));
		StoredSession session = node.repository().createSession();
		session.setAttribute("tenant", "a:b{c}");
		session.setAttribute("principal", "not the principal");
		session.setAttribute("roles", new ArrayList<>(List.of("user", "admin")));
		node.repository().save(session);
		assertThat(node.repository().findByIndexNameAndIndexValue("tenant", "a:b{c}")).hasSize(1);
		assertThat(node.repository().findByIndexNameAndIndexValue("tenant:a", "b{c}")).isEmpty();
		assertThat(node.repository().findByIndexNameAndIndexValue("principal", "not the principal")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("not the principal")).isEmpty();
		assertThat(node.repository().findByIndexNameAndIndexValue("roles", "admin")).hasSize(1);
		StoredSession found = find(node, session.getId());
		found.<List<String>>getRequiredAttribute("roles").remove("admin");
		node.repository().save(found);
		assertThat(node.repository().findByIndexNameAndIndexValue("roles", "admin")).isEmpty();
		assertThat(node.repository().findByIndexNameAndIndexValue("roles", "user")).hasSize(1);
	}

	@Test
	default void aResolverAddsIndexesAndMayTellThePrincipal() {
		Node node = repositories().unstarted((settings) -> settings.indexResolver((session) -> {
			String email = session.getAttribute("email");
			return (email != null) ? Map.of("email", email, PRINCIPAL, "user of " + email) : Map.of();
		}));
		StoredSession session = create(node, "alice");
		assertThat(node.repository().findByPrincipalName("alice")).hasSize(1);
		session.setAttribute("email", "a@example.org");
		node.repository().save(session);
		assertThat(node.repository().findByIndexNameAndIndexValue("email", "a@example.org")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("user of a@example.org")).hasSize(1);
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
	}

	@Test
	default void allSessionsOfAPrincipalAreDeleted() {
		Node node = node();
		create(node, "alice");
		create(node, "alice");
		StoredSession other = create(node, "bob");
		assertThat(node.repository().deleteByPrincipalName("alice")).isEqualTo(2);
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		assertThat(node.repository().findById(other.getId())).isNotNull();
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(2);
		assertThat(node.repository().deleteByPrincipalName("alice")).isZero();
	}

	@Test
	default void whicheverKeyWasActiveSessionsAreFoundCountedAndDeleted() {
		Map<String, byte[]> keys = Map.of("k1", new byte[32], "k2", "another key, of 32 bytes exactly".getBytes(UTF_8));
		List<Node> nodes = new ArrayList<>(List.of(node()));
		for (String active : List.of("k1", "k2")) {
			nodes.add(repositories().unstarted((settings) -> {
				settings.encryptionKeys(new EncryptionKeys(keys, active));
				settings.acceptPlainUntil(Instant.now().plus(Duration.ofDays(1)));
			}));
		}
		Node off = repositories().unstarted((settings) -> settings.encryptionKeys(new EncryptionKeys(keys, null)));
		nodes.forEach((node) -> create(node, "alice"));
		create(nodes.get(1), "bob");
		assertThat(nodes.get(0).repository().findByPrincipalName("alice")).as("knows no key").hasSize(1);
		nodes.set(0, off);
		for (Node node : nodes) {
			assertThat(node.repository().findByPrincipalName("alice")).hasSize(3);
			assertThat(node.repository().operations().count(PRINCIPAL, "alice")).isEqualTo(3);
			assertThat(node.repository().findByPrincipalName("bob")).hasSize(1);
		}
		StoredSession moved = find(nodes.get(2), sessionOf(nodes.get(1), "bob").getHandle());
		moved.setAttribute("a", "b");
		nodes.get(2).repository().save(moved);
		await().untilAsserted(
				() -> assertThat(nodes.get(0).repository().operations().count(PRINCIPAL, "bob")).isEqualTo(1));
		assertThat(sessionOf(nodes.get(1), "bob").<String>getAttribute("a")).isEqualTo("b");
		assertThat(nodes.get(1).repository().deleteByPrincipalName("alice")).isEqualTo(3);
		assertThat(nodes.get(2).repository().deleteByPrincipalName("bob")).isEqualTo(1);
		await().untilAsserted(() -> assertThat(topology().keys()).isEmpty());
	}

	private static StoredSession sessionOf(Node node, String principal) {
		return node.repository().findByPrincipalName(principal).values().iterator().next();
	}

	@Test
	default void eventsAreToldWhereSessionsAreCreatedAndDeleted() {
		Node first = node();
		Node second = node();
		StoredSession session = first.repository().createSession();
		session.setAttribute("a", "b");
		first.repository().save(session);
		second.repository().deleteById(session.getId());
		assertThat(first.events(SessionCreatedEvent.class)).hasSize(1)
			.allSatisfy((event) -> assertThat(event.getSessionId()).isEqualTo(session.getId()));
		assertThat(first.events(SessionDeletedEvent.class)).isEmpty();
		assertThat(second.events(SessionDeletedEvent.class)).hasSize(1).allSatisfy((event) -> {
			assertThat(event.getSessionId()).startsWith("!").endsWith(session.getHandle());
			assertThat(event.<StoredSession>getSession().<String>getAttribute("a")).isEqualTo("b");
		});
	}

	@Test
	default void broadcastEventsAreToldOnEveryNode() {
		Node first = broadcasting();
		Node second = broadcasting();
		awaitHearing(first, second);
		StoredSession session = first.repository().createSession();
		session.setAttribute("a", "b");
		session.setMaxInactiveInterval(Duration.ofHours(2));
		first.repository().save(session);
		StoredSession created = toldOn(second, SessionCreatedEvent.class, session);
		assertThat(created.<String>getAttribute("a")).isEqualTo("b");
		assertThat(created.getAttributeNames()).containsExactly("a");
		assertThat(created.getMaxInactiveInterval()).isEqualTo(Duration.ofHours(2));
		assertThat(created.getCreationTime()).isEqualTo(session.getCreationTime());
		assertThat(created.getLastAccessedTime()).isBetween(session.getCreationTime().minusSeconds(1), Instant.now());
		assertThat(created.isExpired()).isFalse();
		first.repository().deleteById(session.getId());
		StoredSession deleted = toldOn(second, SessionDeletedEvent.class, session);
		assertThat(deleted.<String>getAttribute("a")).isEqualTo("b");
		assertThat(deleted.getMaxInactiveInterval()).isEqualTo(Duration.ofHours(2));
		assertThat(deleted.getCreationTime()).isEqualTo(session.getCreationTime());
		assertThat(deleted.getLastAccessedTime()).isBetween(session.getCreationTime().minusSeconds(1), Instant.now());
		assertThat(first.events(SessionDeletedEvent.class))
			.filteredOn((event) -> session.getId().equals(event.getSessionId()))
			.hasSize(1);
		deleted.setAttribute("c", "d");
		second.repository().save(deleted);
		assertThat(second.repository().findById(session.getId())).as("stays ended").isNull();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	default void anExpiryThatIsBroadcastHasTheContentOfTheSession(boolean encrypted) {
		Consumer<SessionSettingsBuilder> customizer = (settings) -> {
			settings.events(EventDelivery.BROADCAST);
			if (encrypted) {
				settings.encryptionKeys(new EncryptionKeys(Map.of("k", new byte[32]), "k"));
			}
		};
		Node first = repositories().node(customizer);
		Node second = repositories().node((settings) -> {
			customizer.accept(settings);
			settings.collectorEnabled(false);
		});
		awaitHearing(first, second);
		StoredSession session = first.repository().createSession();
		session.setAttribute("a", "b");
		session.setMaxInactiveInterval(Duration.ofMillis(200));
		first.repository().save(session);
		StoredSession expired = toldOn(second, SessionExpiredEvent.class, session);
		assertThat(expired.<String>getAttribute("a")).isEqualTo("b");
		assertThat(expired.getMaxInactiveInterval()).isEqualTo(Duration.ofMillis(200));
		assertThat(expired.isExpired()).isTrue();
		assertThat(expired.getLastAccessedTime()).isBetween(session.getCreationTime().minusSeconds(1),
				session.getCreationTime().plusSeconds(1));
	}

	@Test
	default void whatIsKeptOfAnEndedSessionIsFoundByNothingElseAndGoesSoon() {
		Node node = repositories().unstarted((settings) -> settings.events(EventDelivery.BROADCAST));
		StoredSession session = create(node, "alice");
		node.repository().deleteById(session.getId());
		String kept = "app:session:ended:{" + session.getHandle() + "}";
		assertThat(topology().pttl(kept)).isBetween(20_000L, 30_000L);
		assertThat(node.repository().findById(session.getId())).isNull();
		assertThat(node.repository().findById(session.getHandle())).isNull();
		assertThat(node.repository().clientSessions().findById(session.getId())).isNull();
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		SessionOperations operations = node.repository().operations();
		assertThat(operations.describe(session.getHandle())).isNull();
		await().untilAsserted(() -> assertThat(topology().keys()).containsExactly(kept));
		assertThat(operations.page(null, 10).sessions()).isEmpty();
		assertThat(operations.count()).isZero();
		assertThat(operations.end(session.getHandle())).isFalse();
		Node local = node();
		StoredSession other = create(local, "alice");
		local.repository().deleteById(other.getId());
		await().untilAsserted(
				() -> assertThat(topology().keys()).as("nothing where events are local").containsExactly(kept));
	}

	@Test
	default void aSessionThatIsGoneOrDamagedIsToldWithoutAttributes() {
		Node first = broadcasting();
		Node second = broadcasting();
		awaitHearing(first, second);
		StoredSession damaged = create(first, "alice");
		first.repository().deleteById(damaged.getId());
		topology().damage("app:session:ended:{" + damaged.getHandle() + "}", "damaged");
		StoredSession gone = create(first, "alice");
		first.repository().deleteById(gone.getId());
		StoredSession toldDamaged = toldOn(second, SessionDeletedEvent.class, damaged);
		StoredSession toldGone = toldOn(second, SessionDeletedEvent.class, gone);
		topology().remove("app:session:ended:{" + gone.getHandle() + "}");
		for (StoredSession told : List.of(toldDamaged, toldGone)) {
			assertThat(told.<String>getAttribute(PRINCIPAL)).isNull();
			assertThat(told.getAttributeNames()).isEmpty();
			assertThat(told.getMaxInactiveInterval()).isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL);
		}
	}

	@Test
	default void endsOfServedSessionsReachTheRegistryOfANode() {
		List<String> told = new CopyOnWriteArrayList<>();
		Node node = repositories().unstarted((settings) -> settings.collectorEnabled(false),
				(engine) -> engine.setSessionEndListener((event) -> {
					told.add(event.getSessionId());
					if (told.size() == 1) {
						throw new IllegalStateException("The test wants the listener to fail");
					}
				}));
		Node other = repositories().node((settings) -> {
		}, (engine) -> engine.setSessionEndListener((event) -> told.add("told on the other node")));
		List<StoredSession> sessions = new ArrayList<>();
		for (int i = 0; i < 600; i++) {
			sessions.add(create(node, "alice"));
		}
		StoredSession living = create(node, "bob");
		StoredSession changed = create(node, "bob");
		String before = changed.getId();
		changed.changeSessionId();
		node.repository().save(changed);
		assertThat(other.repository().deleteByPrincipalName("alice")).isEqualTo(600);
		node.engine().start();
		await().untilAsserted(() -> assertThat(told).as("before it began to listen")
			.containsExactlyInAnyOrderElementsOf(sessions.stream().map(StoredSession::getId).toList()));
		told.clear();
		StoredSession expiring = node.repository().createSession();
		expiring.setMaxInactiveInterval(Duration.ofMillis(50));
		node.repository().save(expiring);
		other.repository().operations().end(changed.getHandle());
		await().untilAsserted(() -> assertThat(told).as("while it listens")
			.containsExactlyInAnyOrder(expiring.getId(), before, changed.getId()));
		assertThat(node.events(SessionDestroyedEvent.class)).isEmpty();
		told.clear();
		node.repository().deleteById(living.getId());
		assertThat(node.events(SessionDeletedEvent.class)).singleElement()
			.extracting(SessionDeletedEvent::getSessionId)
			.isEqualTo(living.getId());
		assertThat(told).as("the event told it").isEmpty();
	}

	@Test
	default void withoutEventsTheRegistryIsNotTold() {
		List<String> told = new CopyOnWriteArrayList<>();
		Node node = repositories().node((settings) -> settings.events(EventDelivery.NONE),
				(engine) -> engine.setSessionEndListener((event) -> told.add(event.getSessionId())));
		node.repository().deleteById(create(node).getId());
		assertThat(told).isEmpty();
	}

	private Node broadcasting() {
		return repositories().node((settings) -> settings.events(EventDelivery.BROADCAST));
	}

	private static void awaitHearing(Node first, Node second) {
		await().until(() -> {
			first.repository().deleteById(create(first).getId());
			return !second.events(SessionDeletedEvent.class).isEmpty();
		});
	}

	private static StoredSession toldOn(Node node, Class<? extends AbstractSessionEvent> type, StoredSession session) {
		return await().until(() -> node.events(type)
			.stream()
			.map((event) -> event.<StoredSession>getSession())
			.filter((told) -> told.getHandle().equals(session.getHandle()))
			.findAny()
			.orElse(null), Objects::nonNull);
	}

	@Test
	default void withoutProtectedIdsEventsOfEveryNodeNameSessionsByTheirIds() {
		Node first = repositories().unstarted((settings) -> settings.protectIds(false));
		Node second = node();
		StoredSession session = create(first, "alice");
		assertThat(second.repository().findByPrincipalName("alice").keySet()).allMatch((id) -> id.startsWith("!"));
		StoredSession ending = create(first, "bob");
		second.repository().deleteById(ending.getHandle());
		assertThat(second.events(SessionDeletedEvent.class)).singleElement()
			.extracting(SessionDeletedEvent::getSessionId)
			.isEqualTo(ending.getId());
		StoredSession found = find(second, session.getId());
		found.changeSessionId();
		second.repository().save(found);
		assertThat(first.repository().findById(session.getId())).isNull();
	}

	@Test
	default void changesAreWrittenAtOnceWhenFlushedImmediately() {
		Node node = repositories().unstarted((settings) -> settings.flushMode(FlushMode.IMMEDIATE));
		StoredSession session = node.repository().createSession();
		session.setAttribute("a", "b");
		assertThat(find(node, session.getId()).<String>getAttribute("a")).isEqualTo("b");
		String id = session.changeSessionId();
		assertThat(node.repository().findById(id)).isNotNull();
	}

	/** Changed in place. */
	final class Cart implements Serializable {

		private static final long serialVersionUID = 1L;

		final List<String> items = new ArrayList<>();

	}

}
