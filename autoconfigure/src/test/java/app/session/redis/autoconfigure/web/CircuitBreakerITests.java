package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests how soon requests are answered while Redis hangs, and how soon they succeed
 * afterwards.
 */
@ExtendWith(OutputCaptureExtension.class)
class CircuitBreakerITests {

	private static final Duration AT_ONCE = Duration.ofMillis(600);

	private static RedisServer server;

	private static WebNode node;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		node = WebNode.start(server);
	}

	@AfterAll
	static void stop() {
		node.close();
		server.close();
	}

	@AfterEach
	void goOn() {
		server.resume();
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(node.browser().get("/new").statusCode()).isEqualTo(200));
	}

	@Test
	void theOpenBreakerAnswersAtOnceAndRedisItselfClosesIt(CapturedOutput output) {
		Browser user = node.browser();
		user.get("/write?value=kept");
		server.pause();
		open(user);
		for (int i = 0; i < 5; i++) {
			assertThat(took(user)).isLessThan(AT_ONCE);
		}
		server.resume();
		long resumed = System.nanoTime();
		Awaitility.await()
			.pollInterval(Duration.ofMillis(10))
			.untilAsserted(() -> assertThat(output).contains("Redis answers again"));
		assertThat(Duration.ofNanos(System.nanoTime() - resumed)).isLessThan(Duration.ofSeconds(1));
		HttpResponse<String> first = user.get("/read");
		assertThat(first.body()).as("the first request after it").isEqualTo("kept null");
		assertThat(output.toString().split("Redis does not answer", -1)).as("said once").hasSize(2);
	}

	@Test
	void trialsOfRequestsFindOutToo() {
		// The silent connection is closed after 9 seconds: probes come well before that
		try (WebNode impatient = WebNode.start(server, "app.session.redis.command-timeout=3s",
				"app.session.redis.circuit-breaker.open-for=2s")) {
			Browser user = impatient.browser();
			user.get("/write?value=kept");
			server.pause();
			open(user);
			// Then some requests are permitted, wait for a reply, and the breaker opens
			// again
			Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> took(user).compareTo(AT_ONCE) > 0);
			Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> took(user).compareTo(AT_ONCE) < 0);
			server.resume();
			Awaitility.await()
				.atMost(Duration.ofSeconds(5))
				.untilAsserted(() -> assertThat(user.get("/read").body()).isEqualTo("kept null"));
		}
	}

	@Test
	void whatRedisRefusesOpensNothing() {
		Browser user = node.browser();
		user.get("/write?value=kept");
		server.commands().configSet("maxmemory", "1");
		try {
			for (int i = 0; i < 30; i++) {
				assertThat(user.get("/write?value=refused").statusCode()).isEqualTo(503);
			}
			assertThat(user.get("/read").body()).as("reads go on").isEqualTo("kept null");
		}
		finally {
			server.commands().configSet("maxmemory", "0");
		}
	}

	private static void open(Browser user) {
		List<CompletableFuture<HttpResponse<String>>> victims = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			victims.add(user.getAsync("/read"));
		}
		victims.forEach((victim) -> assertThat(victim.join().statusCode()).isEqualTo(503));
		// The client notices timeouts with the ticks of its timer, so that a request that
		// is
		// sent at once would still wait
		Awaitility.await().pollDelay(Duration.ofMillis(300)).until(() -> took(user).compareTo(AT_ONCE) < 0);
	}

	private static Duration took(Browser user) {
		long start = System.nanoTime();
		assertThat(user.get("/read").statusCode()).isEqualTo(503);
		return Duration.ofNanos(System.nanoTime() - start);
	}

}
