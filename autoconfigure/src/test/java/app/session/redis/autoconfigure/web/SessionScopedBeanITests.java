package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests session-scoped beans on two nodes.
 */
class SessionScopedBeanITests {

	private static RedisServer server;

	private static WebNode first;

	private static WebNode second;

	private Browser browser;

	private Browser elsewhere;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		first = node();
		second = node();
	}

	private static WebNode node(String... properties) {
		List<String> all = new ArrayList<>(
				List.of("app.session.redis.host=" + server.host(), "app.session.redis.port=" + server.port(),
						"app.session.redis.collector.enabled=false", "spring.aop.proxy-target-class=false"));
		all.addAll(Arrays.asList(properties));
		return WebNode.start(List.of(WebTestApplication.class, ScopedBeans.class), all);
	}

	@AfterAll
	static void stop() {
		first.close();
		second.close();
		server.flushAll();
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		this.browser = first.browser();
		this.browser.get("/new");
		this.elsewhere = this.browser.at(second.port());
	}

	@Test
	void beanWithDestroyMethod_isKept() {
		assertThat(get(this.browser, "/cart?add=pen")).isEqualTo("[pen]");
		assertThat(get(this.elsewhere, "/cart?add=ink")).isEqualTo("[pen, ink]");
		assertThat(get(this.browser, "/cart")).isEqualTo("[pen, ink]");
		assertThat(first.bean(AtomicRedisSessionRepository.class)
			.operations()
			.describe(this.browser.handle())
			.attributes()).containsKey("scopedTarget.cart");
	}

	@Test
	void beanOfAClassWithAdvice_keepsStateAndAdvice() {
		assertThat(get(this.browser, "/wishlist?add=pen")).isEqualTo("LOUD [pen]");
		assertThat(get(this.elsewhere, "/wishlist?add=ink")).isEqualTo("LOUD [pen, ink]");
		assertThat(get(this.browser, "/wishlist")).isEqualTo("LOUD [pen, ink]");
	}

	@Test
	void beanWithoutScopedProxy_keepsStateAndAdvice() {
		assertThat(get(this.browser, "/history?add=pen")).isEqualTo("LOUD [pen]");
		assertThat(get(this.elsewhere, "/history?add=ink")).isEqualTo("LOUD [pen, ink]");
		assertThat(get(this.browser, "/history")).isEqualTo("LOUD [pen, ink]");
	}

	@Test
	void beanBehindAJdkProxy_keepsStateAndTransactions() {
		assertThat(get(this.browser, "/wallet?pay=10")).isEqualTo("90 in a transaction");
		assertThat(get(this.elsewhere, "/wallet?pay=20")).isEqualTo("70 in a transaction");
		assertThat(get(this.browser, "/wallet")).isEqualTo("70 in a transaction");
	}

	@Test
	void beanWithAsynchronousMethods_keepsStateAndRunsThemInTheBackground() {
		assertThat(get(this.browser, "/report")).isEqualTo("1 in the background");
		assertThat(get(this.elsewhere, "/report")).isEqualTo("2 in the background");
		assertThat(get(this.browser, "/report")).isEqualTo("3 in the background");
	}

	@Test
	void otherAttributeWithAdvice_isStoredAsItsTarget() {
		assertThat(get(this.browser, "/draft?add=pen")).isEqualTo("LOUD [pen]");
		assertThat(get(this.elsewhere, "/draft")).isEqualTo("[pen] without advice");
	}

	/** The oracle: the responses of the same pages with the container's own sessions. */
	@Test
	void beans_behaveAsInTheContainersOwnSessions() {
		List<String> paths = List.of("/cart?add=pen", "/cart", "/wishlist?add=pen", "/wishlist?add=ink", "/wishlist",
				"/history?add=pen", "/history", "/wallet?pay=10", "/wallet?pay=20", "/report", "/report");
		try (WebNode container = node("spring.autoconfigure.exclude=" + RedisSessionAutoConfiguration.class.getName()
				+ "," + SessionDataRedisAutoConfiguration.class.getName())) {
			Browser client = container.browser();
			client.get("/new");
			assertThat(client.has(Browser.SESSION_COOKIE)).isFalse();
			List<String> expected = paths.stream().map((path) -> get(client, path)).toList();
			assertThat(paths).extracting((path) -> get(this.browser, path)).isEqualTo(expected);
		}
	}

	@Test
	void requestThatOnlyReadsABean_writesNothing() {
		for (String path : List.of("/cart", "/wishlist", "/history", "/wallet")) {
			get(this.browser, path);
			long before = commands();
			get(this.elsewhere, path);
			assertThat(commands() - before).as(path).isEqualTo(1);
		}
	}

	@Test
	void readerAtTheSameTime_doesNotOverwriteAWriter() {
		get(this.browser, "/wishlist?add=pen");
		Hooks.Gate gate = second.hooks().gate();
		var reader = this.elsewhere.getAsync("/wishlist-then-wait");
		gate.awaitReached();
		get(this.browser, "/wishlist?add=ink");
		gate.open();
		assertThat(reader.join().body()).isEqualTo("LOUD [pen]");
		assertThat(get(this.browser, "/wishlist")).isEqualTo("LOUD [pen, ink]");
	}

	@Test
	void beansAsJson_keepStateAndAdvice() {
		try (WebNode node = node("app.session.redis.serializer=json");
				WebNode other = node("app.session.redis.serializer=json")) {
			Browser here = node.browser();
			assertThat(get(here, "/wishlist?add=pen")).isEqualTo("LOUD [pen]");
			assertThat(get(here, "/cart?add=pen")).isEqualTo("[pen]");
			Browser there = here.at(other.port());
			assertThat(get(there, "/wishlist?add=ink")).isEqualTo("LOUD [pen, ink]");
			assertThat(get(there, "/cart?add=ink")).isEqualTo("[pen, ink]");
			assertThat(get(here, "/wishlist")).isEqualTo("LOUD [pen, ink]");
			assertThat(get(here, "/cart")).isEqualTo("[pen, ink]");
		}
	}

	private static long commands() {
		return second.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.COMMANDS);
	}

	private static String get(Browser browser, String path) {
		HttpResponse<String> response = browser.get(path);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

}
