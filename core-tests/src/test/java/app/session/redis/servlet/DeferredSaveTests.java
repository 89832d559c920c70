package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveMode;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which sessions are saved at the end of asynchronous processing.
 */
class DeferredSaveTests {

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository elsewhere = this.repositories.unstarted((settings) -> {
	}).repository();

	private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

	private StoredSession own;

	private StoredSession other;

	@BeforeEach
	void begin() {
		server.flushAll();
		this.request.setAsyncSupported(true);
		this.own = create();
		this.other = create();
		this.request.setCookies(new Cookie("SESSION",
				Base64.getEncoder().encodeToString(this.own.getId().getBytes(StandardCharsets.US_ASCII))));
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private StoredSession create() {
		StoredSession session = this.elsewhere.createSession();
		session.setAttribute("name", "old");
		session.setAttribute("cart", new ArrayList<>(List.of("pen")));
		this.elsewhere.save(session);
		return session;
	}

	private AtomicRedisSessionRepository repository(SaveMode saveMode) {
		return this.repositories.unstarted((settings) -> settings.saveMode(saveMode)).repository();
	}

	private void dispatch(AtomicRedisSessionRepository repository, FilterChain chain) throws Exception {
		new RedisSessionFilter(repository, Duration.ofSeconds(1)).doFilter(this.request, new MockHttpServletResponse(),
				chain);
	}

	private void complete() {
		((MockAsyncContext) this.request.getAsyncContext()).complete();
	}

	private void writeElsewhere(StoredSession session) {
		StoredSession found = this.elsewhere.findById(session.getId());
		found.setAttribute("name", "newer");
		this.elsewhere.save(found);
	}

	private Object stored(StoredSession session, String attribute) {
		return this.elsewhere.findById(session.getId()).getAttribute(attribute);
	}

	@ParameterizedTest
	@EnumSource
	void sessionThatWasOnlyLookedUpIsNotSaved(SaveMode saveMode) throws Exception {
		AtomicRedisSessionRepository repository = repository(saveMode);
		dispatch(repository, (request, response) -> {
			((HttpServletRequest) request).getSession().setAttribute("own", "x");
			assertThat(repository.findById(this.other.getHandle()).<String>getAttribute("name")).isEqualTo("old");
			request.startAsync();
		});
		writeElsewhere(this.other);
		complete();
		assertThat(stored(this.other, "name")).isEqualTo("newer");
		assertThat(stored(this.own, "own")).isEqualTo("x");
	}

	@ParameterizedTest
	@EnumSource
	void whatTheClientsSessionWasChangedToMeanwhileIsSaved(SaveMode saveMode) throws Exception {
		HttpSession[] session = new HttpSession[1];
		dispatch(repository(saveMode), (request, response) -> {
			session[0] = ((HttpServletRequest) request).getSession();
			session[0].getAttribute("cart");
			request.startAsync();
		});
		cart(session[0].getAttribute("cart")).add("ink");
		session[0].setAttribute("late", "x");
		complete();
		if (saveMode == SaveMode.ON_CHANGE || saveMode == SaveMode.ON_GET_ATTRIBUTE) {
			assertThat(cart(stored(this.own, "cart"))).containsExactly("pen", "ink");
		}
		assertThat(stored(this.own, "late")).isEqualTo("x");
	}

	@Test
	void anotherSessionWhoseSaveWasDeferredIsSaved() throws Exception {
		AtomicRedisSessionRepository repository = repository(SaveMode.ON_CHANGE);
		StoredSession[] found = new StoredSession[1];
		dispatch(repository, (request, response) -> {
			request.startAsync();
			found[0] = repository.findById(this.other.getHandle());
			found[0].getAttribute("cart");
			repository.save(found[0]);
		});
		cart(found[0].getAttribute("cart")).add("ink");
		complete();
		assertThat(cart(stored(this.other, "cart"))).containsExactly("pen", "ink");
	}

	@Test
	void sessionThatEndsAfterItsSaveWasDeferredIsNotSaved() throws Exception {
		AtomicRedisSessionRepository repository = repository(SaveMode.ALWAYS);
		dispatch(repository, (request, response) -> {
			request.startAsync();
			StoredSession found = repository.findById(this.other.getHandle());
			repository.save(found);
			found.setAttribute("name", "late");
			repository.deleteById(this.other.getHandle());
		});
		try (Monitor monitor = Monitor.of(server)) {
			complete();
			assertThat(monitor.commands()).isEmpty();
		}
	}

	@SuppressWarnings("unchecked") // as create() has it
	private static List<String> cart(Object cart) {
		return (List<String>) cart;
	}

}
