package app.session.redis.servlet;

import java.time.Duration;
import java.util.function.Consumer;

import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.web.http.HeaderHttpSessionIdResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Sessions whose time is over while a request is at work on them.
 */
@ExtendWith(OutputCaptureExtension.class)
class ExpiredDuringRequestITests {

	private static final Duration SHORT = Duration.ofMillis(250);

	private static final Consumer<SessionSettingsBuilder> IDLE = (settings) -> settings.idleTimeout(SHORT);

	private static final Consumer<SessionSettingsBuilder> ABSOLUTE = (settings) -> settings.absoluteTimeout(SHORT);

	private static final Consumer<SessionSettingsBuilder> FIRST = (settings) -> settings.firstTimeout(SHORT);

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private AtomicRedisSessionRepository repository(Consumer<SessionSettingsBuilder> settings) {
		return this.repositories.unstarted(settings).repository();
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute("name", "x");
		repository.save(session);
		return session;
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	/** Until its time is over; another node may have it collected. */
	private void awaitEnd(StoredSession session, boolean collected) {
		if (collected) {
			Node collecting = this.repositories.node((settings) -> {
			});
			await().until(() -> server.commands().exists(key(session)) == 0);
			collecting.engine().stop();
		}
		else {
			AtomicRedisSessionRepository other = repository((settings) -> {
			});
			await().pollInterval(Duration.ofMillis(20)).until(() -> other.findById(session.getHandle()) == null);
			assertThat(server.commands().exists(key(session))).isEqualTo(1);
		}
	}

	private static void assertCounted(AtomicRedisSessionRepository repository, long expired, long ended) {
		assertThat(repository.getStatistics().get(SessionCounter.CONFLICT_EXPIRED)).isEqualTo(expired);
		assertThat(repository.getStatistics().get(SessionCounter.CONFLICT_ENDED)).isEqualTo(ended);
	}

	private void assertExpiryIsCounted(Consumer<SessionSettingsBuilder> settings, boolean collected) {
		AtomicRedisSessionRepository repository = repository(settings);
		StoredSession session = create(repository);
		awaitEnd(session, collected);
		session.setAttribute("late", "x");
		repository.save(session);
		assertCounted(repository, 1, 0);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void idleTimeout(boolean collected) {
		assertExpiryIsCounted(IDLE, collected);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void absoluteTimeout(boolean collected) {
		assertExpiryIsCounted(ABSOLUTE, collected);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void timeoutUntilTheSecondRequest(boolean collected) {
		assertExpiryIsCounted(FIRST, collected);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void sessionThatAClientHasLoaded(boolean collected) {
		AtomicRedisSessionRepository repository = repository(IDLE);
		StoredSession session = repository.clientSessions().findById(create(repository(IDLE)).getId());
		awaitEnd(session, collected);
		session.setMaxInactiveInterval(Duration.ofMinutes(5));
		repository.clientSessions().save(session);
		assertCounted(repository, 1, 0);
	}

	@Test
	void sessionWithAnAbsoluteTimeoutThatAClientHasLoaded() {
		AtomicRedisSessionRepository repository = repository((settings) -> {
		});
		StoredSession session = repository.clientSessions().findById(create(repository(ABSOLUTE)).getId());
		awaitEnd(session, true);
		session.setAttribute("late", "x");
		repository.clientSessions().save(session);
		assertCounted(repository, 1, 0);
	}

	@Test
	void sessionThatIsDeletedCountsAsEnded() {
		AtomicRedisSessionRepository repository = repository(IDLE);
		StoredSession created = create(repository((settings) -> settings.idleTimeout(Duration.ofMinutes(1))));
		StoredSession session = repository.clientSessions().findById(created.getId());
		repository((settings) -> {
		}).deleteById(session.getId());
		session.setAttribute("late", "x");
		repository.save(session);
		assertCounted(repository, 0, 1);
	}

	@Test
	void accessThatLoadingNotedCounts() {
		Duration timeout = Duration.ofSeconds(1);
		AtomicRedisSessionRepository repository = repository((settings) -> settings.idleTimeout(timeout));
		StoredSession created = create(repository);
		awaitAge(created, timeout, Duration.ofMillis(550));
		StoredSession session = repository.clientSessions().findById(created.getId());
		awaitAge(created, timeout, Duration.ofMillis(550));
		repository((settings) -> {
		}).deleteById(created.getHandle());
		session.setAttribute("late", "x");
		repository.save(session);
		assertCounted(repository, 0, 1);
	}

	private static void awaitAge(StoredSession session, Duration timeout, Duration age) {
		Duration left = timeout.plus(Duration.ofMinutes(5)).minus(age);
		await().pollInterval(Duration.ofMillis(10))
			.until(() -> server.commands().pttl(key(session)) <= left.toMillis());
	}

	@Test
	void saveFailsWhereItIsAskedFor() {
		AtomicRedisSessionRepository repository = repository(
				IDLE.andThen((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL)));
		StoredSession session = create(repository);
		awaitEnd(session, false);
		session.setAttribute("late", "x");
		assertThatIllegalStateException().isThrownBy(() -> repository.save(session))
			.withMessageContaining(session.getHandle() + " has expired")
			.withMessageNotContaining(session.getId());
	}

	@Test
	void saveWithoutAChangeIsNotRefused() {
		AtomicRedisSessionRepository repository = repository(
				IDLE.andThen((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL)));
		StoredSession session = create(repository);
		awaitEnd(session, false);
		repository.save(session);
		assertCounted(repository, 0, 0);
	}

	@Test
	void longerTimeoutThatIsSavedBeforeTheWorkKeepsTheSession() {
		AtomicRedisSessionRepository repository = repository(IDLE);
		StoredSession session = create(repository);
		session.setMaxInactiveInterval(Duration.ofMinutes(1));
		repository.save(session);
		StoredSession witness = create(repository);
		awaitEnd(witness, false);
		session.setAttribute("late", "x");
		repository.save(session);
		assertCounted(repository, 0, 0);
		assertThat(repository.findById(session.getId()).<String>getAttribute("late")).isEqualTo("x");
	}

	@Test
	void itIsLoggedOnceAMinuteWithTheHandle(CapturedOutput output) {
		AtomicRedisSessionRepository repository = repository(IDLE);
		StoredSession first = create(repository);
		StoredSession second = create(repository);
		awaitEnd(second, false);
		for (StoredSession session : new StoredSession[] { first, second }) {
			session.setAttribute("late", "x");
			repository.save(session);
		}
		assertCounted(repository, 2, 0);
		assertThat(output).containsOnlyOnce("expired while a request")
			.contains(first.getHandle() + " expired")
			.doesNotContain(first.getId())
			.contains("SessionSettingsBuilder.idleTimeout");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void asynchronousRequestWithOrWithoutALock(boolean locked) throws Exception {
		AtomicRedisSessionRepository repository = repository(IDLE.andThen((settings) -> settings
			.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0))));
		StoredSession session = create(repository);
		RedisSessionFilter filter = new RedisSessionFilter(repository, Duration.ofSeconds(1));
		filter.setHttpSessionIdResolver(HeaderHttpSessionIdResolver.xAuthToken());
		filter.setLockPolicy((request) -> locked);
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
		request.addHeader("X-Auth-Token", session.getId());
		request.setAsyncSupported(true);
		filter.doFilter(request, new MockHttpServletResponse(), (req, res) -> {
			((HttpServletRequest) req).getSession();
			req.startAsync();
			awaitEnd(session, false);
			((HttpServletRequest) req).getSession().setAttribute("late", "x");
		});
		assertCounted(repository, 1, 0);
		request.getAsyncContext().complete();
		assertCounted(repository, 2, 0);
	}

}
