package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.observation.SessionCounter;
import app.session.redis.session.RequestClient;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.SaveMode;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FlushMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * A request that takes the lock of its session, early or late.
 */
class RequestLockTests {

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository other = this.repositories.unstarted((settings) -> {
	}).repository();

	private final RequestBinding scope = new RequestBinding(RequestClient.UNKNOWN);

	@BeforeEach
	void beginRequest() {
		server.flushAll();
		this.scope.bind(() -> false);
	}

	@AfterEach
	void close() {
		RequestBinding.restore(null);
		this.repositories.close();
	}

	private AtomicRedisSessionRepository locking(SaveMode saveMode, FlushMode flushMode, OnLockTimeout onTimeout) {
		AtomicRedisSessionRepository locking = this.repositories.node((settings) -> {
			settings.saveMode(saveMode);
			settings.flushMode(flushMode);
			settings.collectorEnabled(false);
			settings.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), onTimeout, 0));
		}).repository();
		await().until(() -> !server.commands().pubsubChannels("app:session:wake:*").isEmpty());
		return locking;
	}

	private AtomicRedisSessionRepository locking() {
		return locking(SaveMode.ON_CHANGE, FlushMode.ON_SAVE, OnLockTimeout.REJECT);
	}

	/** A session that another node made. */
	private String create() {
		RequestBinding.restore(null);
		StoredSession session = this.other.createSession();
		for (String name : List.of("a", "b", "c", "removed", "untouched")) {
			session.setAttribute(name, "0");
		}
		session.setAttribute("list", new ArrayList<>(List.of("0")));
		session.setAttribute("mine", new ArrayList<>(List.of("0")));
		session.setAttribute("both", new ArrayList<>(List.of("0")));
		this.other.save(session);
		this.scope.bind(() -> false);
		return session.getId();
	}

	private void changeElsewhere(String id) {
		RequestBinding.restore(null);
		StoredSession session = this.other.findById(id);
		session.setAttribute("a", "1");
		session.setAttribute("b", "1");
		session.removeAttribute("c");
		session.setAttribute("removed", "1");
		session.setAttribute("new", "1");
		session.<List<String>>getRequiredAttribute("list").add("1");
		session.<List<String>>getRequiredAttribute("both").add("1");
		session.setMaxInactiveInterval(Duration.ofMinutes(7));
		this.other.save(session);
		this.scope.bind(() -> false);
	}

	@Test
	void aLockIsTakenByTheAliasOfTheSession() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		String alias = repository.findById(id.substring(0, 16)).getId();
		assertThat(alias).startsWith("!");
		assertThat(repository.lock("!" + "A".repeat(42) + id.substring(0, 16))).isFalse();
		assertThat(server.keys()).doesNotContain(lockKey(id));
		assertThat(repository.lock(alias)).isTrue();
		assertThat(server.keys()).contains(lockKey(id));
	}

	private static String lockKey(String id) {
		return "app:session:lock:{" + id.substring(0, 16) + "}";
	}

	@Test
	void whatIsReadUnderALockIsAHitAndTheWaitForItObserved() {
		RecordedObservations observations = new RecordedObservations();
		AtomicRedisSessionRepository repository = this.repositories.unstarted((settings) -> {
			settings.observationRegistry(observations.registry());
			settings.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0));
		}).repository();
		String id = create();
		assertThat(repository.lock(id)).isTrue();
		assertThat(repository.clientSessions().findById(id)).isNotNull();
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_HIT)).as("by its id, read once").isEqualTo(1);
		String loaded = create();
		assertThat(repository.clientSessions().findById(loaded)).isNotNull();
		assertThat(repository.lock(loaded)).isTrue();
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_HIT)).as("read again").isEqualTo(3);
		assertThat(repository.lock(create().substring(0, 16))).isTrue();
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_HIT)).as("by its handle").isEqualTo(4);
		assertThat(repository.lock(SessionId.newHandle() + "A".repeat(43))).isFalse();
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_MISS)).isEqualTo(1);
		assertThat(observations.outcomes()).containsExactly("lock success", "load success", "lock success",
				"lock success", "lock success");
		this.scope.scope().releaseLocks();
	}

	@ParameterizedTest
	@EnumSource
	void aSessionThatWasLoadedBeforeTheLockIsReadAgainAndKeepsItsOwnChanges(SaveMode saveMode) {
		AtomicRedisSessionRepository repository = locking(saveMode, FlushMode.ON_SAVE, OnLockTimeout.REJECT);
		String id = create();
		StoredSession session = repository.clientSessions().findById(id);
		assertThat(session.<String>getAttribute("a")).isEqualTo("0");
		assertThat(session.<String>getAttribute("c")).isEqualTo("0");
		assertThat(session.<List<String>>getAttribute("list")).containsExactly("0");
		List<String> mine = session.getRequiredAttribute("mine");
		session.<List<String>>getRequiredAttribute("both").add("mine");
		session.setAttribute("b", "mine");
		session.removeAttribute("removed");
		mine.add("mine");
		changeElsewhere(id);
		assertThat(repository.lock(id)).isTrue();
		assertThat(repository.clientSessions().findById(id)).isSameAs(session);
		assertThat(session.<String>getAttribute("a")).isEqualTo("1");
		assertThat(session.<String>getAttribute("b")).isEqualTo("mine");
		assertThat(session.<String>getAttribute("c")).isNull();
		assertThat(session.<String>getAttribute("removed")).isNull();
		assertThat(session.<String>getAttribute("new")).isEqualTo("1");
		assertThat(session.<List<String>>getAttribute("list")).containsExactly("0", "1");
		assertThat(session.<List<String>>getAttribute("mine")).isSameAs(mine);
		if (saveMode != SaveMode.ON_SET_ATTRIBUTE) {
			assertThat(session.<List<String>>getAttribute("both")).containsExactly("0", "mine");
		}
		assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(7));
		session.setAttribute("a", "2");
		repository.save(session);
		this.scope.scope().releaseLocks();
		RequestBinding.restore(null);
		StoredSession saved = this.other.findById(id);
		assertThat(saved.<String>getAttribute("a")).isEqualTo("2");
		assertThat(saved.<String>getAttribute("b")).isEqualTo("mine");
		assertThat(saved.getAttributeNames()).doesNotContain("c", "removed")
			.contains("new", "untouched", "list", "mine");
		assertThat(saved.<List<String>>getAttribute("list")).containsExactly("0", "1");
		if (saveMode != SaveMode.ON_SET_ATTRIBUTE) {
			assertThat(saved.<List<String>>getAttribute("mine")).containsExactly("0", "mine");
		}
		assertThat(saved.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(7));
		await().until(() -> server.commands().exists(lockKey(id)) == 0);
	}

	@Test
	void anOwnIdleTimeoutStaysWhenTheSessionIsReadAgain() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		StoredSession session = repository.clientSessions().findById(id);
		session.setMaxInactiveInterval(Duration.ofMinutes(9));
		changeElsewhere(id);
		assertThat(repository.lock(id)).isTrue();
		assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(9));
		repository.save(session);
		RequestBinding.restore(null);
		assertThat(this.other.findById(id).getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(9));
	}

	@Test
	void theLockIsTakenOncePerRequestAndTheSessionComesWithIt() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		assertThat(repository.clients().lock(SessionId.parse(id))).isTrue();
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(repository.lock(id)).isTrue();
			assertThat(repository.lock(id.substring(0, 16))).isTrue();
			assertThat(monitor.commands()).isEmpty();
			StoredSession session = repository.clientSessions().findById(id);
			assertThat(session).isNotNull();
			assertThat(monitor.commands()).isEmpty();
			session.setAttribute("a", "2");
			repository.save(session);
			assertThat(monitor.commands()).hasSize(1);
			this.scope.scope().releaseLocks();
			this.scope.scope().releaseLocks();
			await().until(() -> monitor.commands().size() == 2);
		}
		assertThat(server.commands().exists(lockKey(id))).isZero();
	}

	@Test
	void anIdOfNoSessionTakesNoLockAndIsAskedForOnce() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		String forged = id.substring(0, 16) + "A".repeat(43);
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(repository.lock(forged)).isFalse();
			assertThat(repository.lock(forged)).isFalse();
			assertThat(repository.clientSessions().findById(forged)).isNull();
			assertThat(repository.lock("no id")).isFalse();
			assertThat(monitor.commands()).hasSize(1);
		}
		assertThat(server.commands().exists(lockKey(id))).isZero();
	}

	@Test
	void everyThreadAndEveryFlushSavesUnderTheLock() {
		AtomicRedisSessionRepository repository = locking(SaveMode.ON_CHANGE, FlushMode.IMMEDIATE,
				OnLockTimeout.REJECT);
		String id = create();
		assertThat(repository.lock(id)).isTrue();
		StoredSession session = repository.clientSessions().findById(id);
		session.setAttribute("a", "here");
		CompletableFuture.runAsync(() -> session.setAttribute("b", "there")).join();
		server.commands().set(lockKey(id), "another");
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> CompletableFuture.runAsync(() -> session.setAttribute("b", "late")).join())
			.satisfies((ex) -> assertThat(((SessionStoreUnavailableException) ex.getCause()).getReason())
				.isEqualTo(Reason.LOCK_LOST));
		RequestBinding.restore(null);
		assertThat(this.other.findById(id).<String>getAttribute("a")).isEqualTo("here");
		assertThat(this.other.findById(id).<String>getAttribute("b")).isEqualTo("there");
	}

	@Test
	void aRequestThatGoesOnWithoutTheLockSavesNothing() {
		AtomicRedisSessionRepository repository = locking(SaveMode.ON_CHANGE, FlushMode.ON_SAVE,
				OnLockTimeout.READ_ONLY);
		String id = create();
		server.commands().set(lockKey(id), "another");
		assertThat(repository.lock(id)).isTrue();
		StoredSession session = repository.clientSessions().findById(id);
		session.setAttribute("a", "2");
		repository.save(session);
		repository.save(session);
		assertThat(repository.getStatistics().get(SessionCounter.CONFLICT_LOCKED)).isEqualTo(1);
		assertThat(repository.getStatistics().get(SessionCounter.LOCK_TIMEOUTS)).isEqualTo(1);
		this.scope.scope().releaseLocks();
		assertThat(server.commands().get(lockKey(id))).isEqualTo("another");
		RequestBinding.restore(null);
		assertThat(this.other.findById(id).<String>getAttribute("a")).isEqualTo("0");
	}

	@Test
	void whileLocked_readsTheSessionAgainAndReleasesTheLock_alsoIfTheTaskFails() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		StoredSession session = repository.clientSessions().findById(id);
		changeElsewhere(id);
		assertThatIllegalStateException().isThrownBy(() -> repository.whileLocked(id, () -> {
			assertThat(server.commands().exists(lockKey(id))).isOne();
			session.setAttribute("a", session.getRequiredAttribute("a") + "2");
			throw new IllegalStateException("failed");
		})).withMessage("failed");
		await().untilAsserted(() -> assertThat(server.commands().exists(lockKey(id))).isZero());
		RequestBinding.restore(null);
		assertThat(this.other.findById(id).<String>getAttribute("a")).isEqualTo("12");
	}

	@Test
	void whileLocked_throwsWhatTheTaskThrows_alsoIfTheSaveFailsToo() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		StoredSession session = repository.clientSessions().findById(id);
		assertThatIllegalStateException().isThrownBy(() -> repository.whileLocked(id, () -> {
			session.setAttribute("a", new Object());
			throw new IllegalStateException("failed");
		})).withMessage("failed").satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(1));
		await().untilAsserted(() -> assertThat(server.commands().exists(lockKey(id))).isZero());
	}

	@Test
	void whileLocked_keepsTheLockThatTheRequestHeldBefore() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		assertThat(repository.lock(id)).isTrue();
		assertThat(repository.<String>whileLocked(id, () -> "result")).isEqualTo("result");
		assertThat(server.commands().exists(lockKey(id))).isOne();
	}

	@ParameterizedTest
	@EnumSource(names = { "REJECT", "READ_ONLY" })
	void whileLocked_doesntRunTheTaskIfAnotherRequestHoldsTheLock(OnLockTimeout onTimeout) {
		AtomicRedisSessionRepository repository = locking(SaveMode.ON_CHANGE, FlushMode.ON_SAVE, onTimeout);
		String id = create();
		server.commands().set(lockKey(id), "another");
		List<String> ran = new ArrayList<>();
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> repository.whileLocked(id, () -> ran.add("task")))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.LOCK_TIMEOUT));
		assertThat(ran).isEmpty();
		assertThat(server.commands().get(lockKey(id))).isEqualTo("another");
	}

	@Test
	void aSessionThatEndedElsewhereIsNotLocked() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		StoredSession session = repository.clientSessions().findById(id);
		this.other.deleteById(id);
		assertThat(repository.lock(session.getId())).isFalse();
		assertThat(server.commands().exists(lockKey(id))).isZero();
	}

	@Test
	void aNewSessionNeedsNoLock() {
		AtomicRedisSessionRepository repository = locking();
		StoredSession session = repository.createSession();
		assertThat(repository.lock(session.getId())).isTrue();
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void outsideOfRequestsThereIsNoLock() {
		AtomicRedisSessionRepository repository = locking();
		String id = create();
		this.scope.scope().releaseLocks();
		assertThatIllegalStateException().isThrownBy(() -> repository.lock(id)).withMessageContaining("has ended");
		RequestBinding.restore(null);
		assertThatIllegalStateException().isThrownBy(() -> repository.lock(id)).withMessageContaining("no request");
		await().until(() -> server.commands().exists(lockKey(id)) == 0);
	}

	@Test
	void withoutSettingsThereIsNoLock() {
		String id = create();
		assertThatIllegalStateException().isThrownBy(() -> this.other.lock(id))
			.withMessageContaining("SessionSettingsBuilder.locks");
	}

	@Test
	void aLockThatWasNotAnsweredIsGivenUpWhenRedisGoesOn() {
		try (RedisServer hanging = RedisServer.start(); TestRepositories repositories = TestRepositories.on(hanging)) {
			AtomicRedisSessionRepository repository = repositories.node((settings) -> {
				settings.commandTimeout(Duration.ofMillis(300));
				settings.collectorEnabled(false);
				settings.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0));
			}).repository();
			StoredSession session = repository.createSession();
			repository.save(session);
			RequestBinding second = new RequestBinding(RequestClient.UNKNOWN);
			second.bind(() -> false);
			hanging.pause();
			assertThatExceptionOfType(SessionStoreUnavailableException.class)
				.isThrownBy(() -> repository.lock(session.getId()));
			hanging.resume();
			await().until(() -> hanging.commands().exists(lockKey(session.getId())) == 0);
			new RequestBinding(RequestClient.UNKNOWN).bind(() -> false);
			assertThat(repository.lock(session.getId())).isTrue();
		}
	}

}
