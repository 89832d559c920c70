package app.session.redis.servlet;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.engine.SaveOptions;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Background;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.ClientListArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests when copies of sessions are used without asking Redis, and when not.
 */
@ExtendWith(OutputCaptureExtension.class)
class BoundedTrustITests {

	/** Long enough that only a message can be the reason why a change is seen. */
	private static final Duration LONG = Duration.ofSeconds(10);

	private static final Duration SHORT = Duration.ofSeconds(1);

	private static final RequestClient GET = new RequestClient() {

		@Override
		public boolean isSafe() {
			return true;
		}

	};

	private static final RequestClient POST = RequestClient.UNKNOWN;

	private static final RequestClient POLLING = new RequestClient() {

		@Override
		public boolean isSafe() {
			return true;
		}

		@Override
		public boolean isPassive() {
			return true;
		}

	};

	private static final RedisServer server = RedisServer.start();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final MessageFaults allDropped = new MessageFaults(1, Duration.ZERO);

	private final TestRepositories deaf = TestRepositories.on(server).with(this.allDropped);

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.deaf.close();
		this.allDropped.close();
		server.commands().aclSetuser("default", AclSetuserArgs.Builder.allChannels());
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	private Node node(Duration maxAge) {
		return node(maxAge, (settings) -> {
		});
	}

	private Node node(Duration maxAge, Consumer<SessionSettingsBuilder> settings) {
		return started(this.repositories, maxAge, settings);
	}

	private static Node started(TestRepositories repositories, Duration maxAge,
			Consumer<SessionSettingsBuilder> settings) {
		Node node = repositories.node((builder) -> {
			builder.nearCacheMaxAge(maxAge);
			settings.accept(builder);
		});
		if (!maxAge.isZero()) {
			await().until(() -> node.repository().getStatistics().isNearCacheTrusted());
		}
		return node;
	}

	private static StoredSession create(Node node) {
		return create(node, (session) -> {
		});
	}

	private static StoredSession create(Node node, Consumer<StoredSession> customizer) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("role", "admin");
		session.setAttribute("number", 0);
		customizer.accept(session);
		node.repository().save(session);
		return session;
	}

	private static @Nullable StoredSession find(Node node, SessionScope scope, String id) {
		StoredSession session = BlockingCaller.result(node.engine().finder().findForClient(scope, id));
		if (session != null && !scope.client().isPassive()) {
			session.setLastAccessedTime(Instant.now());
		}
		return session;
	}

	private static @Nullable StoredSession get(Node node, String id) {
		return find(node, new SessionScope(GET), id);
	}

	/** Reads a session until the node has a copy that it trusts. */
	private static void trust(Node node, String id) {
		get(node, id);
		get(node, id);
		assertThat(isAsked(node, () -> get(node, id))).isFalse();
	}

	private static void set(Node node, String id, String name, Object value) {
		change(node, POST, id, (session) -> session.setAttribute(name, value));
	}

	private static StoredSession change(Node node, RequestClient client, String id, Consumer<StoredSession> change) {
		SessionScope scope = new SessionScope(client);
		StoredSession session = find(node, scope, id);
		assertThat(session).isNotNull();
		change.accept(session);
		save(node, scope, session);
		return session;
	}

	private static void save(Node node, SessionScope scope, StoredSession session) {
		BlockingCaller.result(node.engine().saver().save(scope, session, (each) -> SaveOptions.of(true, false)));
	}

	/** Returns whether a read sends a command. */
	private static boolean isAsked(Node node, Runnable read) {
		long before = count(node, SessionCounter.COMMANDS);
		long trusted = count(node, SessionCounter.NEAR_CACHE_TRUSTED);
		read.run();
		boolean asked = count(node, SessionCounter.COMMANDS) > before;
		assertThat(count(node, SessionCounter.NEAR_CACHE_TRUSTED) - trusted).isEqualTo(asked ? 0 : 1);
		return asked;
	}

	private static long count(Node node, SessionCounter counter) {
		return node.repository().getStatistics().get(counter);
	}

	private static boolean isTrusting(Node node) {
		return node.repository().getStatistics().isNearCacheTrusted();
	}

	@Test
	void safeRequest_asksNobodyUntilTheAgeIsReached() throws InterruptedException {
		Node node = quiet(SHORT);
		String id = create(node).getId();
		trust(node, id);
		StoredSession session = get(node, id);
		assertThat(session.<String>getAttribute("role")).isEqualTo("admin");
		Thread.sleep(SHORT.toMillis() + 50);
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
		assertThat(isAsked(node, () -> get(node, id))).isFalse();
	}

	/** A node that sends no commands of its own in the background. */
	private Node quiet(Duration maxAge) {
		return node(maxAge, (settings) -> settings.collectorEnabled(false));
	}

	@Test
	void age_countsFromTheTimeWhenTheLookupWasSent() {
		try (TcpProxy proxy = TcpProxy.to(server);
				TestRepositories far = TestRepositories.on(proxy.host(), proxy.port())) {
			Node node = started(far, SHORT, (settings) -> settings.collectorEnabled(false));
			String id = create(node).getId();
			trust(node, id);
			proxy.delay(Direction.TO_CLIENT, SHORT.plusMillis(100));
			await().until(() -> isAsked(node, () -> get(node, id)));
			assertThat(isAsked(node, () -> get(node, id))).isTrue();
			assertThat(isAsked(node, () -> get(node, id))).isTrue();
		}
	}

	@Test
	void otherRequests_alwaysAsk() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		assertThat(isAsked(node, () -> find(node, new SessionScope(POST), id))).isTrue();
		assertThat(isAsked(node, () -> node.repository().findById(id))).isTrue();
	}

	@Test
	void requestWithALock_alwaysAsks() {
		Node node = node(LONG, (settings) -> settings.collectorEnabled(false)
			.locks(new LockSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		Node other = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		for (int i = 0; i < 20; i++) {
			set(other, id, "number", i);
			SessionScope scope = new SessionScope(GET);
			SessionId parsed = SessionId.parse(id);
			assertThat(BlockingCaller.result(node.engine().locking().lockForClient(scope, parsed))).isTrue();
			assertThat(find(node, scope, id).<Integer>getAttribute("number")).isEqualTo(i);
			scope.releaseLocks();
		}
	}

	@Test
	void lockAfterATrustedRead_readsTheSessionAgain() {
		Node node = deaf(LONG, (settings) -> settings
			.locks(new LockSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		Node other = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		set(other, id, "number", 7);
		SessionScope scope = new SessionScope(GET);
		StoredSession session = find(node, scope, id);
		assertThat(session.<Integer>getAttribute("number")).isZero();
		assertThat(BlockingCaller.result(node.engine().locking().lock(scope, id))).isTrue();
		assertThat(session.<Integer>getAttribute("number")).isEqualTo(7);
		scope.releaseLocks();
		assertThat(get(node, id).<Integer>getAttribute("number")).as("not the state before").isEqualTo(7);
	}

	@Test
	void clientThatHasSeenAChange_neverSeesTheStateBeforeIt() {
		Node node = deaf(LONG);
		Node other = quiet(LONG);
		StoredSession session = create(node);
		String id = session.getId();
		trust(node, id);
		int number = 0;
		List<Runnable> reads = List.of(() -> find(node, new SessionScope(POST), id),
				() -> find(node, severalCookies(id), id), () -> node.repository().findById(id),
				() -> node.repository().findById(session.getHandle()));
		for (Runnable read : reads) {
			number++;
			set(other, id, "number", number);
			assertThat(get(node, id).<Integer>getAttribute("number")).as("trusted").isEqualTo(number - 1);
			read.run();
			assertThat(get(node, id).<Integer>getAttribute("number")).isEqualTo(number);
			trust(node, id);
		}
	}

	private static SessionScope severalCookies(String id) {
		SessionScope scope = new SessionScope(GET);
		scope.resolvedIds(List.of("A".repeat(59), id));
		return scope;
	}

	@Test
	void concurrentLookupsWithDifferentContents_areNotTrusted() {
		Node node = deaf(LONG);
		Node other = quiet(LONG);
		try (TcpProxy proxy = TcpProxy.to(server);
				MessageFaults dropped = new MessageFaults(1, Duration.ZERO);
				TestRepositories slow = TestRepositories.on(proxy.host(), proxy.port()).with(dropped)) {
			Node late = started(slow, LONG, (settings) -> settings.collectorEnabled(false));
			String id = create(node).getId();
			get(late, id);
			proxy.stopForwarding(Direction.TO_CLIENT);
			AtomicReference<StoredSession> first = new AtomicReference<>();
			AtomicReference<StoredSession> second = new AtomicReference<>();
			CompletableFuture<Void> earlier = Background.run(() -> first.set(get(late, id)));
			await().until(() -> count(late, SessionCounter.COMMANDS) == 2);
			set(other, id, "number", 1);
			// The reply to a lookup that keeps no copy arrives together with the first
			// one
			CompletableFuture<Void> later = Background.run(() -> second.set(find(late, new SessionScope(POLLING), id)));
			await().until(() -> count(late, SessionCounter.COMMANDS) == 3);
			proxy.forward();
			earlier.join();
			later.join();
			assertThat(first.get().<Integer>getAttribute("number")).isZero();
			assertThat(second.get().<Integer>getAttribute("number")).isEqualTo(1);
			assertThat(get(late, id).<Integer>getAttribute("number")).isEqualTo(1);
		}
	}

	/** A node that receives no messages. */
	private Node deaf(Duration maxAge) {
		return deaf(maxAge, (settings) -> {
		});
	}

	private Node deaf(Duration maxAge, Consumer<SessionSettingsBuilder> settings) {
		return started(this.deaf, maxAge, (builder) -> {
			builder.collectorEnabled(false);
			settings.accept(builder);
		});
	}

	@Test
	void wrongSecret_findsNoCopy() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		String forged = id.substring(0, id.length() - 1) + (id.endsWith("A") ? "B" : "A");
		assertThat(isAsked(node, () -> assertThat(get(node, forged)).isNull())).isTrue();
		assertThat(get(node, id)).isNotNull();
	}

	@Test
	void changesOnTheSameNode_areSeenAtOnce() {
		// Without messages, so that only the node itself can know
		Node node = deaf(LONG);
		String id = create(node).getId();
		trust(node, id);
		for (int i = 1; i <= 20; i++) {
			set(node, id, "number", i);
			assertThat(get(node, id).<Integer>getAttribute("number")).isEqualTo(i);
			trust(node, id);
		}
		String changed = change(node, POST, id, StoredSession::changeSessionId).getId();
		assertThat(get(node, id)).isNull();
		trust(node, changed);
		BlockingCaller
			.result(node.engine().ender().delete(new SessionScope(POST), changed, DeletionReason.APPLICATION));
		assertThat(get(node, changed)).isNull();
	}

	@Test
	void operatorsDeletionOnTheSameNode_isSeenAtOnce() {
		Node node = deaf(LONG);
		StoredSession session = create(node,
				(each) -> each.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice"));
		trust(node, session.getId());
		BlockingCaller.result(node.engine()
			.ender()
			.deleteByIndex(SessionScope.none(), FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice",
					DeletionReason.OPERATOR));
		assertThat(get(node, session.getId())).isNull();
	}

	@Test
	void changesOnAnotherNode_areSeenWithTheirMessage() {
		Node node = quiet(LONG);
		Node other = quiet(LONG);
		StoredSession session = create(node);
		String id = session.getId();
		trust(node, id);
		set(other, id, "role", "user");
		assertSoon(() -> assertThat(get(node, id).<String>getAttribute("role")).isEqualTo("user"));
		trust(node, id);
		change(other, POST, id, (each) -> each.setMaxInactiveInterval(Duration.ofHours(2)));
		assertSoon(() -> assertThat(get(node, id).getMaxInactiveInterval()).isEqualTo(Duration.ofHours(2)));
		trust(node, id);
		other.repository().deleteById(id);
		assertSoon(() -> assertThat(get(node, id)).isNull());
	}

	@Test
	void changeOfTheIdOnAnotherNode_isSeenWithItsMessage() {
		Node node = quiet(LONG);
		Node other = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		change(other, POST, id, StoredSession::changeSessionId);
		assertSoon(() -> assertThat(get(node, id)).isNull());
	}

	@Test
	void deletionByPrincipalOnAnotherNode_isSeenWithItsMessage() {
		Node node = quiet(LONG);
		Node other = quiet(LONG);
		StoredSession session = create(node,
				(each) -> each.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice"));
		trust(node, session.getId());
		BlockingCaller.result(other.engine()
			.ender()
			.deleteByIndex(SessionScope.none(), FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice",
					DeletionReason.OPERATOR));
		assertSoon(() -> assertThat(get(node, session.getId())).isNull());
	}

	@Test
	void deletionWithBroadcastEvents_isSeenWithItsMessage() {
		Consumer<SessionSettingsBuilder> broadcast = (settings) -> settings.events(EventDelivery.BROADCAST);
		Node node = node(LONG, broadcast);
		Node other = node(LONG, broadcast);
		String id = create(node).getId();
		get(node, id);
		get(node, id);
		get(node, id);
		assertThat(count(node, SessionCounter.NEAR_CACHE_TRUSTED)).isPositive();
		other.repository().deleteById(id);
		assertSoon(() -> assertThat(get(node, id)).isNull());
	}

	/** Asserts something much sooner than the age of a copy would make it true. */
	private static void assertSoon(ThrowingRunnable assertion) {
		await().pollInterval(Duration.ofMillis(5)).atMost(LONG.dividedBy(3)).untilAsserted(assertion);
	}

	@Test
	void withoutMessages_changesAreSeenAfterTheAge() {
		Node node = deaf(Duration.ofSeconds(1));
		Node other = quiet(Duration.ofSeconds(1));
		String id = create(node).getId();
		trust(node, id);
		set(other, id, "role", "user");
		assertThat(get(node, id).<String>getAttribute("role")).as("the messages are dropped").isEqualTo("admin");
		await().atMost(Duration.ofMillis(1300))
			.untilAsserted(() -> assertThat(get(node, id).<String>getAttribute("role")).isEqualTo("user"));
		trust(node, id);
		other.repository().deleteById(id);
		assertThat(get(node, id)).isNotNull();
		await().atMost(Duration.ofMillis(1300)).untilAsserted(() -> assertThat(get(node, id)).isNull());
	}

	@Test
	void pausedRedis_isNoticedAfterTheAge() throws InterruptedException {
		Node node = quiet(SHORT);
		String id = create(node).getId();
		trust(node, id);
		server.pause();
		try {
			assertThat(get(node, id)).isNotNull();
			assertThatExceptionOfType(SessionStoreUnavailableException.class)
				.isThrownBy(() -> find(node, new SessionScope(POST), id));
			Thread.sleep(SHORT.toMillis() + 50);
			assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(() -> get(node, id));
		}
		finally {
			server.resume();
		}
		await().ignoreExceptionsInstanceOf(SessionStoreUnavailableException.class)
			.until(() -> get(node, id), Objects::nonNull);
	}

	@Test
	void flushAll_isSeenAfterTheAge() throws InterruptedException {
		Node node = quiet(SHORT);
		String id = create(node).getId();
		trust(node, id);
		server.flushAll();
		Thread.sleep(SHORT.toMillis() + 50);
		assertThat(get(node, id)).isNull();
	}

	@Test
	void sessionThatWaitsForItsSecondRequest_isNotTrusted() {
		Node node = node(SHORT, (settings) -> settings.collectorEnabled(false).firstTimeout(Duration.ofMinutes(1)));
		String id = create(node).getId();
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isTrue();
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isTrue();
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isTrue();
	}

	@Test
	void sessionWhoseDeadlineIsWithinTheAge_isNotTrusted() throws InterruptedException {
		Node node = node(Duration.ofSeconds(1),
				(settings) -> settings.collectorEnabled(false).absoluteTimeout(Duration.ofMillis(2500)));
		String id = create(node).getId();
		Instant end = Instant.now().plusMillis(2500);
		trust(node, id);
		Thread.sleep(1600);
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
		Thread.sleep(Math.max(Duration.between(Instant.now(), end).toMillis(), 0) + 20);
		assertThat(get(node, id)).isNull();
	}

	@Test
	void sessionWithAShortTimeout_isNotTrusted() {
		Node node = quiet(Duration.ofSeconds(2));
		String id = create(node, (session) -> session.setMaxInactiveInterval(Duration.ofSeconds(19))).getId();
		get(node, id);
		get(node, id);
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
		String longer = create(node, (session) -> session.setMaxInactiveInterval(Duration.ofSeconds(20))).getId();
		trust(node, longer);
		String endless = create(node, (session) -> session.setMaxInactiveInterval(Duration.ofSeconds(-1))).getId();
		trust(node, endless);
	}

	@Test
	void passiveRequest_usesACopyButDoesNotValidateIt() throws InterruptedException {
		Node node = quiet(SHORT);
		String id = create(node).getId();
		trust(node, id);
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isFalse();
		Thread.sleep(SHORT.toMillis() + 50);
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isTrue();
		assertThat(isAsked(node, () -> find(node, new SessionScope(POLLING), id))).isTrue();
	}

	@Test
	void trustedReads_knowTheLastAccessOnThisNode() throws InterruptedException {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		Thread.sleep(200);
		Instant before = BlockingCaller.result(node.engine().finder().findForClient(new SessionScope(GET), id))
			.getLastAccessedTime();
		assertThat(Duration.between(before, Instant.now())).isBetween(Duration.ofMillis(190), Duration.ofSeconds(5));
		before = BlockingCaller.result(node.engine().finder().findForClient(new SessionScope(GET), id))
			.getLastAccessedTime();
		assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofMillis(190));
	}

	@Test
	void trustedRequestThatWrites_alsoNotesItsAccess() throws InterruptedException {
		Node node = quiet(LONG);
		StoredSession session = create(node);
		String key = "app:session:session:{" + session.getHandle() + "}";
		trust(node, session.getId());
		Thread.sleep(300);
		get(node, session.getId());
		long idle = server.commands().pttl(key);
		change(node, GET, session.getId(), (each) -> each.setAttribute("number", 5));
		assertThat(server.commands().pttl(key)).isGreaterThan(idle + 200);
		assertThat(get(node, session.getId()).<Integer>getAttribute("number")).isEqualTo(5);
		assertThat(count(node, SessionCounter.NEAR_CACHE_OVERTAKEN)).isZero();
	}

	@Test
	void trustedRequestThatWritesNothing_sendsNothing() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		assertThat(isAsked(node, () -> change(node, GET, id, (session) -> session.getAttribute("role")))).isFalse();
	}

	@Test
	void saveOfATrustedRequestWhoseSessionHasMovedOn_isAppliedAndCounted() {
		Node node = deaf(LONG);
		Node other = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		set(other, id, "role", "user");
		change(node, GET, id, (session) -> session.setAttribute("number", 5));
		assertThat(count(node, SessionCounter.NEAR_CACHE_OVERTAKEN)).isOne();
		for (Node each : List.of(node, other)) {
			StoredSession found = find(each, new SessionScope(POST), id);
			assertThat(found.<String>getAttribute("role")).isEqualTo("user");
			assertThat(found.<Integer>getAttribute("number")).isEqualTo(5);
		}
		assertThat(get(node, id).<String>getAttribute("role")).isEqualTo("user");
	}

	@Test
	void saveOfATrustedRequestWhoseSessionHasEnded_revivesNothing() {
		Node node = deaf(LONG);
		Node other = quiet(LONG);
		StoredSession session = create(node);
		trust(node, session.getId());
		other.repository().deleteById(session.getId());
		change(node, GET, session.getId(), (each) -> each.setAttribute("number", 5));
		assertThat(server.commands().exists("app:session:session:{" + session.getHandle() + "}")).isZero();
		assertThat(get(node, session.getId())).isNull();
		assertThat(count(node, SessionCounter.CONFLICT_ENDED)).isOne();
	}

	@Test
	void loginInATrustedRequest_invalidatesTheOldId() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		SessionScope scope = new SessionScope(GET);
		StoredSession session = find(node, scope, id);
		String changed = session.changeSessionId();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		save(node, scope, session);
		assertThat(get(node, id)).isNull();
		assertThat(get(node, session.getId())).isNotNull();
		assertThat(changed).isNotEqualTo(id);
	}

	@Test
	void lostSubscription_suspendsTrustUntilItIsBack() {
		try (TcpProxy proxy = TcpProxy.to(server);
				TestRepositories far = TestRepositories.on(proxy.host(), proxy.port())) {
			Node node = started(far, LONG, (settings) -> settings.collectorEnabled(false));
			Node other = quiet(LONG);
			String id = create(node).getId();
			trust(node, id);
			proxy.stopForwarding();
			proxy.dropConnections();
			await().until(() -> !isTrusting(node));
			set(other, id, "role", "user");
			proxy.forward();
			await().atMost(Duration.ofSeconds(20)).until(() -> isTrusting(node));
			// The other connection of the node may be opened later than that of the
			// subscription
			StoredSession first = await().atMost(Duration.ofSeconds(20))
				.ignoreExceptionsInstanceOf(SessionStoreUnavailableException.class)
				.until(() -> get(node, id), Objects::nonNull);
			assertThat(first.<String>getAttribute("role")).as("changed during the gap").isEqualTo("user");
			awaitSteadyTrust(node);
			trust(node, id);
		}
	}

	@Test
	void validationFromBeforeAGap_isVoidAfterIt() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		for (int i = 0; i < 5; i++) {
			trust(node, id);
			server.commands().clientKill(KillArgs.Builder.typePubsub());
			await().until(() -> get(node, id) != null && isAsked(node, () -> get(node, id)));
			awaitSteadyTrust(node);
		}
	}

	/** Waits until no reply to a subscription can be on the way any more. */
	private static void awaitSteadyTrust(Node node) {
		await().atMost(Duration.ofSeconds(20)).during(Duration.ofMillis(1500)).until(() -> isTrusting(node));
	}

	@Test
	void lossOfAnotherSubscription_suspendsTrustOnlyBriefly() {
		Node node = node(LONG, (settings) -> settings.collectorEnabled(false)
			.locks(new LockSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		await().until(() -> server.commands().pubsubChannels().size() >= 2);
		for (String client : pubsubClients()) {
			String id = create(node).getId();
			trust(node, id);
			server.commands().clientKill(KillArgs.Builder.id(Long.parseLong(client)));
			await().until(() -> isAsked(node, () -> get(node, id)));
			awaitSteadyTrust(node);
		}
	}

	private static List<String> pubsubClients() {
		return server.commands()
			.clientList(ClientListArgs.Builder.typePubsub())
			.lines()
			.map((line) -> line.replaceAll("^id=(\\d+) .*", "$1"))
			.toList();
	}

	@Test
	void missingRightToPublish_failsNoSaveAndSuspendsTrust(CapturedOutput output) {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		server.commands()
			.aclSetuser("default", AclSetuserArgs.Builder.resetChannels().channelPattern("app:session:events"));
		for (int i = 1; i <= 3; i++) {
			set(node, id, "number", i);
			assertThat(isTrusting(node)).isFalse();
			assertThat(get(node, id).<Integer>getAttribute("number")).isEqualTo(i);
		}
		change(node, POST, id, (session) -> session.setMaxInactiveInterval(Duration.ofHours(3)));
		assertThat(get(node, id).getMaxInactiveInterval()).isEqualTo(Duration.ofHours(3));
		String deleted = create(node).getId();
		node.repository().deleteById(deleted);
		assertThat(get(node, deleted)).isNull();
		assertThat(output.getAll().split("Redis refuses to publish changes of sessions", -1)).hasSize(2);
		server.commands().aclSetuser("default", AclSetuserArgs.Builder.allChannels());
		set(node, id, "number", 4);
		awaitSteadyTrust(node);
		trust(node, id);
	}

	@Test
	void unknownMessages_onlyCauseLookups() {
		Node node = quiet(LONG);
		String id = create(node).getId();
		trust(node, id);
		for (String message : List.of("", "x", "\u00ff".repeat(15), "a".repeat(16), "b".repeat(22), "c".repeat(100_000),
				id.substring(0, 16), id.substring(0, 16) + "123456", id.substring(0, 16) + "1")) {
			node.engine().parts().changes().onMessage(message.getBytes(StandardCharsets.ISO_8859_1));
		}
		assertThat(isTrusting(node)).isTrue();
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
		trust(node, id);
	}

	@Test
	void messageOfTheRevisionOfTheCopy_isIgnored() {
		Node node = deaf(LONG);
		StoredSession session = create(node);
		String id = session.getId();
		trust(node, id);
		byte[] handle = session.getHandle().getBytes(StandardCharsets.US_ASCII);
		byte[] header;
		try (var connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			header = connection.sync()
				.hget(("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII),
						new byte[] { 'm' });
		}
		byte[] message = ByteBuffer.allocate(22).put(handle).put(header, 32, 6).array();
		node.engine().parts().changes().onMessage(message);
		assertThat(isAsked(node, () -> get(node, id))).isFalse();
		message[21]++;
		node.engine().parts().changes().onMessage(message);
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
	}

	@Test
	void withoutAge_nothingIsPublishedOrSubscribed() throws InterruptedException {
		Node node = quiet(Duration.ZERO);
		assertThat(isTrusting(node)).isFalse();
		try (var connection = server.client().connectPubSub()) {
			List<String> messages = new CopyOnWriteArrayList<>();
			connection.addListener(new RedisPubSubAdapter<String, String>() {

				@Override
				public void message(String channel, String message) {
					messages.add(message);
				}

			});
			connection.sync().subscribe("app:session:changes");
			assertThat(server.commands().pubsubNumsub("app:session:changes")).containsEntry("app:session:changes", 1L);
			String id = create(node).getId();
			set(node, id, "number", 1);
			change(node, POST, id, (session) -> session.setMaxInactiveInterval(Duration.ofHours(3)));
			node.repository().deleteById(id);
			server.commands().publish("app:session:changes", "last");
			await().until(() -> messages.contains("last"));
			assertThat(messages).containsExactly("last");
		}
		String id = create(node).getId();
		get(node, id);
		get(node, id);
		assertThat(isAsked(node, () -> get(node, id))).isTrue();
	}

	@Test
	void largeSession_isTrusted() {
		Node node = quiet(LONG);
		String id = create(node, (session) -> session.setAttribute("text", "x".repeat(20_000))).getId();
		trust(node, id);
		assertThat(get(node, id).<String>getAttribute("text")).hasSize(20_000);
	}

	@Test
	void encryptedSession_isTrusted() {
		Node node = node(LONG,
				(settings) -> settings.collectorEnabled(false)
					.encryptionKeys(new EncryptionKeys(
							Map.of("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8)), "k1")));
		String id = create(node).getId();
		trust(node, id);
		assertThat(get(node, id).<String>getAttribute("role")).isEqualTo("admin");
		set(node, id, "role", "user");
		assertThat(get(node, id).<String>getAttribute("role")).isEqualTo("user");
	}

	@Test
	void onACluster_changesAreSeenWithTheirMessages() {
		RedisCluster cluster = SharedRedis.cluster();
		try (TestRepositories onCluster = TestRepositories.on(cluster)) {
			Node node = started(onCluster, LONG, (settings) -> settings.namespace("trust"));
			Node other = started(onCluster, LONG, (settings) -> settings.namespace("trust"));
			for (int i = 0; i < 10; i++) {
				String id = create(node).getId();
				long trusted = count(node, SessionCounter.NEAR_CACHE_TRUSTED);
				await().until(() -> get(node, id) != null && count(node, SessionCounter.NEAR_CACHE_TRUSTED) > trusted);
				set(other, id, "number", 9);
				assertSoon(() -> assertThat(get(node, id).<Integer>getAttribute("number")).isEqualTo(9));
				other.repository().deleteById(id);
				assertSoon(() -> assertThat(get(node, id)).isNull());
			}
		}
	}

}
