package app.session.redis.autoconfigure.web;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import app.session.redis.engine.SessionEngine;
import app.session.redis.reactive.ReactiveCaller;
import app.session.redis.reactive.RedisSessionWebFilter;
import app.session.redis.reactive.RedisWebSessionManager;
import app.session.redis.settings.SessionSettings;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.web.server.WebSession;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a servlet application and a reactive one that share their sessions: each accepts
 * the other's cookies, in Base64 and raw, and can end the other's sessions.
 */
class SharedLogInITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static WebNode servlet;

	private static LettuceConnectionFactory connectionFactory;

	private static SessionEngine engine;

	private static RedisWebSessionManager manager;

	@BeforeAll
	static void start() {
		server.flushAll();
		servlet = WebNode.start(server, "test.csrf=false");
		connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(server.host(), server.port()));
		connectionFactory.afterPropertiesSet();
		connectionFactory.start();
		engine = new SessionEngine(connectionFactory, SessionSettings.builder().build(), new ReactiveCaller());
		engine.afterPropertiesSet();
		engine.start();
		manager = new RedisWebSessionManager(engine);
	}

	@AfterAll
	static void stop() {
		engine.stop();
		connectionFactory.destroy();
		servlet.close();
	}

	/** Sends a request to the reactive application, and returns the received cookie. */
	private static ResponseCookie reactive(String cookie, Function<WebSession, Mono<Void>> use) {
		MockServerHttpRequest request = MockServerHttpRequest.get("/")
			.cookie(new HttpCookie("SESSION", cookie))
			.build();
		MockServerHttpResponse response = new MockServerHttpResponse();
		WebHttpHandlerBuilder.webHandler((exchange) -> exchange.getSession().flatMap(use))
			.sessionManager(manager)
			.filter(new RedisSessionWebFilter(manager))
			.build()
			.handle(request, response)
			.block(Duration.ofSeconds(10));
		return response.getCookies().getFirst("SESSION");
	}

	private static String base64(String id) {
		return Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void logInOfTheServletApplication_holdsInTheReactiveOne() {
		Browser browser = servlet.browser();
		browser.get("/write?value=apple");
		browser.post("/login", Map.of("username", "anna", "password", "secret"));
		String id = browser.sessionId();
		AtomicReference<String> user = new AtomicReference<>();
		for (String cookie : new String[] { base64(id), id }) {
			ResponseCookie received = reactive(cookie, (session) -> {
				SecurityContext context = session
					.getAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY);
				user.set(context.getAuthentication().getName() + " " + session.getAttribute("name"));
				session.getAttributes().put("name", "pear");
				return Mono.empty();
			});
			assertThat(user.get()).startsWith("anna ");
			assertThat(received).as("a cookie for a client that has one").isNull();
		}
		assertThat(browser.get("/read").body()).contains("pear");
		reactive(id, WebSession::invalidate);
		assertThat(browser.get("/read").body()).isEqualTo("none");
	}

	@Test
	void sessionOfTheReactiveApplication_isAcceptedByTheServletOne() {
		String id = reactive("none", (session) -> {
			session.getAttributes().put("name", "apple");
			return Mono.empty();
		}).getValue();
		Browser raw = servlet.browser();
		raw.cookie(Browser.SESSION_COOKIE, id);
		assertThat(raw.get("/read").body()).contains("apple");
		assertThat(raw.cookieHeader()).as("the cookie, which isn't replaced").isEqualTo("SESSION=" + id);
		Browser encoded = servlet.browser();
		encoded.cookie(Browser.SESSION_COOKIE, base64(id));
		assertThat(encoded.get("/read").body()).contains("apple");
	}

	@Test
	void otherRawCookies_areNoSessions() {
		Browser browser = servlet.browser();
		browser.cookie(Browser.SESSION_COOKIE, "A".repeat(59));
		assertThat(browser.get("/read").body()).isEqualTo("none");
		browser.cookie("OTHER", "A".repeat(59));
		assertThat(browser.get("/read").body()).isEqualTo("none");
	}

}
