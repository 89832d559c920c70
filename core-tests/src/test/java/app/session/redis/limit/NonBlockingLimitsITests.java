package app.session.redis.limit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.client.SlowRedis;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.session.RequestClient;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LimitSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.store.Compensations;
import app.session.redis.store.IndexEntry;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests the limits of sessions for callers that must not block, while replies are
 * delayed.
 */
@Timeout(60)
class NonBlockingLimitsITests {

	private static final IndexEntry ALICE = IndexEntry.principal("alice");

	private final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(this.server);

	private final SessionCounts statistics = new SessionCounts();

	private final SessionScope scope = new SessionScope(RequestClient.UNKNOWN);

	private final List<String> evicted = new CopyOnWriteArrayList<>();

	private AtomicRedisSessionRepository repository;

	private SlowRedis redis;

	private Compensations compensations;

	private SessionLimits limits;

	@BeforeEach
	void connect() throws Exception {
		this.server.flushAll();
		this.repository = this.repositories.unstarted((settings) -> {
		}).repository();
		this.redis = new SlowRedis(this.server);
		this.compensations = new Compensations(this.redis.store());
	}

	private void limit(LimitSettings settings) {
		this.limits = new SessionLimits(this.redis.caller(), new LimitStore(this.redis.store()), this.compensations,
				settings, OptionNames.METHODS, this.statistics, this::evict);
	}

	private CompletionStage<?> evict(SessionScope scope, String handle) {
		assertThat(Thread.currentThread().getName()).isEqualTo(SlowRedis.THREAD);
		return this.redis.caller().receive(this.redis.store().delete(handle, null, false)).thenApply((deleted) -> {
			this.evicted.add(handle);
			return deleted;
		});
	}

	@AfterEach
	void close() {
		this.redis.stopDelay();
		this.compensations.close();
		this.redis.close();
		this.repositories.close();
	}

	private StoredSession logIn() {
		StoredSession session = this.repository.createSession();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		this.repository.save(session);
		return session;
	}

	private void assertRefused(CompletableFuture<?> refused, Limit limit) {
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> refused.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(SessionLimitExceededException.class)
			.satisfies((ex) -> assertThat(((SessionLimitExceededException) ex.getCause()).getLimit()).isEqualTo(limit));
	}

	@Test
	void sessionsAreEvictedOneAfterTheOtherBeforeThePlaceIsReserved() throws Exception {
		List<String> before = IntStream.range(0, 2).mapToObj((i) -> logIn().getHandle()).toList();
		limit(new LimitSettings(1, OnExceeded.EVICT_OLDEST, 0));
		String handle = SessionId.newHandle();
		List<Reservation> reservations = this.redis.start(() -> this.limits.reserve(this.scope, handle, List.of(ALICE)))
			.get(20, TimeUnit.SECONDS);
		assertThat(reservations).singleElement().isEqualTo(this.scope.reservation(ALICE));
		assertThat(this.evicted).containsExactlyInAnyOrderElementsOf(before);
		this.redis.assertNothingBlocked();
		this.limits.release(this.scope, reservations);
		assertThat(this.scope.reservation(ALICE)).isNull();
		await().until(() -> this.server.commands().keys("app:session:index:*").isEmpty());
	}

	@Test
	void aLogInBeyondTheLimitIsRejectedAndLeavesNoReservation() throws Exception {
		StoredSession session = logIn();
		limit(new LimitSettings(1, OnExceeded.REJECT, 0));
		IndexEntry other = IndexEntry.principal("bob");
		assertRefused(
				this.redis.start(() -> this.limits.reserve(this.scope, SessionId.newHandle(), List.of(other, ALICE))),
				Limit.PER_PRINCIPAL);
		assertThat(this.scope.reservation(other)).isNull();
		assertThat(this.statistics.get(SessionCounter.REJECTED_LOG_INS)).isEqualTo(1);
		assertThat(this.evicted).isEmpty();
		assertThat(this.repository.findById(session.getHandle())).isNotNull();
		this.redis.assertNothingBlocked();
		await().until(() -> this.server.commands().keys("app:session:index:*").size() == 1);
	}

	@Test
	void aLogInWaitsForAPlaceThatIsReserved() throws Exception {
		limit(new LimitSettings(1, OnExceeded.EVICT_OLDEST, 0));
		List<Reservation> first = this.redis
			.start(() -> this.limits.reserve(SessionScope.none(), SessionId.newHandle(), List.of(ALICE)))
			.get(20, TimeUnit.SECONDS);
		CompletableFuture<List<Reservation>> second = this.redis
			.start(() -> this.limits.reserve(this.scope, SessionId.newHandle(), List.of(ALICE)));
		this.limits.release(SessionScope.none(), first);
		assertThat(second.get(20, TimeUnit.SECONDS)).hasSize(1);
		assertThat(this.evicted).isEmpty();
		this.redis.assertNothingBlocked();
	}

	@Test
	void aNewSessionIsAdmittedOrRejected() throws Exception {
		limit(new LimitSettings(0, OnExceeded.EVICT_OLDEST, 1));
		assertThat(this.redis.start(() -> this.limits.admit(this.scope, SessionId.newHandle())))
			.succeedsWithin(Duration.ofSeconds(20));
		assertRefused(this.redis.start(() -> this.limits.admit(this.scope, SessionId.newHandle())), Limit.TOTAL);
		assertThat(this.statistics.get(SessionCounter.REJECTED_SESSIONS)).isEqualTo(1);
		assertThat(this.scope.failure()).isNull();
		this.redis.assertNothingBlocked();
	}

}
