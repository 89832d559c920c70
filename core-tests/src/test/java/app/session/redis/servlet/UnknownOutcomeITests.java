package app.session.redis.servlet;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.CallSender;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.engine.SessionEngine;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionCreatedEvent;
import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Writes that Redis applies though the reply doesn't arrive. One node loses replies, as
 * over a network that fails in one direction; the other sees what Redis has.
 */
class UnknownOutcomeITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	/** How many sessions are deleted with one round trip. */
	private static final int CHUNK = 250;

	private static final String HANDLE = "A".repeat(16);

	private static RedisServer server;

	private TcpProxy proxy;

	private TestRepositories behindProxy;

	private TestRepositories direct;

	@BeforeAll
	static void startServer() {
		server = RedisServer.start();
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@BeforeEach
	void connect() {
		server.flushAll();
		this.proxy = TcpProxy.to(server);
		this.behindProxy = TestRepositories.on(this.proxy.host(), this.proxy.port());
		this.direct = TestRepositories.on(server);
	}

	@AfterEach
	void disconnect() {
		this.proxy.forward();
		this.behindProxy.close();
		this.direct.close();
		this.proxy.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionIsDeletedWhoseCreationGotNoReply(boolean connectionBreaks) {
		AtomicRedisSessionRepository node = node((settings) -> {
		}).repository();
		AtomicRedisSessionRepository other = other((settings) -> {
		}).repository();
		StoredSession session = loggedIn(node, "alice");
		withoutReplies(() -> node.save(session), connectionBreaks);
		await().untilAsserted(() -> assertThat(other.findById(session.getHandle())).isNull());
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	@Test
	void creationThatWasNotAppliedIsNotAppliedLater() {
		AtomicRedisSessionRepository node = node((settings) -> {
		}).repository();
		StoredSession session = loggedIn(node, "alice");
		this.proxy.stopForwarding(Direction.TO_SERVER);
		failsUnavailable(() -> node.save(session));
		this.proxy.forward();
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
		assertThat(node.findById(session.getId())).isNull();
	}

	@Test
	void principalCanLogInAgainAtOnceThoughTheFirstLogInGotNoReply() {
		AtomicRedisSessionRepository node = node(UnknownOutcomeITests::oneSessionPerPrincipal).repository();
		AtomicRedisSessionRepository other = other(UnknownOutcomeITests::oneSessionPerPrincipal).repository();
		StoredSession session = loggedIn(node, "alice");
		withoutReplies(() -> node.save(session), false);
		StoredSession second = loggedIn(other, "alice");
		await().ignoreExceptions().untilAsserted(() -> other.save(second));
		assertThat(other.findByPrincipalName("alice").values()).extracting(StoredSession::getHandle)
			.containsExactly(second.getHandle());
	}

	@Test
	void placeIsGivenBackWhoseReservationGotNoReply() {
		AtomicRedisSessionRepository node = node(UnknownOutcomeITests::oneSessionPerPrincipal).repository();
		AtomicRedisSessionRepository other = other(UnknownOutcomeITests::oneSessionPerPrincipal).repository();
		StoredSession anonymous = node.createSession();
		node.save(anonymous);
		withoutReplies(() -> node.reserve(anonymous.getId(), Map.of(PRINCIPAL, "alice")), false);
		StoredSession second = loggedIn(other, "alice");
		await().ignoreExceptions().atMost(Duration.ofSeconds(5)).untilAsserted(() -> other.save(second));
	}

	@Test
	void creationIsRepeatedOnlyAfterTheFirstOneWasUndone() {
		Node node = node((settings) -> {
		});
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession session = loggedIn(repository, "alice");
		withoutReplies(() -> repository.save(session), false);
		session.setAttribute("cart", "teapot");
		await().ignoreExceptions().untilAsserted(() -> repository.save(session));
		await().during(Duration.ofSeconds(1))
			.untilAsserted(() -> assertThat(repository.findById(session.getId())).isNotNull());
		StoredSession found = repository.findById(session.getId());
		assertThat(found.<String>getAttribute("cart")).isEqualTo("teapot");
		assertThat(repository.findByPrincipalName("alice")).hasSize(1);
		assertThat(node.events(SessionCreatedEvent.class)).hasSize(1);
		assertThat(node.events(SessionDeletedEvent.class)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void logInIsUndoneThatGotNoReply(boolean encrypted) {
		Consumer<SessionSettingsBuilder> keys = (settings) -> {
			if (encrypted) {
				settings.encryptionKeys(keys());
			}
		};
		AtomicRedisSessionRepository node = node(keys).repository();
		AtomicRedisSessionRepository other = other(keys).repository();
		StoredSession anonymous = node.createSession();
		anonymous.setAttribute("cart", "teapot");
		anonymous.setAttribute("language", "en");
		node.save(anonymous);
		String id = anonymous.getId();
		StoredSession session = node.findById(id);
		session.changeSessionId();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("cart", "two teapots");
		session.removeAttribute("language");
		session.setMaxInactiveInterval(Duration.ofHours(2));
		withoutReplies(() -> node.save(session), false);
		await().untilAsserted(() -> assertThat(other.findById(id)).isNotNull());
		StoredSession found = other.findById(id);
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder("cart", "language");
		assertThat(found.<String>getAttribute("cart")).isEqualTo("teapot");
		assertThat(found.<String>getAttribute("language")).isEqualTo("en");
		assertThat(found.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(30));
		assertThat(other.findById(session.getId())).isNull();
		await().untilAsserted(() -> assertThat(other.findByPrincipalName("alice")).isEmpty());
		assertThat(server.keys()).noneMatch((key) -> key.contains(":index:"));
	}

	@Test
	void logInSucceedsWhenItIsRepeatedAfterItGotNoReply() {
		AtomicRedisSessionRepository node = node(UnknownOutcomeITests::oneSessionPerPrincipal).repository();
		StoredSession anonymous = node.createSession();
		node.save(anonymous);
		StoredSession session = node.findById(anonymous.getId());
		session.changeSessionId();
		session.setAttribute(PRINCIPAL, "alice");
		withoutReplies(() -> node.save(session), false);
		await().ignoreExceptions().untilAsserted(() -> node.save(session));
		await().during(Duration.ofSeconds(1))
			.untilAsserted(() -> assertThat(node.findById(session.getId())).isNotNull());
		assertThat(node.findById(anonymous.getId())).isNull();
		assertThat(node.findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	void sessionSealedAnewUnderAnIdThatNoClientGotIsDeletedWithAnEvent() {
		Node node = node((settings) -> {
			settings.encryptionKeys(keys());
			settings.commandTimeout(Duration.ofSeconds(1));
		});
		AtomicRedisSessionRepository other = other((settings) -> settings.encryptionKeys(keys())).repository();
		StoredSession anonymous = node.repository().createSession();
		node.repository().save(anonymous);
		StoredSession session = node.repository().findById(anonymous.getId());
		session.changeSessionId();
		session.setAttribute(PRINCIPAL, "alice");
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		Thread saving = new Thread(() -> failsUnavailable(() -> node.repository().save(session)));
		saving.start();
		await().until(() -> other.findById(session.getId()) != null);
		StoredSession sealedAnew = other.findById(session.getHandle());
		sealedAnew.setAttribute(PRINCIPAL, "bob");
		other.save(sealedAnew);
		await().until(() -> !saving.isAlive());
		this.proxy.forward();
		await().untilAsserted(() -> assertThat(other.findById(session.getHandle())).isNull());
		await().untilAsserted(() -> assertThat(node.events(SessionDeletedEvent.class)).hasSize(1));
	}

	@ParameterizedTest
	@EnumSource
	void logOutIsCompletedThatGotNoReply(Direction lost) {
		Node node = node((settings) -> {
		});
		StoredSession session = loggedIn(node.repository(), "alice");
		node.repository().save(session);
		this.proxy.stopForwarding(lost);
		failsUnavailable(() -> node.repository().deleteById(session.getHandle()));
		this.proxy.forward();
		await().untilAsserted(() -> assertThat(node.events(SessionDeletedEvent.class)).hasSize(1));
		assertThat(server.keys()).noneMatch((key) -> key.contains(":session:{"));
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
	}

	@Test
	void allSessionsOfAPrincipalEndThoughTheDeletionsGotNoReply() {
		Node node = node(UnknownOutcomeITests::longTimeout);
		node.repository().save(loggedIn(node.repository(), "alice"));
		node.repository().save(loggedIn(node.repository(), "alice"));
		this.proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(200));
		Thread deletion = new Thread(() -> failsUnavailable(() -> node.repository().deleteByPrincipalName("alice")));
		deletion.start();
		// The replies are on their way back when the sessions are gone
		await().pollInterval(Duration.ofMillis(1))
			.until(() -> server.keys().stream().noneMatch((key) -> key.contains(":session:{")));
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		await().until(() -> !deletion.isAlive());
		assertThat(node.events(SessionDeletedEvent.class)).isEmpty();
		this.proxy.delay(Direction.TO_CLIENT, Duration.ZERO);
		this.proxy.forward();
		await().untilAsserted(() -> assertThat(node.events(SessionDeletedEvent.class)).hasSize(2));
		assertThat(server.keys()).noneMatch((key) -> key.contains(":session:{"));
	}

	@Test
	void deletionsBeforeOneThatGotNoReplyAreReportedAtOnceAndTheOthersLater() {
		int sessions = 600;
		Node node = node(UnknownOutcomeITests::longTimeout);
		AtomicRedisSessionRepository other = other((settings) -> {
		}).repository();
		IntStream.range(0, sessions).forEach((i) -> other.save(loggedIn(other, "alice")));
		this.proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(200));
		Thread deletion = new Thread(() -> failsUnavailable(() -> node.repository().deleteByPrincipalName("alice")));
		deletion.start();
		// The second chunk is sent when the replies to the first have arrived
		await().pollInterval(Duration.ofMillis(1)).until(() -> storedSessions() < sessions - CHUNK);
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		await().until(() -> !deletion.isAlive());
		await().untilAsserted(() -> assertThat(node.events(SessionDeletedEvent.class)).hasSize(CHUNK));
		this.proxy.delay(Direction.TO_CLIENT, Duration.ZERO);
		this.proxy.forward();
		await().untilAsserted(() -> assertThat(node.events(SessionDeletedEvent.class)).hasSize(sessions));
		assertThat(node.events(SessionDeletedEvent.class)).extracting(SessionDeletedEvent::getSessionId)
			.doesNotHaveDuplicates();
		assertThat(storedSessions()).isZero();
		assertThat(other.findByPrincipalName("alice")).isEmpty();
	}

	private static long storedSessions() {
		return server.keys().stream().filter((key) -> key.contains(":session:{")).count();
	}

	@Test
	void stoppedNodeUndoesWhatIsLeftBeforeItGoes() {
		Node node = node((settings) -> {
		});
		StoredSession session = loggedIn(node.repository(), "alice");
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		failsUnavailable(() -> node.repository().save(session));
		this.proxy.forward();
		node.engine().stop();
		assertThat(server.keys()).noneMatch((key) -> key.contains(session.getHandle()));
	}

	@Test
	void registryIsToldThatALogInWasNotSaved() {
		List<String> ended = new CopyOnWriteArrayList<>();
		AtomicRedisSessionRepository node = node((settings) -> {
		}, (engine) -> engine.setSessionEndListener((event) -> ended.add(event.getSessionId()))).repository();
		StoredSession anonymous = node.createSession();
		node.save(anonymous);
		StoredSession created = loggedIn(node, "alice");
		StoredSession changed = node.findById(anonymous.getId());
		changed.changeSessionId();
		changed.setAttribute(PRINCIPAL, "alice");
		withoutReplies(() -> node.save(created), false);
		withoutReplies(() -> node.save(changed), false);
		assertThat(ended).containsExactly(created.getId(), changed.getId());
		await().untilAsserted(() -> assertThat(node.findById(anonymous.getId())).isNotNull());
	}

	@Test
	void creationThatTheClientSendsAgainSucceedsAndAnotherOneDoesNot() {
		SessionStore store = store();
		NewSession session = creation("secret");
		assertThat(store.await(store.createIfAbsent(session))).isTrue();
		assertThat(store.await(store.createIfAbsent(session))).isTrue();
		assertThat(store.await(store.createIfAbsent(creation("another")))).isFalse();
	}

	@Test
	void changeOfTheIdThatTheClientSendsAgainSucceedsAndAnotherOneDoesNot() {
		SessionStore store = store();
		store.await(store.create(creation("secret")));
		assertThat(store.await(store.save(changeOfId("new"))).result()).isEqualTo(SaveResult.SAVED);
		assertThat(store.await(store.save(changeOfId("new"))).result()).isEqualTo(SaveResult.SAVED);
		assertThat(store.await(store.save(changeOfId("newer"))).result()).isEqualTo(SaveResult.ID_CHANGED);
	}

	private SessionStore store() {
		return new SessionStore(new CallSender(this.direct.unstarted((settings) -> {
		}).connectionFactory(), Duration.ofSeconds(2), null), "app:session");
	}

	private static NewSession creation(String secret) {
		SessionHeader header = new SessionHeader(SessionHeader.digest(secret), Instant.now(), Duration.ofMinutes(30),
				Duration.ofMinutes(5), null, null);
		return new NewSession(HANDLE, header, Duration.ZERO, Set.of(), null);
	}

	private static SessionChange changeOfId(String secret) {
		SessionChange change = new SessionChange(HANDLE, SessionHeader.digest("secret"));
		change.changeId(SessionHeader.digest(secret), null, Duration.ZERO);
		return change;
	}

	private static EncryptionKeys keys() {
		return new EncryptionKeys(Map.of("k1", new byte[32]), "k1");
	}

	private static void oneSessionPerPrincipal(SessionSettingsBuilder settings) {
		settings.limitPerPrincipal(1, OnExceeded.REJECT);
	}

	private void withoutReplies(ThrowingCallable write, boolean connectionBreaks) {
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		failsUnavailable(write);
		if (connectionBreaks) {
			this.proxy.dropConnections();
		}
		this.proxy.forward();
	}

	/** So that replies which are delayed, but not lost, are never too late. */
	private static void longTimeout(SessionSettingsBuilder settings) {
		settings.commandTimeout(Duration.ofSeconds(3));
	}

	private static void failsUnavailable(ThrowingCallable write) {
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(write);
	}

	private static StoredSession loggedIn(AtomicRedisSessionRepository node, String principal) {
		StoredSession session = node.createSession();
		session.setAttribute(PRINCIPAL, principal);
		return session;
	}

	private Node node(Consumer<SessionSettingsBuilder> customizer) {
		return node(customizer, (repository) -> {
		});
	}

	private Node node(Consumer<SessionSettingsBuilder> customizer, Consumer<SessionEngine> listeners) {
		Node node = this.behindProxy.node((settings) -> {
			settings.commandTimeout(Duration.ofMillis(300));
			settings.collectorEnabled(false);
			customizer.accept(settings);
		}, listeners);
		// Connected before replies are lost
		await().ignoreExceptions().untilAsserted(() -> node.repository().findById("A".repeat(59)));
		return node;
	}

	private Node other(Consumer<SessionSettingsBuilder> customizer) {
		return this.direct.node((settings) -> {
			settings.collectorEnabled(false);
			customizer.accept(settings);
		});
	}

}
