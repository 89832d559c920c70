package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.FlushMode;
import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.HeaderHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What the application asks of sessions when the response is committed, so that no id can
 * reach the client.
 */
class CommittedResponseTests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final Executor NEW_THREAD = (task) -> new Thread(task).start();

	private final TestRepositories repositories = TestRepositories.on(server);

	private AtomicRedisSessionRepository repository = repository(FlushMode.ON_SAVE);

	private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

	private final MockHttpServletResponse response = new MockHttpServletResponse();

	@BeforeEach
	void empty() {
		server.flushAll();
		this.request.setAsyncSupported(true);
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	static Stream<HttpSessionIdResolver> resolvers() {
		return Stream.of(new CookieHttpSessionIdResolver(), HeaderHttpSessionIdResolver.xAuthToken(),
				new Both(new CookieHttpSessionIdResolver(), HeaderHttpSessionIdResolver.xAuthToken()));
	}

	private AtomicRedisSessionRepository repository(FlushMode flushMode) {
		return this.repositories.unstarted((settings) -> settings.flushMode(flushMode)).repository();
	}

	private void dispatch(HttpSessionIdResolver resolver, FilterChain chain) throws Exception {
		RedisSessionFilter filter = new RedisSessionFilter(this.repository, Duration.ofSeconds(1));
		filter.setHttpSessionIdResolver(resolver);
		filter.doFilter(this.request, this.response, chain);
		assertThat(RequestBinding.current()).isNull();
	}

	private String openSession() {
		StoredSession session = this.repository.createSession();
		session.setAttribute("name", "before");
		this.repository.save(session);
		this.request.setCookies(new Cookie("SESSION",
				Base64.getEncoder().encodeToString(session.getId().getBytes(StandardCharsets.US_ASCII))));
		this.request.addHeader("X-Auth-Token", session.getId());
		return session.getId();
	}

	private static HttpSession session(Object request) {
		return ((HttpServletRequest) request).getSession();
	}

	@ParameterizedTest
	@MethodSource("resolvers")
	void noSessionIsCreated(HttpSessionIdResolver resolver) throws Exception {
		dispatch(resolver, (request, response) -> {
			response.flushBuffer();
			for (int i = 0; i < 3; i++) {
				assertThatIllegalStateException().isThrownBy(() -> session(request)).withMessageContaining("committed");
			}
			assertThat(((HttpServletRequest) request).getSession(false)).isNull();
		});
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void noSessionIsCreatedWhereChangesAreFlushedImmediately() throws Exception {
		this.repository = repository(FlushMode.IMMEDIATE);
		dispatch(new CookieHttpSessionIdResolver(), (request, response) -> {
			response.flushBuffer();
			assertThatIllegalStateException().isThrownBy(() -> session(request));
		});
		assertThat(server.keys()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("resolvers")
	void noSessionIsCreatedByAnotherThreadOfTheRequest(HttpSessionIdResolver resolver) throws Exception {
		HttpServletRequest[] seen = new HttpServletRequest[1];
		dispatch(resolver, (request, response) -> {
			seen[0] = (HttpServletRequest) request;
			request.startAsync();
			response.flushBuffer();
		});
		CompletableFuture<HttpSession> created = CompletableFuture.supplyAsync(() -> seen[0].getSession(), NEW_THREAD);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(created::join)
			.withCauseInstanceOf(IllegalStateException.class);
		((MockAsyncContext) this.request.getAsyncContext()).complete();
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void noSessionIsCreatedInADispatchThatFollows() throws Exception {
		HttpSessionIdResolver resolver = HeaderHttpSessionIdResolver.xAuthToken();
		dispatch(resolver, (request, response) -> response.flushBuffer());
		for (DispatcherType type : List.of(DispatcherType.ASYNC, DispatcherType.ERROR)) {
			this.request.setDispatcherType(type);
			dispatch(resolver,
					(request, response) -> assertThatIllegalStateException().isThrownBy(() -> session(request)));
		}
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void noSessionReplacesOneThatIsInvalidated() throws Exception {
		openSession();
		dispatch(new CookieHttpSessionIdResolver(), (request, response) -> {
			response.flushBuffer();
			session(request).invalidate();
			assertThatIllegalStateException().isThrownBy(() -> session(request));
		});
		assertThat(server.keys()).filteredOn((key) -> key.contains(":session:{")).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("resolvers")
	void sessionThatWasCreatedBeforeIsUsedAndSaved(HttpSessionIdResolver resolver) throws Exception {
		String[] id = new String[1];
		dispatch(resolver, (request, response) -> {
			id[0] = session(request).getId();
			response.flushBuffer();
			session(request).setAttribute("name", "after");
		});
		assertThat(this.response.containsHeader("Set-Cookie") || this.response.containsHeader("X-Auth-Token")).isTrue();
		assertThat(this.repository.findById(id[0]).<String>getAttribute("name")).isEqualTo("after");
	}

	@ParameterizedTest
	@MethodSource("resolvers")
	void sessionOfTheClientIsFoundAndSaved(HttpSessionIdResolver resolver) throws Exception {
		String id = openSession();
		dispatch(resolver, (request, response) -> {
			response.flushBuffer();
			session(request).setAttribute("name", "after");
		});
		assertThat(this.repository.findById(id).<String>getAttribute("name")).isEqualTo("after");
	}

	@ParameterizedTest
	@MethodSource("resolvers")
	void idOfASessionIsNotChanged(HttpSessionIdResolver resolver) throws Exception {
		String id = openSession();
		dispatch(resolver, (request, response) -> {
			session(request).setAttribute("name", "after");
			response.flushBuffer();
			assertThatIllegalStateException().isThrownBy(((HttpServletRequest) request)::changeSessionId)
				.withMessageContaining("committed");
			assertThat(session(request).getId()).isEqualTo(id);
			session(request).setAttribute("later", "x");
		});
		StoredSession left = this.repository.findById(id);
		assertThat(left).isNotNull();
		assertThat(left.<String>getAttribute("name")).isEqualTo("after");
		assertThat(left.<String>getAttribute("later")).isEqualTo("x");
	}

	@Test
	void idOfASessionIsNotChangedByAnotherThreadOfTheRequest() throws Exception {
		this.repository = repository(FlushMode.IMMEDIATE);
		String id = openSession();
		HttpServletRequest[] seen = new HttpServletRequest[1];
		dispatch(new CookieHttpSessionIdResolver(), (request, response) -> {
			seen[0] = (HttpServletRequest) request;
			request.startAsync();
			response.flushBuffer();
		});
		CompletableFuture<String> changed = CompletableFuture.supplyAsync(() -> seen[0].changeSessionId(), NEW_THREAD);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(changed::join)
			.withCauseInstanceOf(IllegalStateException.class);
		((MockAsyncContext) this.request.getAsyncContext()).complete();
		assertThat(this.repository.findById(id)).isNotNull();
	}

	@Test
	void idThatIsChangedBeforeReachesTheClient() throws Exception {
		String id = openSession();
		String[] changed = new String[1];
		dispatch(HeaderHttpSessionIdResolver.xAuthToken(), (request, response) -> {
			changed[0] = ((HttpServletRequest) request).changeSessionId();
			response.flushBuffer();
		});
		assertThat(this.response.getHeader("X-Auth-Token")).isEqualTo(changed[0]).isNotEqualTo(id);
		assertThat(this.repository.findById(changed[0])).isNotNull();
	}

	@Test
	void withoutASessionThereIsNoIdToChange() throws Exception {
		dispatch(new CookieHttpSessionIdResolver(), (request, response) -> {
			response.flushBuffer();
			assertThatIllegalStateException().isThrownBy(((HttpServletRequest) request)::changeSessionId);
		});
	}

	@Test
	@SuppressWarnings("NullAway") // what is refused
	void nullIsNoResolver() {
		RedisSessionFilter filter = new RedisSessionFilter(this.repository, Duration.ofSeconds(1));
		assertThatIllegalArgumentException().isThrownBy(() -> filter.setHttpSessionIdResolver(null));
	}

	/**
	 * Sends ids by all, and takes them from all.
	 *
	 * @param resolvers the resolvers
	 */
	private record Both(HttpSessionIdResolver... resolvers) implements HttpSessionIdResolver {

		@Override
		public List<String> resolveSessionIds(HttpServletRequest request) {
			List<String> ids = new ArrayList<>();
			Arrays.stream(this.resolvers).map((each) -> each.resolveSessionIds(request)).forEach(ids::addAll);
			return ids;
		}

		@Override
		public void setSessionId(HttpServletRequest request, HttpServletResponse response, String sessionId) {
			Arrays.stream(this.resolvers).forEach((each) -> each.setSessionId(request, response, sessionId));
		}

		@Override
		public void expireSession(HttpServletRequest request, HttpServletResponse response) {
			Arrays.stream(this.resolvers).forEach((each) -> each.expireSession(request, response));
		}

	}

}
