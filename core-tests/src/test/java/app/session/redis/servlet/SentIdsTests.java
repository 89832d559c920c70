package app.session.redis.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Clients that send several ids in one request.
 */
class SentIdsTests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final Executor NEW_THREAD = (task) -> new Thread(task).start();

	private final TestRepositories repositories = TestRepositories.on(server);

	private Node node = node((settings) -> {
	});

	private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

	@BeforeEach
	void empty() {
		server.flushAll();
		// Brings the scripts into Redis, so that they need not be sent twice
		find(cookies(List.of(unknown(), create().getId())));
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return this.repositories.unstarted(settings);
	}

	private StoredSession create() {
		StoredSession session = this.node.repository().createSession();
		session.setAttribute("name", "x");
		this.node.repository().save(session);
		return session;
	}

	private static String unknown() {
		return SessionId.newHandle() + SessionId.newSecret(32);
	}

	private static List<String> unknown(int count) {
		return IntStream.range(0, count).mapToObj((number) -> unknown()).toList();
	}

	private static List<String> ids(Object... ids) {
		List<String> all = new ArrayList<>();
		for (Object each : ids) {
			if (each instanceof List<?> several) {
				several.forEach((id) -> all.add((String) id));
			}
			else {
				all.add((String) each);
			}
		}
		return all;
	}

	private HttpServletRequest cookies(List<String> ids) {
		this.request.setCookies(ids.stream()
			.map((id) -> new Cookie("SESSION",
					Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.US_ASCII))))
			.toArray(Cookie[]::new));
		return this.request;
	}

	private @Nullable String find(HttpServletRequest request) {
		return find(request, new CookieHttpSessionIdResolver(), false);
	}

	/** The id of the session that the filter finds for a request. */
	private @Nullable String find(HttpServletRequest request, HttpSessionIdResolver resolver, boolean locked) {
		RedisSessionFilter filter = new RedisSessionFilter(this.node.repository(), Duration.ofSeconds(1));
		filter.setHttpSessionIdResolver(resolver);
		if (locked) {
			filter.setLockPolicy((each) -> true);
		}
		String[] found = new String[1];
		try {
			filter.doFilter(request, new MockHttpServletResponse(), (req, res) -> {
				HttpSession session = ((HttpServletRequest) req).getSession(false);
				found[0] = (session != null) ? session.getId() : null;
			});
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		Collections.list(request.getAttributeNames()).forEach(request::removeAttribute);
		return found[0];
	}

	private static long scripts(Monitor monitor) {
		return monitor.commands().stream().filter((command) -> command.name().startsWith("EVAL")).count();
	}

	private long roundTrips() {
		return this.node.repository().getStatistics().get(SessionCounter.ROUND_TRIPS);
	}

	@Test
	void manyUnknownIdsCostAHandfulOfLookupsInOneRoundTrip() {
		long before = roundTrips();
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(find(cookies(unknown(140)))).isNull();
			assertThat(scripts(monitor)).isEqualTo(5);
		}
		assertThat(roundTrips() - before).isEqualTo(1);
	}

	/** Each may be an id with the route of another node. */
	@Test
	void manyUnknownIdsWithARouteCostNoMore() {
		List<String> ids = unknown(60).stream().map((id) -> id + ".node1").toList();
		long before = roundTrips();
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(find(cookies(ids))).isNull();
			assertThat(scripts(monitor)).isLessThanOrEqualTo(5);
		}
		assertThat(roundTrips() - before).isEqualTo(1);
		before = roundTrips();
		assertThat(find(cookies(List.of(unknown() + ".node1")))).isNull();
		assertThat(roundTrips() - before).isEqualTo(2);
	}

	@Test
	void oneIdCostsOneLookup() {
		String id = create().getId();
		long before = roundTrips();
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(find(cookies(List.of(id)))).isEqualTo(id);
			assertThat(find(cookies(List.of(unknown())))).isNull();
			assertThat(scripts(monitor)).isEqualTo(2);
		}
		assertThat(roundTrips() - before).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 2, 3, 4 })
	void sessionAmongTheFirstFewIsFound(int place) {
		String id = create().getId();
		long before = roundTrips();
		assertThat(find(cookies(ids(unknown(place), id, unknown(100))))).isEqualTo(id);
		// One that is not the first has its access written when the request ends
		assertThat(roundTrips() - before).isEqualTo((place == 0) ? 1 : 2);
	}

	@Test
	void sessionBeyondIsNotFound() {
		String id = create().getId();
		assertThat(find(cookies(ids(unknown(5), id)))).isNull();
		assertThat(find(cookies(ids(id)))).isEqualTo(id);
	}

	@Test
	void idsThatCanNotBeOnesAndRepetitionsCostNothing() {
		String id = create().getId();
		List<String> malformed = IntStream.range(0, 60).mapToObj((number) -> "malformed:" + number).toList();
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(find(cookies(ids(malformed, id)))).isEqualTo(id);
			assertThat(scripts(monitor)).isEqualTo(1);
		}
		String repeated = unknown();
		assertThat(find(cookies(ids(repeated, repeated, repeated, repeated, repeated, repeated, id)))).isEqualTo(id);
	}

	@Test
	void firstOfSeveralSessionsWinsAndTheOthersAreNotAccessed() {
		StoredSession first = create();
		StoredSession second = create();
		for (StoredSession session : List.of(first, second)) {
			server.commands().pexpire(key(session), 600_000);
		}
		assertThat(find(cookies(ids(unknown(), first.getId(), second.getId())))).isEqualTo(first.getId());
		assertThat(server.commands().pttl(key(first))).isGreaterThan(600_000);
		assertThat(server.commands().pttl(key(second))).isLessThanOrEqualTo(600_000);
		assertThat(find(cookies(ids(second.getId(), first.getId())))).isEqualTo(second.getId());
		assertThat(server.commands().pttl(key(second))).isGreaterThan(600_000);
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	@Test
	void sessionThatCanNotBeReadGivesWayToTheNextOne() {
		this.node = node((settings) -> settings.onUnreadable(OnUnreadable.DROP_SESSION));
		StoredSession unreadable = create();
		server.commands().hset(key(unreadable), "name", "\u0002cut off");
		String id = create().getId();
		assertThat(find(cookies(ids(unknown(), unreadable.getId(), id)))).isEqualTo(id);
		assertThat(server.commands().exists(key(unreadable))).isZero();
	}

	@Test
	void sessionWithAWrongSecretIsNotFound() {
		StoredSession session = create();
		String wrong = session.getHandle() + SessionId.newSecret(32);
		assertThat(find(cookies(ids(wrong, unknown())))).isNull();
		assertThat(find(cookies(ids(wrong, session.getId())))).isEqualTo(session.getId());
	}

	@Test
	void idsFromAnyResolverAreLimited() {
		String id = create().getId();
		List<String> ids = ids(unknown(2), id, unknown(100));
		HttpSessionIdResolver resolver = new HttpSessionIdResolver() {

			@Override
			public List<String> resolveSessionIds(HttpServletRequest request) {
				return ids;
			}

			@Override
			public void setSessionId(HttpServletRequest request, HttpServletResponse response, String sessionId) {
			}

			@Override
			public void expireSession(HttpServletRequest request, HttpServletResponse response) {
			}

		};
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(find(this.request, resolver, false)).isEqualTo(id);
			assertThat(scripts(monitor)).as("look-ups, and the access").isEqualTo(6);
		}
	}

	@Test
	void threadsThatTheApplicationStartsAreLimitedToo() throws Exception {
		this.request.setAsyncSupported(true);
		RedisSessionFilter filter = new RedisSessionFilter(this.node.repository(), Duration.ofSeconds(1));
		HttpServletRequest[] seen = new HttpServletRequest[1];
		filter.doFilter(cookies(unknown(100)), new MockHttpServletResponse(), (request, response) -> {
			seen[0] = (HttpServletRequest) request;
			request.startAsync();
		});
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(CompletableFuture.supplyAsync(() -> {
				assertThat(seen[0].isRequestedSessionIdValid()).isFalse();
				HttpSession session = seen[0].getSession(false);
				assertThat(RequestBinding.current()).isNull();
				return session == null;
			}, NEW_THREAD).join()).isTrue();
			assertThat(scripts(monitor)).isEqualTo(5);
		}
		((MockAsyncContext) this.request.getAsyncContext()).complete();
	}

	@Test
	void lockIsTakenOfTheSessionThatIsFound() {
		this.node = node((settings) -> settings
			.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		CookieHttpSessionIdResolver cookies = new CookieHttpSessionIdResolver();
		String id = create().getId();
		find(cookies(ids(unknown(), id)), cookies, true);
		for (int place : new int[] { 0, 3 }) {
			try (Monitor monitor = Monitor.of(server)) {
				assertThat(find(cookies(ids(unknown(place), id, unknown(100))), cookies, true)).isEqualTo(id);
				assertThat(monitor.commands()).filteredOn((command) -> command.args().toString().contains(":lock:{"))
					.allMatch((command) -> command.args().toString().contains(id.substring(0, 16)));
				await().untilAsserted(() -> assertThat(scripts(monitor))
					.as("look-ups, lock, unlock that nobody waits for, and the access")
					.isBetween(7L, 8L));
			}
		}
		long before = roundTrips();
		assertThat(find(cookies(unknown(140)), cookies, true)).isNull();
		assertThat(roundTrips() - before).isEqualTo(1);
	}

	@Test
	void idsOfSpringSessionCountIntoTheHandful() {
		this.node = node((settings) -> settings.migrateFrom("old"));
		List<String> foreign = IntStream.range(0, 140).mapToObj((number) -> UUID.randomUUID().toString()).toList();
		long before = roundTrips();
		assertThat(find(cookies(foreign))).isNull();
		assertThat(roundTrips() - before).isEqualTo(1);
		assertThat(find(cookies(unknown(140)))).isNull();
		assertThat(roundTrips() - before).as("here, and there").isEqualTo(3);
	}

	@Test
	void firstSessionOfEitherKindWins() {
		this.node = node((settings) -> settings.migrateFrom("old"));
		String own = create().getId();
		String foreign = UUID.randomUUID().toString();
		createForeign(foreign);
		assertThat(find(cookies(ids(UUID.randomUUID().toString(), own, foreign)))).isEqualTo(own);
		assertThat(server.keys()).contains("old:sessions:" + foreign);
		String taken = find(cookies(ids(UUID.randomUUID().toString(), foreign, own)));
		assertThat(taken).isNotNull().isNotIn(own, foreign);
		assertThat(server.keys()).doesNotContain("old:sessions:" + foreign);
		String beyond = UUID.randomUUID().toString();
		createForeign(beyond);
		assertThat(find(cookies(ids(unknown(5), beyond)))).isNull();
	}

	private void createForeign(String id) {
		try (RedisConnection connection = this.node.connectionFactory().getConnection()) {
			Map.of("creationTime", Instant.now().toEpochMilli(), "lastAccessedTime", Instant.now().toEpochMilli(),
					"maxInactiveInterval", 1800)
				.forEach((name, value) -> connection.hashCommands()
					.hSet(("old:sessions:" + id).getBytes(StandardCharsets.UTF_8),
							name.getBytes(StandardCharsets.UTF_8), serialize(value)));
		}
	}

	private static byte[] serialize(Object value) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(value);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

}
