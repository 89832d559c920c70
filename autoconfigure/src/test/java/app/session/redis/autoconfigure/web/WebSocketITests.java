package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import io.lettuce.core.KillArgs;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.messaging.simp.stomp.ConnectionLostException;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.session.web.socket.config.annotation.AbstractSessionWebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.messaging.WebSocketStompClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests sessions with STOMP over WebSocket on two nodes, one of which runs the collector.
 */
class WebSocketITests {

	private static final Duration IDLE = Duration.ofSeconds(2);

	private static RedisServer server;

	private static WebNode a;

	private static WebNode b;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		a = node("app.session.redis.collector.interval=100ms");
		b = node("app.session.redis.collector.enabled=false", "app.session.redis.backoff.algorithm=constant",
				"app.session.redis.backoff.base=1s");
	}

	private static WebNode node(String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.addAll(List.of("app.session.redis.host=" + server.host(), "app.session.redis.port=" + server.port(),
				"app.session.redis.timeout=" + IDLE.toMillis() + "ms"));
		return WebNode.start(List.of(WebTestApplication.class, Sockets.class), all);
	}

	@AfterAll
	static void stop() {
		a.close();
		b.close();
		server.close();
	}

	@Test
	void trafficOnTheSocketKeepsTheSessionAlive() throws Exception {
		Browser browser = logIn();
		Socket socket = Socket.open(b, browser);
		long start = System.nanoTime();
		Awaitility.await().pollInterval(IDLE.dividedBy(8)).atMost(IDLE.multipliedBy(4)).until(() -> {
			socket.session().send("/app/anything", "alive".getBytes(StandardCharsets.UTF_8));
			return System.nanoTime() - start > IDLE.multipliedBy(5).dividedBy(2).toNanos();
		});
		assertThat(socket.closed()).isNotDone();
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
		browser.logOut();
		socket.awaitClosed();
	}

	@Test
	void socketClosesWhenItsSessionExpires() throws Exception {
		Browser browser = logIn();
		Socket socket = Socket.open(b, browser);
		socket.awaitClosed();
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(302);
	}

	@Test
	void socketClosesWhenItsSessionIsLoggedOutOnAnotherNode() throws Exception {
		Browser browser = logIn();
		Socket socket = Socket.open(b, browser);
		Socket bystander = Socket.open(b, logIn());
		long start = System.nanoTime();
		browser.logOut();
		socket.awaitClosed();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(IDLE);
		assertThat(bystander.closed()).isNotDone();
	}

	@Test
	void socketClosesWhenItsSessionIsLoggedOutOnItsOwnNode() throws Exception {
		Browser browser = logIn();
		Socket socket = Socket.open(b, browser);
		browser.at(b.port()).logOut();
		socket.awaitClosed();
	}

	@Test
	void socketClosesThoughItsNodeWasDeafWhenTheSessionWasLoggedOut() throws Exception {
		Browser browser = logIn();
		String token = browser.csrf();
		Socket socket = Socket.open(b, browser);
		Awaitility.await().until(() -> subscribers() == 2);
		assertThat(server.commands().clientKill(KillArgs.Builder.typePubsub())).isEqualTo(2);
		HttpResponse<String> response = browser.post("/logout", Map.of("_csrf", token));
		assertThat(subscribers()).as("b must not have heard it").isLessThan(2);
		assertThat(response.statusCode()).isEqualTo(302);
		socket.awaitClosed();
		Awaitility.await().until(() -> subscribers() == 2);
	}

	private static long subscribers() {
		return server.commands().pubsubNumsub("app:session:events").get("app:session:events");
	}

	private static Browser logIn() {
		Browser browser = a.browser();
		browser.get("/write?value=socket");
		browser.logIn("anna");
		return browser;
	}

	private record Socket(StompSession session, CompletableFuture<Void> closed) {

		static Socket open(WebNode node, Browser browser) throws Exception {
			CompletableFuture<Void> closed = new CompletableFuture<>();
			WebSocketHttpHeaders headers = new WebSocketHttpHeaders();
			headers.add("Cookie", browser.cookieHeader());
			StompSession session = new WebSocketStompClient(new StandardWebSocketClient())
				.connectAsync("ws://localhost:" + node.port() + "/socket", headers, new StompSessionHandlerAdapter() {

					@Override
					public void handleTransportError(StompSession session, Throwable exception) {
						if (exception instanceof ConnectionLostException) {
							closed.complete(null);
						}
					}

				})
				.get(10, TimeUnit.SECONDS);
			return new Socket(session, closed);
		}

		void awaitClosed() throws Exception {
			this.closed.get(IDLE.toMillis() + 5000, TimeUnit.MILLISECONDS);
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	@EnableWebSocketMessageBroker
	static class Sockets extends AbstractSessionWebSocketMessageBrokerConfigurer<StoredSession> {

		@Override
		protected void configureStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/socket");
		}

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			registry.enableSimpleBroker("/topic");
			registry.setApplicationDestinationPrefixes("/app");
		}

	}

}
