package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.web.authentication.session.ChangeSessionIdAuthenticationStrategy;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests sessions of requests whose response is committed, or is never flushed, in a
 * container.
 */
class CommittedResponseITests {

	private static RedisServer server;

	private static WebNode node;

	private Browser browser;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		node = WebNode.start(List.of(WebTestApplication.class, Listening.class),
				List.of("app.session.redis.host=" + server.host(), "app.session.redis.port=" + server.port(),
						"app.session.redis.collector.enabled=false"));
	}

	@AfterAll
	static void stop() {
		node.close();
		server.flushAll();
	}

	@BeforeEach
	void begin() {
		server.flushAll();
		this.browser = node.browser();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/committed", "/committed-in-thread", "/committed-in-stream" })
	void noSessionIsCreated(String path) {
		for (int i = 0; i < 5; i++) {
			assertThat(this.browser.get(path).body()).isEqualTo("begun IllegalStateException");
		}
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void logInWhileTheResponseIsStreamedIsRefusedAndTheSessionStays() {
		this.browser.get("/new");
		String id = this.browser.sessionId();
		assertThat(this.browser.get("/log-in-in-stream").body()).isEqualTo("begun IllegalStateException");
		assertThat(this.browser.sessionId()).isEqualTo(id);
		assertThat(this.browser.get("/read").body()).isEqualTo("new [apple]");
		StoredSession session = node.bean(AtomicRedisSessionRepository.class).findById(id);
		assertThat(session.<Object>getAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY))
			.isNull();
		this.browser.logIn("anna");
		assertThat(this.browser.get("/private/read").body()).isEqualTo("new [apple]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/no-content", "/written" })
	void whatAListenerSetsInANewSessionIsSavedThoughNothingIsFlushed(String path) {
		this.browser.get(path);
		StoredSession session = node.bean(AtomicRedisSessionRepository.class).findById(this.browser.sessionId());
		assertThat(session.<String>getAttribute("listener")).isEqualTo("x");
		assertThat(session.getMaxInactiveInterval()).hasMinutes(7);
	}

	/**
	 * A listener of sessions, and requests that end in unusual ways.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(CommittedController.class)
	static class Listening {

		@Bean
		HttpSessionListener sessionListener() {
			return new HttpSessionListener() {

				@Override
				public void sessionCreated(HttpSessionEvent event) {
					event.getSession().setAttribute("listener", "x");
					event.getSession().setMaxInactiveInterval(420);
				}

			};
		}

	}

	/**
	 * Commits responses before it requests the session.
	 */
	@RestController
	static class CommittedController {

		@GetMapping("/committed")
		void committed(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.getWriter().print("begun ");
			response.flushBuffer();
			response.getWriter().print(outcome(request::getSession));
		}

		@GetMapping("/committed-in-thread")
		void inThread(HttpServletRequest request, HttpServletResponse response) throws IOException {
			AsyncContext context = request.startAsync();
			response.getWriter().print("begun ");
			response.flushBuffer();
			context.start(() -> {
				try {
					response.getWriter().print(outcome(request::getSession));
				}
				catch (IOException ex) {
					throw new IllegalArgumentException(ex);
				}
				finally {
					context.complete();
				}
			});
		}

		@GetMapping("/committed-in-stream")
		StreamingResponseBody inStream(HttpServletRequest request, HttpServletResponse response) {
			return (out) -> {
				out.write("begun ".getBytes(StandardCharsets.UTF_8));
				response.flushBuffer();
				out.write(outcome(request::getSession).getBytes(StandardCharsets.UTF_8));
			};
		}

		@GetMapping("/log-in-in-stream")
		StreamingResponseBody logInInStream(HttpServletRequest request, HttpServletResponse response) {
			return (out) -> {
				out.write("begun ".getBytes(StandardCharsets.UTF_8));
				response.flushBuffer();
				String outcome = outcome(() -> new ChangeSessionIdAuthenticationStrategy()
					.onAuthentication(new TestingAuthenticationToken("anna", "secret"), request, response));
				out.write(outcome.getBytes(StandardCharsets.UTF_8));
			};
		}

		@GetMapping("/no-content")
		@ResponseStatus(HttpStatus.NO_CONTENT)
		void noContent(HttpServletRequest request) {
			request.getSession().setAttribute("own", "x");
		}

		@GetMapping("/written")
		void written(HttpServletRequest request, HttpServletResponse response) throws IOException {
			request.getSession().setAttribute("own", "x");
			response.getWriter().print("written");
		}

		private static String outcome(Runnable attempt) {
			try {
				attempt.run();
				return "done";
			}
			catch (RuntimeException ex) {
				return ex.getClass().getSimpleName();
			}
		}

	}

}
