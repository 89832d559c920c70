package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.KillArgs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.security.web.session.HttpSessionDestroyedEvent;
import org.springframework.security.web.session.HttpSessionEventPublisher;
import org.springframework.session.events.SessionDestroyedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Spring Security's own registry, which holds the sessions of a node in its memory, on
 * two nodes. Whoever has a session on a node can't log in there a second time.
 */
class SessionRegistryITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static WebNode a;

	private static WebNode b;

	@BeforeAll
	static void start() {
		server.flushAll();
		a = node("registry", "app.session.redis.collector.enabled=false");
		b = node("registry", "app.session.redis.collector.interval=100ms");
		awaitSubscribers("registry", 2);
	}

	private static WebNode node(String namespace, String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + server.host(),
				"app.session.redis.port=" + server.port(), "app.session.redis.namespace=" + namespace,
				"app.session.redis.backoff.algorithm=constant", "app.session.redis.backoff.base=1s",
				"test.maximum-sessions=1", "test.max-sessions-prevents-login=true", "test.registry-in-memory=true"));
		all.addAll(List.of(properties));
		return WebNode.start(List.of(WebTestApplication.class, PublisherConfiguration.class), all);
	}

	@AfterEach
	void endAll() {
		a.bean(AtomicRedisSessionRepository.class).deleteByPrincipalName("anna");
		awaitLoggedIn(b).logOut();
		awaitLoggedIn(a).logOut();
		a.bean(Events.class).all.clear();
		b.bean(Events.class).all.clear();
	}

	@AfterAll
	static void stop() {
		a.close();
		b.close();
		server.flushAll();
	}

	private static void awaitSubscribers(String namespace, long count) {
		String channel = namespace + ":events";
		await().until(() -> server.commands().pubsubNumsub(channel).get(channel) == count);
	}

	private static boolean isLoggedIn(HttpResponse<String> response) {
		return response.headers().firstValue("Location").orElse("").endsWith("/ok");
	}

	private static Browser loggedIn(WebNode node) {
		Browser browser = node.browser();
		assertThat(isLoggedIn(browser.logIn("anna"))).isTrue();
		assertThat(isLoggedIn(node.browser().logIn("anna"))).as("a second time").isFalse();
		return browser;
	}

	/** Messages of another node take a moment to arrive. */
	private static Browser awaitLoggedIn(WebNode node) {
		return await().pollInterval(Duration.ofMillis(50)).until(() -> {
			Browser browser = node.browser();
			return isLoggedIn(browser.logIn("anna")) ? browser : null;
		}, (browser) -> browser != null);
	}

	@Test
	void logOutThroughAnotherNodeLetsTheUserInAgain() {
		Browser browser = loggedIn(a);
		browser.at(b.port()).logOut();
		assertThat(awaitLoggedIn(a).get("/private/read").statusCode()).isEqualTo(200);
	}

	@Test
	void expiryThatAnotherNodeFindsLetsTheUserInAgain() {
		Browser browser = loggedIn(a);
		AtomicRedisSessionRepository repository = b.bean(AtomicRedisSessionRepository.class);
		var session = repository.findById(browser.handle());
		session.setMaxInactiveInterval(Duration.ofMillis(100));
		repository.save(session);
		awaitLoggedIn(a);
	}

	@Test
	void operatorWhoEndsTheSessionOnAnotherNodeLetsTheUserInAgain() {
		Browser browser = loggedIn(a);
		assertThat(b.bean(AtomicRedisSessionRepository.class).operations().end(browser.handle())).isTrue();
		awaitLoggedIn(a);
	}

	@Test
	void theEndIsPublishedForEachIdThatTheSessionHad() {
		Browser browser = loggedIn(a);
		String first = browser.sessionId();
		assertThat(isLoggedIn(browser.logIn("anna"))).as("again in the same session").isTrue();
		String second = browser.sessionId();
		Browser there = browser.at(b.port());
		assertThat(isLoggedIn(there.logIn("anna"))).as("on a node that doesn't know it").isTrue();
		Browser back = there.at(a.port());
		assertThat(back.get("/private/read").statusCode()).isEqualTo(200);
		String third = there.sessionId();
		there.logOut();
		awaitLoggedIn(a);
		assertThat(destroyed(a)).contains(first, second, third);
		assertThat(isLoggedIn(b.browser().logIn("anna"))).isTrue();
	}

	@Test
	void logOutOnTheOwnNodeEndsTheIdsThatTheSessionHadBefore() {
		Browser browser = loggedIn(a);
		String first = browser.sessionId();
		assertThat(isLoggedIn(browser.logIn("anna"))).isTrue();
		browser.logOut();
		assertThat(isLoggedIn(a.browser().logIn("anna"))).isTrue();
		assertThat(destroyed(a)).contains(first);
	}

	@Test
	void listenersOfTheApplicationAreRunOnOneNodeOnly() {
		Browser browser = loggedIn(a);
		String id = browser.sessionId();
		a.bean(Events.class).all.clear();
		b.bean(Events.class).all.clear();
		browser.at(b.port()).logOut();
		await().until(() -> destroyed(a).contains(id));
		assertThat(a.bean(Events.class).all).noneMatch(SessionDestroyedEvent.class::isInstance);
		assertThat(b.bean(Events.class).all).filteredOn(SessionDestroyedEvent.class::isInstance).hasSize(1);
		assertThat(destroyed(a)).containsExactly(id);
		assertThat(destroyed(b)).containsExactly(id);
	}

	@Test
	void nodeThatWasDeafFindsOutWhatHasEndedMeanwhile() {
		Browser browser = loggedIn(a);
		Browser there = browser.at(b.port());
		String token = there.csrf();
		assertThat(server.commands().clientKill(KillArgs.Builder.typePubsub())).isGreaterThanOrEqualTo(2);
		assertThat(there.post("/logout", Map.of("_csrf", token)).statusCode()).isEqualTo(302);
		awaitLoggedIn(a);
		awaitSubscribers("registry", 2);
	}

	@Test
	void broadcastEventsNotifyTheRegistryOfEachIdOnce() {
		String broadcast = "app.session.redis.events=broadcast";
		try (WebNode first = node("everywhere", broadcast); WebNode second = node("everywhere", broadcast)) {
			awaitSubscribers("everywhere", 2);
			Browser browser = loggedIn(first);
			String before = browser.sessionId();
			assertThat(isLoggedIn(browser.logIn("anna"))).isTrue();
			String after = browser.sessionId();
			browser.at(second.port()).logOut();
			awaitLoggedIn(first);
			assertThat(destroyed(first)).containsExactlyInAnyOrder(before, after);
			assertThat(first.bean(Events.class).all).filteredOn(SessionDestroyedEvent.class::isInstance)
				.extracting((event) -> ((SessionDestroyedEvent) event).getSessionId())
				.containsExactly(after);
		}
	}

	/** Returns the ids in the events that a registry receives. */
	private static List<String> destroyed(WebNode node) {
		return node.bean(Events.class).all.stream()
			.filter(HttpSessionDestroyedEvent.class::isInstance)
			.map((event) -> ((HttpSessionDestroyedEvent) event).getId())
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class PublisherConfiguration {

		@Bean
		HttpSessionEventPublisher httpSessionEventPublisher() {
			return new HttpSessionEventPublisher();
		}

		@Bean
		Events events() {
			return new Events();
		}

	}

	static class Events {

		final List<ApplicationEvent> all = new CopyOnWriteArrayList<>();

		@EventListener({ SessionDestroyedEvent.class, HttpSessionDestroyedEvent.class })
		void add(ApplicationEvent event) {
			this.all.add(event);
		}

	}

}
