package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import app.session.redis.engine.SessionEngine;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.events.SessionCreatedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Which cookie a client has after a request that was answered with an error, because one
 * of its saves failed.
 */
class FailedSaveTests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private final TcpProxy proxy = TcpProxy.to(server);

	private final TestRepositories behindProxy = TestRepositories.on(this.proxy.host(), this.proxy.port());

	private final TestRepositories direct = TestRepositories.on(server);

	private final AtomicRedisSessionRepository elsewhere = this.direct.unstarted((settings) -> {
	}).repository();

	private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/");

	private final MockHttpServletResponse response = new MockHttpServletResponse();

	private StoredSession own;

	@BeforeEach
	void begin() {
		server.flushAll();
		this.own = this.elsewhere.createSession();
		this.own.setAttribute("cart", "teapot");
		this.elsewhere.save(this.own);
		this.request.setAsyncSupported(true);
	}

	@AfterEach
	void close() {
		this.proxy.forward();
		this.behindProxy.close();
		this.direct.close();
		this.proxy.close();
	}

	private AtomicRedisSessionRepository repository(Consumer<SessionSettingsBuilder> settings) {
		return repository(settings, (each) -> {
		});
	}

	private AtomicRedisSessionRepository repository(Consumer<SessionSettingsBuilder> settings,
			Consumer<SessionEngine> listeners) {
		AtomicRedisSessionRepository repository = this.behindProxy.unstarted((each) -> {
			each.commandTimeout(Duration.ofMillis(300));
			settings.accept(each);
		}, listeners).repository();
		await().ignoreExceptions().untilAsserted(() -> repository.findById("A".repeat(59)));
		return repository;
	}

	private void dispatch(AtomicRedisSessionRepository repository, FilterChain chain) throws Exception {
		new RedisSessionFilter(repository, Duration.ofSeconds(1)).doFilter(this.request, this.response, chain);
	}

	private void sendOwnCookie() {
		this.request.setCookies(new Cookie("SESSION",
				Base64.getEncoder().encodeToString(this.own.getId().getBytes(StandardCharsets.US_ASCII))));
	}

	/** The session of the cookie that the client has after the response. */
	private StoredSession sessionOfClient() {
		Cookie cookie = this.response.getCookie("SESSION");
		String id = (cookie != null)
				? new String(Base64.getDecoder().decode(cookie.getValue()), StandardCharsets.US_ASCII)
				: this.own.getId();
		return this.elsewhere.findById(id);
	}

	@Test
	void clientGetsTheIdThatWasSavedBeforeTheFailure() throws Exception {
		sendOwnCookie();
		dispatch(repository((settings) -> settings.flushMode(FlushMode.IMMEDIATE)), (request, response) -> {
			HttpServletRequest http = (HttpServletRequest) request;
			http.getSession();
			http.changeSessionId();
			this.proxy.stopForwarding(Direction.TO_CLIENT);
			http.getSession().setAttribute("late", "x");
		});
		this.proxy.forward();
		assertThat(this.response.getStatus()).isEqualTo(503);
		assertThat(this.response.getCookie("SESSION")).isNotNull();
		assertThat(sessionOfClient().<String>getAttribute("cart")).isEqualTo("teapot");
	}

	@Test
	void clientGetsTheIdThatWasSavedBeforeARefusal() throws Exception {
		AtomicRedisSessionRepository repository = repository((settings) -> {
			settings.flushMode(FlushMode.IMMEDIATE);
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
		});
		StoredSession first = repository.createSession();
		first.setAttribute(PRINCIPAL, "alice");
		sendOwnCookie();
		dispatch(repository, (request, response) -> {
			HttpServletRequest http = (HttpServletRequest) request;
			http.getSession();
			http.changeSessionId();
			http.getSession().setAttribute(PRINCIPAL, "alice");
		});
		assertThat(this.response.getStatus()).isEqualTo(403);
		assertThat(sessionOfClient().getAttributeNames()).containsExactly("cart");
	}

	@Test
	void clientGetsTheIdOfASessionWhoseSecondSaveFails() throws Exception {
		AtomicRedisSessionRepository repository = repository((settings) -> {
		}, (each) -> each.setApplicationEventPublisher((event) -> {
			if (event instanceof SessionCreatedEvent created) {
				this.proxy.stopForwarding(Direction.TO_CLIENT);
				created.<StoredSession>getSession().setAttribute("late", "x");
			}
		}));
		dispatch(repository,
				(request, response) -> ((HttpServletRequest) request).getSession().setAttribute("name", "new"));
		this.proxy.forward();
		assertThat(this.response.getStatus()).isEqualTo(503);
		assertThat(this.response.getCookie("SESSION")).isNotNull();
		assertThat(sessionOfClient().<String>getAttribute("name")).isEqualTo("new");
	}

	@Test
	void clientKeepsItsIdWhenTheChangeOfTheIdFails() throws Exception {
		sendOwnCookie();
		dispatch(repository((settings) -> {
		}), (request, response) -> {
			HttpServletRequest http = (HttpServletRequest) request;
			http.getSession().setAttribute("cart", "none");
			http.changeSessionId();
			this.proxy.stopForwarding(Direction.TO_CLIENT);
		});
		this.proxy.forward();
		assertThat(this.response.getStatus()).isEqualTo(503);
		assertThat(this.response.getCookie("SESSION")).isNull();
		await().untilAsserted(() -> assertThat(sessionOfClient()).isNotNull());
		assertThat(sessionOfClient().<String>getAttribute("cart")).isEqualTo("teapot");
	}

	@Test
	void whatWasAnsweredWithAnErrorIsNotSavedAtTheEndOfAsynchronousProcessing() throws Exception {
		sendOwnCookie();
		AtomicRedisSessionRepository repository = repository((settings) -> {
		});
		dispatch(repository, (request, response) -> {
			HttpServletRequest http = (HttpServletRequest) request;
			http.getSession().getAttribute("cart");
			http.startAsync();
		});
		MockAsyncContext async = (MockAsyncContext) this.request.getAsyncContext();
		this.request.setAsyncStarted(false);
		dispatch(repository, (request, response) -> {
			HttpServletRequest http = (HttpServletRequest) request;
			http.changeSessionId();
			http.getSession().setAttribute(PRINCIPAL, "alice");
			this.proxy.stopForwarding(Direction.TO_CLIENT);
		});
		this.proxy.forward();
		assertThat(this.response.getStatus()).isEqualTo(503);
		async.complete();
		await().untilAsserted(() -> assertThat(sessionOfClient()).isNotNull());
		await().during(Duration.ofMillis(500))
			.untilAsserted(() -> assertThat(this.elsewhere.findByPrincipalName("alice")).isEmpty());
		assertThat(sessionOfClient().getAttributeNames()).containsExactly("cart");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientsOwnSessionIsFencedByItsIdHoweverItWasFound(boolean byIndex) throws Exception {
		this.own.setAttribute(PRINCIPAL, "alice");
		this.elsewhere.save(this.own);
		sendOwnCookie();
		AtomicRedisSessionRepository repository = repository((settings) -> settings.idOverlap(Duration.ZERO));
		dispatch(repository, (request, response) -> {
			if (byIndex) {
				assertThat(repository.findByPrincipalName("alice")).containsOnlyKeys(this.own.getId());
			}
			((HttpServletRequest) request).getSession();
			// Outside of this request
			CompletableFuture.runAsync(() -> {
				StoredSession elsewhere = this.elsewhere.findById(this.own.getId());
				elsewhere.changeSessionId();
				this.elsewhere.save(elsewhere);
			}).join();
			((HttpServletRequest) request).getSession().setAttribute("cart", "stolen");
		});
		StoredSession stored = this.elsewhere.findById(this.own.getHandle());
		assertThat(stored.<String>getAttribute("cart")).isEqualTo("teapot");
		assertThat(this.response.getCookie("SESSION")).isNull();
	}

}
