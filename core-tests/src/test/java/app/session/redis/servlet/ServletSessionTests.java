package app.session.redis.servlet;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EventListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.session.CookieRenewal;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.mock.web.MockServletContext;
import org.springframework.session.events.AbstractSessionEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * The session of a request after the request has ended, its listeners, and the cookie of
 * its client.
 */
class ServletSessionTests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final Executor NEW_THREAD = (task) -> new Thread(task).start();

	private static final List<String> calls = Collections.synchronizedList(new ArrayList<>());

	private final TestRepositories repositories = TestRepositories.on(server);

	private final List<EventListener> listeners = new ArrayList<>();

	private final SessionListeners sessionListeners = new SessionListeners(() -> this.listeners, null);

	private final AtomicReference<SessionEventAdapter> adapter = new AtomicReference<>();

	private final AtomicRedisSessionRepository repository = this.repositories
		.unstarted((settings) -> settings.allowedTypes(List.of("app.session.redis.servlet")),
				(engine) -> engine.setApplicationEventPublisher(this::publish))
		.repository();

	private final RedisSessionFilter filter = new RedisSessionFilter(this.repository, Duration.ofSeconds(1));

	private MockHttpServletResponse response = new MockHttpServletResponse();

	private String id = "";

	private void publish(Object event) {
		SessionEventAdapter adapter = this.adapter.get();
		if (adapter != null && event instanceof AbstractSessionEvent sessionEvent) {
			adapter.onApplicationEvent(sessionEvent);
		}
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		calls.clear();
		this.filter.setListeners(this.sessionListeners);
		StoredSession session = this.repository.createSession();
		session.setAttribute("name", "first");
		this.repository.save(session);
		this.id = session.getId();
		// The listeners of a test are taken from the first event
		SessionEventAdapter adapter = new SessionEventAdapter(this.repository, this.sessionListeners);
		adapter.setServletContext(new MockServletContext());
		this.adapter.set(adapter);
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private static Cookie cookie(String id) {
		return new Cookie("SESSION", Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.US_ASCII)));
	}

	private void dispatch(MockHttpServletRequest request, FilterChain chain) throws Exception {
		this.response = new MockHttpServletResponse();
		this.filter.doFilter(request, this.response, chain);
	}

	/** A request of the client of the session. */
	private void request(SessionConsumer consumer) throws Exception {
		request(cookie(this.id), consumer);
	}

	private void request(Cookie cookie, SessionConsumer consumer) throws Exception {
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
		request.setCookies(cookie);
		dispatch(request, (req, res) -> consumer.accept((HttpServletRequest) req, (HttpServletResponse) res));
	}

	private HttpSession kept() throws Exception {
		HttpSession[] kept = new HttpSession[1];
		request((request, response) -> kept[0] = request.getSession());
		return kept[0];
	}

	private Object stored(String name) {
		StoredSession session = this.repository.findById(this.id);
		return (session != null) ? session.getAttribute(name) : "no session";
	}

	@Test
	void keptSession_writesChangesAtOnce() throws Exception {
		HttpSession kept = kept();
		kept.setAttribute("name", "later");
		assertThat(stored("name")).isEqualTo("later");
		kept.removeAttribute("name");
		assertThat(stored("name")).isNull();
		kept.setMaxInactiveInterval(77);
		assertThat(this.repository.findById(this.id).getMaxInactiveInterval()).isEqualTo(Duration.ofSeconds(77));
	}

	@Test
	void keptSession_readsTheCurrentState() throws Exception {
		HttpSession kept = kept();
		request((request, response) -> request.getSession().setAttribute("name", "later"));
		assertThat(kept.getAttribute("name")).isEqualTo("later");
		assertThat(Collections.list(kept.getAttributeNames())).containsExactly("name");
	}

	@Test
	void keptSession_canBeInvalidatedByAnotherRequest() throws Exception {
		HttpSession kept = kept();
		request((request, response) -> {
			assertThat(request.getSession(false)).isNotNull();
			kept.invalidate();
			assertThat(request.getSession(false)).isNull();
		});
		assertThat(stored("name")).isEqualTo("no session");
		assertThatIllegalStateException().isThrownBy(kept::invalidate);
		assertThatIllegalStateException().isThrownBy(() -> kept.getAttribute("name"));
	}

	@Test
	void keptSession_canBeInvalidatedByAnotherThread() throws Exception {
		HttpSession kept = kept();
		CompletableFuture.runAsync(kept::invalidate, NEW_THREAD).join();
		assertThat(stored("name")).isEqualTo("no session");
	}

	@Test
	void keptSession_isInvalidAfterItHasEnded() throws Exception {
		HttpSession kept = kept();
		this.repository.deleteById(this.id);
		assertThatIllegalStateException().isThrownBy(() -> kept.setAttribute("name", "later"));
		assertThatIllegalStateException().isThrownBy(() -> kept.getAttribute("name"));
		assertThatIllegalStateException().isThrownBy(kept::invalidate);
		assertThat(kept.getId()).isEqualTo(this.id);
		assertThat(server.keys()).filteredOn((key) -> key.contains(":session:{")).isEmpty();
	}

	@Test
	void keptSession_worksAfterAChangeOfItsId() throws Exception {
		HttpSession kept = kept();
		String[] changed = new String[1];
		request((request, response) -> changed[0] = request.changeSessionId());
		kept.setAttribute("name", "later");
		this.id = changed[0];
		assertThat(stored("name")).isEqualTo("later");
		kept.invalidate();
		assertThat(stored("name")).isEqualTo("no session");
	}

	@Test
	void changeByAnotherThreadDuringTheRequest_isSavedWithIt() throws Exception {
		request((request, response) -> {
			HttpSession session = request.getSession();
			CompletableFuture.runAsync(() -> session.setAttribute("name", "thread"), NEW_THREAD).join();
		});
		assertThat(stored("name")).isEqualTo("thread");
	}

	/** A thread that changes the session while the request ends loses nothing. */
	@Test
	void changeByAnotherThreadAtTheEndOfTheRequest_isNotLost() throws Exception {
		for (int i = 0; i < 50; i++) {
			String value = "value " + i;
			List<CompletableFuture<Void>> change = new ArrayList<>();
			request((request, response) -> {
				HttpSession session = request.getSession();
				session.setAttribute("other", value);
				change.add(CompletableFuture.runAsync(() -> session.setAttribute("name", value), NEW_THREAD));
			});
			change.get(0).join();
			assertThat(stored("name")).isEqualTo(value);
			assertThat(stored("other")).isEqualTo(value);
		}
	}

	@Test
	void accessor_accessesTheSessionOutsideOfRequests() throws Exception {
		HttpSession.Accessor accessor = kept().getAccessor();
		accessor.access((session) -> {
			assertThat(session.getAttribute("name")).isEqualTo("first");
			session.setAttribute("name", "accessed");
			assertThat(CompletableFuture.supplyAsync(() -> stored("name"), NEW_THREAD).join())
				.as("saved after the consumer")
				.isEqualTo("first");
		});
		assertThat(stored("name")).isEqualTo("accessed");
	}

	@Test
	void accessor_countsAsAnAccess() throws Exception {
		HttpSession.Accessor accessor = kept().getAccessor();
		StoredSession before = this.repository.findById(this.id);
		Thread.sleep(20);
		accessor.access((session) -> {
		});
		assertThat(this.repository.findById(this.id).getLastAccessedTime()).isAfter(before.getLastAccessedTime());
	}

	@Test
	void accessor_isBoundToTheId() throws Exception {
		HttpSession.Accessor accessor = kept().getAccessor();
		request((request, response) -> {
			HttpSession session = request.getSession();
			HttpSession.Accessor own = session.getAccessor();
			own.access((accessed) -> assertThat(accessed).isSameAs(session));
			request.changeSessionId();
			assertThatIllegalStateException().isThrownBy(() -> own.access((accessed) -> {
			}));
		});
		assertThatIllegalStateException().isThrownBy(() -> accessor.access((session) -> {
		}));
	}

	@Test
	void accessor_failsAfterTheEndOfTheSession() throws Exception {
		HttpSession kept = kept();
		HttpSession.Accessor accessor = kept.getAccessor();
		kept.invalidate();
		assertThatIllegalStateException().isThrownBy(() -> accessor.access((session) -> {
		}));
		assertThatIllegalStateException().isThrownBy(kept::getAccessor);
	}

	@Test
	void listenersOfTheEnd_areCalledInTheOrderOfContainers() throws Exception {
		this.listeners.addAll(List.of(new Recorder("a"), new Recorder("b")));
		request((request, response) -> {
			HttpSession session = request.getSession();
			session.setAttribute("bound", new Bound("x"));
			session.setAttribute("bound", new Bound("y"));
			session.removeAttribute("name");
			calls.add("-- invalidate");
			session.invalidate();
		});
		assertThat(calls).containsExactly("bound x", "a added bound=x", "b added bound=x", "bound y", "unbound x",
				"a replaced bound=x", "b replaced bound=x", "a removed name=first", "b removed name=first",
				"-- invalidate", "b destroyed bound=y", "a destroyed bound=y", "unbound y", "a removed bound=y",
				"b removed bound=y");
	}

	@Test
	void attributesThatWereStored_areNotifiedWhenAnOperatorEndsTheSession() throws Exception {
		this.listeners.add(new Recorder("a"));
		request((request, response) -> request.getSession().setAttribute("bound", new Bound("x")));
		calls.clear();
		this.repository.operations().end(this.repository.findById(this.id).getHandle());
		assertThat(calls).startsWith("a destroyed bound=x").contains("unbound x", "a removed bound=x").hasSize(4);
	}

	@Test
	void attributeThatCanNotBeRead_doesNotKeepOthersFromBeingNotified() throws Exception {
		this.listeners.add(new Recorder("a"));
		AtomicRedisSessionRepository strict = this.repositories
			.unstarted(
					(settings) -> settings.onUnreadable(OnUnreadable.FAIL)
						.allowedTypes(List.of("app.session.redis.servlet")),
					(engine) -> engine.setApplicationEventPublisher(this::publish))
			.repository();
		StoredSession session = strict.createSession();
		for (String name : List.of("a", "b", "c", "d")) {
			session.setAttribute(name, new Bound(name));
		}
		strict.save(session);
		for (String name : List.of("b", "c")) {
			server.commands().hset("app:session:session:{" + session.getHandle() + "}", name + "2", "\u0002cut off");
		}
		strict.operations().end(session.getHandle());
		assertThat(calls).contains("unbound a", "unbound b", "unbound c", "unbound d");
	}

	@Test
	void withoutListeners_onlyBindingListenersAreDeserializedAtTheEnd() throws Exception {
		request((request, response) -> {
			request.getSession().setAttribute("bound", new Bound("x"));
			request.getSession().setAttribute("other", new Counted());
		});
		calls.clear();
		this.repository.operations().end(this.repository.findById(this.id).getHandle());
		assertThat(calls).containsExactly("unbound x");
	}

	/** The attributes are notified on the node that ends the session, and only there. */
	@Test
	void listenersOfOtherNodes_areNotifiedOfTheEndOnly() throws Exception {
		List<String> there = Collections.synchronizedList(new ArrayList<>());
		SessionListeners listeners = new SessionListeners(() -> List.of(new HttpSessionListener() {

			@Override
			public void sessionDestroyed(HttpSessionEvent event) {
				there.add("destroyed " + event.getSession().getAttribute("bound"));
			}

		}), null);
		AtomicReference<SessionEventAdapter> other = new AtomicReference<>();
		TestRepositories.Node receiver = this.repositories.node(
				(settings) -> settings.events(EventDelivery.BROADCAST)
					.allowedTypes(List.of("app.session.redis.servlet")),
				(engine) -> engine.setApplicationEventPublisher((event) -> {
					if (event instanceof AbstractSessionEvent sessionEvent) {
						other.get().onApplicationEvent(sessionEvent);
					}
				}));
		other.set(new SessionEventAdapter(receiver.repository(), listeners));
		other.get().setServletContext(new MockServletContext());
		AtomicRedisSessionRepository sender = this.repositories
			.node((settings) -> settings.events(EventDelivery.BROADCAST)
				.allowedTypes(List.of("app.session.redis.servlet")),
					(engine) -> engine.setApplicationEventPublisher(this::publish))
			.repository();
		await().until(() -> server.commands().pubsubNumsub("app:session:events").get("app:session:events") == 2);
		StoredSession session = sender.createSession();
		session.setAttribute("bound", new Bound("x"));
		sender.save(session);
		sender.operations().end(session.getHandle());
		await().untilAsserted(() -> assertThat(there).containsExactly("destroyed x"));
		assertThat(calls).containsExactly("unbound x");
	}

	@Test
	void exceptionOfAListener_isContained() throws Exception {
		this.listeners.add(new Recorder("a") {

			@Override
			public void attributeAdded(HttpSessionBindingEvent event) {
				throw new IllegalArgumentException("thrown by a test");
			}

		});
		this.listeners.add(new Recorder("b"));
		request((request, response) -> request.getSession().setAttribute("new", "x"));
		assertThat(calls).containsExactly("b added new=x");
		assertThat(stored("new")).isEqualTo("x");
	}

	@Test
	void sessionCanBeInvalidatedWhenItIsCreated() throws Exception {
		this.listeners.add(new HttpSessionListener() {

			@Override
			public void sessionCreated(HttpSessionEvent event) {
				calls.add("created");
				event.getSession().invalidate();
			}

			@Override
			public void sessionDestroyed(HttpSessionEvent event) {
				calls.add("destroyed");
			}

		});
		server.flushAll();
		dispatch(new MockHttpServletRequest("GET", "/"), (request, response) -> {
			HttpSession session = ((HttpServletRequest) request).getSession();
			assertThatIllegalStateException().isThrownBy(() -> session.setAttribute("name", "x"));
		});
		assertThat(calls).containsExactly("created", "destroyed");
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void attributesThatACreatedListenerSets_areThereAtOnce() throws Exception {
		this.listeners.add(new HttpSessionListener() {

			@Override
			public void sessionCreated(HttpSessionEvent event) {
				event.getSession().setAttribute("cart", "empty");
			}

		});
		try (Monitor monitor = Monitor.of(server)) {
			dispatch(new MockHttpServletRequest("GET", "/"),
					(request, response) -> assertThat(((HttpServletRequest) request).getSession().getAttribute("cart"))
						.isEqualTo("empty"));
			assertThat(monitor.commands()).filteredOn((command) -> command.name().startsWith("EVAL"))
				.as("hint and session")
				.hasSize(2);
		}
	}

	@Test
	void changeOfTheId_isNotified() throws Exception {
		this.listeners.add(new Recorder("a"));
		request((request, response) -> request.changeSessionId());
		assertThat(calls).containsExactly("a id changed from " + this.id.substring(0, 16));
	}

	@Test
	void activationListeners_areNotifiedAroundSerialization() throws Exception {
		request((request, response) -> request.getSession().setAttribute("active", new Active()));
		request((request, response) -> {
			request.getSession().getAttribute("active");
			request.getSession().getAttribute("active");
			request.getSession().setAttribute("name", "x");
		});
		assertThat(calls).containsExactly("passivate", "activate", "passivate");
	}

	@Test
	void namesAndValuesThatAreNull() throws Exception {
		request((request, response) -> {
			HttpSession session = request.getSession();
			assertThat(session.getAttribute(null)).isNull();
			assertThatIllegalArgumentException().isThrownBy(() -> session.setAttribute(null, "x"));
			session.removeAttribute(null);
			session.setAttribute("name", null);
			assertThat(session.getAttribute("name")).isNull();
		});
		assertThat(stored("name")).isNull();
	}

	@Test
	void timeOfTheLastAccess_isThatOfThePreviousRequest() throws Exception {
		long before = System.currentTimeMillis();
		Thread.sleep(30);
		request((request, response) -> assertThat(request.getSession().getLastAccessedTime()).isBetween(before - 1000,
				before + 25));
	}

	@Test
	void passiveRequest_doesNotExtendTheSession() throws Exception {
		this.filter.setPassivePolicy((request) -> request.getHeader("X-Passive") != null);
		Instant before = this.repository.findById(this.id).getLastAccessedTime();
		Thread.sleep(30);
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
		request.setCookies(cookie(this.id));
		request.addHeader("X-Passive", "true");
		dispatch(request, (req, res) -> ((HttpServletRequest) req).getSession().setAttribute("name", "passive"));
		assertThat(stored("name")).isEqualTo("passive");
		assertThat(this.repository.findById(this.id).getLastAccessedTime()).isBefore(before.plusMillis(25));
		request((other, response) -> other.getSession());
		assertThat(this.repository.findById(this.id).getLastAccessedTime()).isAfter(before.plusMillis(25));
	}

	/** Over each way in which the session of a client is read. */
	@ParameterizedTest
	@CsvSource({ "false, false", "true, false", "false, true" })
	void passiveRequest_doesNotExtendTheSessionHoweverItIsRead(boolean severalCookies, boolean locked)
			throws Exception {
		AtomicRedisSessionRepository repository = this.repositories
			.unstarted((settings) -> settings
				.locks(new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)))
			.repository();
		RedisSessionFilter filter = new RedisSessionFilter(repository, Duration.ofSeconds(1));
		if (locked) {
			filter.setLockPolicy((request) -> true);
		}
		for (boolean passive : List.of(true, false)) {
			filter.setPassivePolicy((request) -> passive);
			String key = "app:session:session:{" + this.id.substring(0, 16) + "}";
			server.commands().pexpire(key, 1_000_000);
			MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
			request.setCookies(severalCookies ? new Cookie[] { cookie(this.id), cookie("A".repeat(59)) }
					: new Cookie[] { cookie(this.id) });
			filter.doFilter(request, new MockHttpServletResponse(),
					(req, res) -> assertThat(((HttpServletRequest) req).getSession(false)).isNotNull());
			assertThat(server.commands().pttl(key) > 1_000_000).isEqualTo(!passive);
		}
	}

	@Test
	void passiveRequest_isNotTheSecondRequestOfANewSession() throws Exception {
		AtomicRedisSessionRepository repository = this.repositories
			.unstarted((settings) -> settings.firstTimeout(Duration.ofMinutes(1)))
			.repository();
		StoredSession session = repository.createSession();
		repository.save(session);
		RedisSessionFilter filter = new RedisSessionFilter(repository, Duration.ofSeconds(1));
		for (boolean passive : List.of(true, false)) {
			filter.setPassivePolicy((request) -> passive);
			MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
			request.setCookies(cookie(session.getId()));
			filter.doFilter(request, new MockHttpServletResponse(),
					(req, res) -> assertThat(((HttpServletRequest) req).getSession(false)).isNotNull());
			Duration left = Duration
				.ofMillis(server.commands().pttl("app:session:session:{" + session.getHandle() + "}"));
			assertThat(left.minusMinutes(5)).as("without the grace")
				.isBetween(Duration.ofMinutes(passive ? 0 : 29), Duration.ofMinutes(passive ? 1 : 30));
		}
	}

	@Test
	void idWithTheRouteOfAnotherNode_isFoundAndSentAgain() throws Exception {
		request(cookie(this.id + ".node1"),
				(request, response) -> assertThat(request.getSession(false).getAttribute("name")).isEqualTo("first"));
		assertThat(this.response.getHeader("Set-Cookie")).startsWith("SESSION=" + cookie(this.id).getValue() + ";");
	}

	@Test
	void idWithADot_isTriedAsAWholeFirst() throws Exception {
		AtomicRedisSessionRepository own = this.repositories
			.unstarted((settings) -> settings.idGenerator(() -> "0123456789abcdef0123456789abcdef.node1"))
			.repository();
		StoredSession session = own.createSession();
		own.save(session);
		request(cookie(session.getId()), (request, response) -> {
			assertThat(request.getSession(false)).isNotNull();
			assertThat(request.getRequestedSessionId()).isEqualTo(session.getId());
		});
		assertThat(this.response.getHeader("Set-Cookie")).isNull();
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			-,                             true
			'no-cache, no-store',          true
			'private, max-age=60',         true
			'public, max-age=60',          false
			max-age=60,                    false
			s-maxage=60,                   false
			""")
	void cookieWithAMaximumAge_isRenewedUnlessSharedCachesMayStoreTheResponse(String cacheControl, boolean renewed)
			throws Exception {
		this.filter.setCookieRenewal(new CookieRenewal(Duration.ofMillis(400), null));
		Thread.sleep(60);
		request((request, response) -> {
			request.getSession();
			if (cacheControl != null) {
				response.setHeader("Cache-Control", cacheControl);
			}
		});
		assertThat(this.response.getHeader("Set-Cookie") != null).isEqualTo(renewed);
	}

	@Test
	void cookie_isRenewedOncePerTenthOfItsMaximumAge() throws Exception {
		this.filter.setCookieRenewal(new CookieRenewal(Duration.ofHours(10), null));
		request((request, response) -> request.getSession());
		assertThat(this.response.getHeader("Set-Cookie")).isNull();
	}

	@Test
	void cookie_isSentOnceIfTheIdChangesWhenItIsDue() throws Exception {
		this.filter.setCookieRenewal(new CookieRenewal(Duration.ofMillis(400), null));
		Thread.sleep(60);
		request((request, response) -> {
			request.changeSessionId();
			response.flushBuffer();
		});
		assertThat(this.response.getHeaders("Set-Cookie")).hasSize(1);
	}

	@Test
	void mockSessionOfATest_isLeftToIt() throws Exception {
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
		request.setSession(new MockHttpSession());
		dispatch(request,
				(req, res) -> assertThat(((HttpServletRequest) req).getSession()).isInstanceOf(MockHttpSession.class));
		assertThat(this.response.getHeader("Set-Cookie")).isNull();
	}

	@Test
	void requestedId_isThatOfTheClient() throws Exception {
		request((request, response) -> {
			assertThat(request.getRequestedSessionId()).isEqualTo(this.id);
			assertThat(request.isRequestedSessionIdValid()).isTrue();
			assertThat(request.isRequestedSessionIdFromCookie()).isTrue();
			assertThat(request.isRequestedSessionIdFromURL()).isFalse();
			request.getSession().invalidate();
			assertThat(request.isRequestedSessionIdValid()).isFalse();
			assertThat(request.getSession().isNew()).isTrue();
			assertThat(request.getRequestedSessionId()).isEqualTo(this.id);
		});
		dispatch(new MockHttpServletRequest("GET", "/"), (req, res) -> {
			HttpServletRequest request = (HttpServletRequest) req;
			assertThat(request.getRequestedSessionId()).isNull();
			assertThat(request.isRequestedSessionIdFromCookie()).isFalse();
			assertThat(request.isRequestedSessionIdValid()).isFalse();
		});
	}

	/** What a request does. */
	@FunctionalInterface
	private interface SessionConsumer {

		void accept(HttpServletRequest request, HttpServletResponse response) throws IOException;

	}

	/** Records its calls. */
	private static class Recorder implements HttpSessionListener, HttpSessionAttributeListener, HttpSessionIdListener {

		private final String name;

		Recorder(String name) {
			this.name = name;
		}

		@Override
		public void sessionDestroyed(HttpSessionEvent event) {
			calls.add(this.name + " destroyed bound=" + event.getSession().getAttribute("bound"));
		}

		@Override
		public void attributeAdded(HttpSessionBindingEvent event) {
			calls.add(this.name + " added " + event.getName() + "=" + event.getValue());
		}

		@Override
		public void attributeReplaced(HttpSessionBindingEvent event) {
			calls.add(this.name + " replaced " + event.getName() + "=" + event.getValue());
		}

		@Override
		public void attributeRemoved(HttpSessionBindingEvent event) {
			calls.add(this.name + " removed " + event.getName() + "=" + event.getValue());
		}

		@Override
		public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
			assertThat(event.getSession().getId()).isNotEqualTo(oldSessionId);
			calls.add(this.name + " id changed from " + oldSessionId.substring(0, 16));
		}

	}

	/** An attribute that is notified. */
	private record Bound(String name) implements HttpSessionBindingListener, Serializable {

		@Override
		public void valueBound(HttpSessionBindingEvent event) {
			calls.add("bound " + this.name);
		}

		@Override
		public void valueUnbound(HttpSessionBindingEvent event) {
			calls.add("unbound " + this.name);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	/** Says when it is deserialized. */
	private static final class Counted implements Serializable {

		private static final long serialVersionUID = 1;

		private Object readResolve() {
			calls.add("deserialized");
			return this;
		}

	}

	/** An attribute that is notified around its serialization. */
	private static final class Active implements HttpSessionActivationListener, Serializable {

		private static final long serialVersionUID = 1;

		@Override
		public void sessionWillPassivate(HttpSessionEvent event) {
			calls.add("passivate");
		}

		@Override
		public void sessionDidActivate(HttpSessionEvent event) {
			calls.add("activate");
		}

	}

}
