package app.session.redis.webflux;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.jetty.reactive.JettyReactiveWebServerFactory;
import org.springframework.boot.tomcat.reactive.TomcatReactiveWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a reactive application in a servlet container, whose threads may block, so that
 * operations continue on Reactor's parallel scheduler.
 */
@Timeout(60)
class WebFluxContainerITests {

	private final RedisServer server = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.server);

	@ParameterizedTest
	@ValueSource(classes = { OnTomcat.class, OnJetty.class })
	void containersServeSessions(Class<?> container) {
		try (this.server; this.proxy; WebFluxNode node = start(container); WebFluxNode other = start(container)) {
			Browser browser = node.browser();
			browser.get("/write?value=apple");
			assertThat(browser.at(other).get("/read")).isEqualTo("apple");
			assertThat(Browser.setCookies(browser.response("/write?value=pear"))).isEmpty();
			String before = browser.cookie();
			browser.logIn("anna");
			assertThat(browser.cookie()).isNotEqualTo(before);
			assertThat(browser.at(other).get("/user")).isEqualTo("anna");
			assertThat(browser.get("/stream")).contains("3");
			Awaitility.await().untilAsserted(() -> assertThat(browser.get("/read")).isEqualTo("late"));
			List<CompletableFuture<HttpResponse<String>>> requests = List.of(browser.begin("/count"),
					browser.at(other).begin("/count"), browser.begin("/count"));
			requests.forEach((request) -> assertThat(request.join().statusCode()).isEqualTo(200));
			assertThat(browser.get("/count")).isEqualTo("4");
			String threads = node.browser().get("/threads");
			assertThat(threads).contains("find ", "invalidate parallel-").doesNotContain("lettuce");
			browser.post("/logout", Map.of());
			assertThat(browser.cookie()).isNull();
			Browser another = node.browser();
			another.get("/write?value=apple");
			this.proxy.stopForwarding();
			long start = System.nanoTime();
			HttpResponse<String> response = another.response("/read");
			assertThat(response.statusCode()).isEqualTo(503);
			assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1500));
			this.proxy.forward();
		}
	}

	private WebFluxNode start(Class<?> container) {
		return WebFluxNode.start(this.proxy.host(), this.proxy.port(), List.of(container),
				"app.session.redis.command-timeout=1s", "app.session.redis.lock.enabled=true");
	}

	@Configuration(proxyBeanMethods = false)
	static class OnTomcat {

		@Bean
		TomcatReactiveWebServerFactory tomcat() {
			return new TomcatReactiveWebServerFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnJetty {

		@Bean
		JettyReactiveWebServerFactory jetty() {
			return new JettyReactiveWebServerFactory();
		}

	}

}
