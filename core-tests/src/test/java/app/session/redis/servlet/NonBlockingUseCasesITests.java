package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.client.NonBlockingThread;
import app.session.redis.engine.SaveOptions;
import app.session.redis.engine.SessionEngine;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each use case returns before there can be a reply, and goes on and ends on the thread
 * of its caller: over one connection and over a pool.
 */
@Timeout(60)
class NonBlockingUseCasesITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final RedisServer server = SharedRedis.standalone();

	private final TestRepositories others = TestRepositories.on(this.server);

	private final SessionScope scope = new SessionScope(RequestClient.UNKNOWN);

	private TestRepositories late;

	private AtomicRedisSessionRepository other;

	private NonBlockingThread thread;

	private SessionEngine engine;

	@BeforeEach
	void empty() {
		this.server.flushAll();
		this.scope.begin();
		this.other = this.others.unstarted((settings) -> {
		}).repository();
	}

	@AfterEach
	void close() {
		this.late.proxy().delay(Direction.TO_CLIENT, Duration.ZERO);
		this.others.close();
		this.late.close();
	}

	private void connect(boolean pooled) throws Exception {
		this.late = pooled ? TestRepositories.pooledNonBlocking(this.server)
				: TestRepositories.nonBlocking(this.server);
		this.thread = this.late.thread();
		this.engine = this.late.node((settings) -> {
			settings.collectorEnabled(false);
			// The first connection takes many round trips
			settings.commandTimeout(Duration.ofSeconds(10));
			settings.limitPerPrincipal(2, OnExceeded.EVICT_OLDEST);
			settings.limitTotal(100);
			settings.locks(new LockSettings(Duration.ofSeconds(5), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0));
		}).engine();
		end(() -> this.engine.finder().findById(SessionScope.none(), SessionId.newHandle()));
		this.late.proxy().delay(Direction.TO_CLIENT, Duration.ofMillis(100));
	}

	private <T> T end(Supplier<CompletionStage<T>> useCase) throws Exception {
		return this.thread.startIncomplete(useCase).get(20, TimeUnit.SECONDS);
	}

	private StoredSession logIn() {
		StoredSession session = this.other.createSession();
		session.setAttribute(PRINCIPAL, "alice");
		this.other.save(session);
		return session;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionsAreFoundAndRead(boolean pooled) throws Exception {
		connect(pooled);
		StoredSession session = logIn();
		String id = session.getId();
		String handle = session.getHandle();
		SessionScope none = SessionScope.none();
		assertThat(end(() -> this.engine.finder().findById(none, id)).getId()).isEqualTo(id);
		assertThat(end(() -> this.engine.finder().findById(none, handle)).getHandle()).isEqualTo(handle);
		assertThat(end(() -> this.engine.finder().findForClient(this.scope, id)).getId()).isEqualTo(id);
		assertThat(this.engine.finder().findForClient(this.scope, id)).as("known").isCompleted();
		assertThat(end(() -> this.engine.reader().load(none, handle, null)).handle()).isEqualTo(handle);
		assertThat(end(() -> this.engine.reader().findByIndex(none, PRINCIPAL, "alice"))).hasSize(1);
		assertThat(end(() -> this.engine.reader().confirming(this.scope, List.of(handle), PRINCIPAL, "alice")))
			.containsExactly(handle);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionsAreSavedAndEnded(boolean pooled) throws Exception {
		connect(pooled);
		logIn();
		logIn();
		StoredSession session = this.thread.start(() -> this.engine.saver().create(this.scope));
		end(() -> this.engine.saver().save(this.scope, session, (saved) -> SaveOptions.EVERYTHING));
		end(() -> this.engine.saver().reserve(this.scope, session.getId(), Map.of(PRINCIPAL, "alice")));
		session.setAttribute(PRINCIPAL, "alice");
		end(() -> this.engine.saver().save(this.scope, session, (saved) -> SaveOptions.EVERYTHING));
		assertThat(this.other.findByPrincipalName("alice")).as("one was evicted").hasSize(2);
		SessionScope none = SessionScope.none();
		assertThat(end(() -> this.engine.ender().delete(none, session.getId(), DeletionReason.APPLICATION))).isTrue();
		assertThat(end(() -> this.engine.ender().deleteByIndex(none, PRINCIPAL, "alice", DeletionReason.INDEX)))
			.isEqualTo(1);
		assertThat(this.other.findByPrincipalName("alice")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionsAreLocked(boolean pooled) throws Exception {
		connect(pooled);
		StoredSession session = logIn();
		StoredSession another = logIn();
		SessionScope waiting = new SessionScope(RequestClient.UNKNOWN);
		waiting.begin();
		assertThat(end(() -> this.engine.locking().lockForClient(this.scope, SessionId.parse(session.getId()))))
			.isTrue();
		assertThat(end(() -> this.engine.locking().lock(waiting, another.getHandle()))).isTrue();
		var locked = this.thread.startIncomplete(() -> this.engine.locking().lock(waiting, session.getHandle()));
		end(() -> this.engine.finder().findById(SessionScope.none(), session.getId()));
		assertThat(locked).as("while another has it").isNotDone();
		this.scope.lock(session.getHandle()).release();
		assertThat(locked.get(20, TimeUnit.SECONDS)).isTrue();
	}

}
