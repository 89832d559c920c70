package app.session.redis.servlet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * When the filter gives a lock up, in containers of all kinds.
 */
class FilterLockTests {

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository repository = this.repositories
		.unstarted((settings) -> settings
			.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)))
		.repository();

	private final RedisSessionFilter filter = new RedisSessionFilter(this.repository, Duration.ofSeconds(1));

	private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/");

	private String id;

	@BeforeEach
	void begin() {
		server.flushAll();
		this.filter.setLockPolicy(SessionLockPolicy.forMethods(List.of("post")));
		StoredSession session = this.repository.createSession();
		this.repository.save(session);
		this.id = session.getId();
		this.request.setCookies(
				new Cookie("SESSION", Base64.getEncoder().encodeToString(this.id.getBytes(StandardCharsets.US_ASCII))));
		this.request.setAsyncSupported(true);
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private void dispatch(FilterChain chain) throws Exception {
		this.filter.doFilter(this.request, new MockHttpServletResponse(), chain);
		assertThat(RequestBinding.current()).isNull();
	}

	private boolean isLocked() {
		return server.commands().exists("app:session:lock:{" + this.id.substring(0, 16) + "}") == 1;
	}

	private void assertFree() {
		await().until(() -> !isLocked());
	}

	private static HttpSession session(Object request) {
		return ((HttpServletRequest) request).getSession();
	}

	private Object saved(String attribute) {
		return this.repository.findById(this.id).getAttribute(attribute);
	}

	@Test
	void theLockIsHeldDuringTheRequestAndFreeAfterIt() throws Exception {
		dispatch((request, response) -> {
			assertThat(isLocked()).isTrue();
			session(request).setAttribute("a", "1");
		});
		assertFree();
		assertThat(saved("a")).isEqualTo("1");
	}

	@Test
	void methodsThatDoNotLockDoNot() throws Exception {
		this.request.setMethod("GET");
		dispatch((request, response) -> {
			session(request).setAttribute("a", "1");
			assertThat(isLocked()).isFalse();
		});
		assertThat(saved("a")).isEqualTo("1");
	}

	@Test
	void exceptionsAndErrorsFreeTheLock() throws Exception {
		assertThatIllegalStateException().isThrownBy(() -> dispatch((request, response) -> {
			throw new IllegalStateException();
		}));
		assertFree();
		begin();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> dispatch((request, response) -> {
			throw new IOException();
		}));
		assertFree();
		begin();
		new RequestEnd().requestInitialized(new ServletRequestEvent(new MockServletContext(), this.request));
		this.request.removeAttribute(RequestBinding.class.getName());
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> dispatch((request, response) -> {
			assertThat(isLocked()).isTrue();
			throw new OutOfMemoryError("for the test");
		}));
		assertFree();
	}

	@Test
	void whereNobodyTellsTheEndAnErrorPageSavesWithoutTheLock() throws Exception {
		dispatch((request, response) -> session(request).setAttribute("a", "1"));
		assertFree();
		this.request.setDispatcherType(DispatcherType.ERROR);
		dispatch((request, response) -> {
			session(request).setAttribute("b", "1");
			assertThat(isLocked()).isFalse();
		});
		assertThat(saved("a")).isEqualTo("1");
		assertThat(saved("b")).isEqualTo("1");
	}

	@Test
	void whereTheEndIsToldTheLockIsKeptUntilThen() throws Exception {
		RequestEnd end = new RequestEnd();
		ServletRequestEvent event = new ServletRequestEvent(new MockServletContext(), this.request);
		end.requestInitialized(event);
		dispatch((request, response) -> session(request).setAttribute("a", "1"));
		assertThat(isLocked()).isTrue();
		this.request.setDispatcherType(DispatcherType.ERROR);
		dispatch((request, response) -> session(request).setAttribute("b", "1"));
		assertThat(isLocked()).isTrue();
		assertThat(saved("b")).isEqualTo("1");
		end.requestDestroyed(event);
		assertFree();
	}

	@Test
	void asynchronousProcessingKeepsTheLockUntilItIsComplete() throws Exception {
		RequestEnd end = new RequestEnd();
		ServletRequestEvent event = new ServletRequestEvent(new MockServletContext(), this.request);
		HttpSession[] session = new HttpSession[1];
		dispatch((request, response) -> {
			session[0] = session(request);
			this.request.startAsync();
		});
		end.requestDestroyed(event);
		assertThat(isLocked()).as("some containers tell the end of each dispatch").isTrue();
		session[0].setAttribute("a", "1");
		MockAsyncContext context = (MockAsyncContext) this.request.getAsyncContext();
		context.complete();
		assertFree();
	}

	@Test
	void asynchronousProcessingThatIsCompleteBeforeTheDispatchEndsFreesTheLock() throws Exception {
		dispatch((request, response) -> {
			session(request).setAttribute("a", "1");
			this.request.startAsync().complete();
		});
		assertFree();
		assertThat(saved("a")).isEqualTo("1");
	}

}
