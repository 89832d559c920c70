package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the meters for Prometheus and the traces of an application.
 */
class MetricsITests {

	private static final Pattern SERIES = Pattern.compile("(?m)^(redis_session_\\w+)(?:\\{(.*?)})? (\\S+)$");

	private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `redis\\.session[.\\w]+` \\| `(\\w+)` \\|");

	private static RedisServer server;

	private static WebNode node;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		node = start("app.session.redis.collector.enabled=false");
	}

	@AfterAll
	static void stop() {
		node.close();
		server.close();
	}

	@BeforeEach
	void forget() {
		node.bean(SpansConfiguration.class).observations().clear();
	}

	private static WebNode start(String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + server.host(),
				"app.session.redis.port=" + server.port(), "management.endpoints.web.exposure.include=prometheus"));
		all.addAll(List.of(properties));
		return WebNode.start(List.of(WebTestApplication.class, SpansConfiguration.class), all);
	}

	private static String scrape(WebNode node) {
		var response = node.browser().get("/actuator/prometheus");
		assertThat(response.statusCode()).isEqualTo(200);
		return response.body();
	}

	private static double value(String scrape, String series) {
		for (String line : scrape.split("\n")) {
			if (line.startsWith(series + " ")) {
				return Double.parseDouble(line.substring(series.length() + 1));
			}
		}
		throw new AssertionError("No " + series + " in:\n"
				+ SERIES.matcher(scrape).results().map((line) -> line.group() + "\n").toList());
	}

	private static Set<String> names(String scrape) {
		Set<String> names = new TreeSet<>();
		SERIES.matcher(scrape).results().forEach((series) -> names.add(series.group(1)));
		return names;
	}

	@Test
	void theNamesInPrometheusAreThoseThatAreDocumented() throws IOException {
		node.browser().get("/write?value=a");
		Set<String> names = names(scrape(node));
		Matcher documented = DOCUMENTED.matcher(Files.readString(Path.of("..", "docs", "metrics.md")));
		Set<String> unknown = new TreeSet<>(names);
		int count = 0;
		while (documented.find()) {
			count++;
			String name = documented.group(1);
			assertThat(names).as(name).anyMatch((there) -> there.equals(name) || there.equals(name + "_count"));
			unknown.removeIf((there) -> there.equals(name) || there.matches(name + "_(count|sum|max)"));
		}
		assertThat(count).isGreaterThan(20);
		assertThat(unknown).isEqualTo(Set.of("redis_session_operations_active_seconds_count",
				"redis_session_operations_active_seconds_max", "redis_session_operations_active_seconds_sum"));
	}

	@Test
	void metersMoveWithWhatTheApplicationDoes() {
		String before = scrape(node);
		Browser user = node.browser();
		user.get("/write?value=a");
		user.get("/read");
		node.browser().sessionId("A".repeat(59)).get("/read");
		String after = scrape(node);
		Map.of("redis_session_created_sessions_total", 1.0, "redis_session_lookups_total{result=\"hit\"}", 1.0,
				"redis_session_lookups_total{result=\"miss\"}", 1.0, "redis_session_save_size_bytes_count", 1.0,
				"redis_session_commands_total", 4.0, "redis_session_round_trips_total", 3.0)
			.forEach((series, difference) -> assertThat(value(after, series) - value(before, series)).as(series)
				.isBetween(difference, difference + 3));
		assertThat(value(after, "redis_session_created_sessions_total"))
			.isEqualTo(value(before, "redis_session_created_sessions_total") + 1);
		assertThat(
				value(after, "redis_session_save_size_bytes_sum") - value(before, "redis_session_save_size_bytes_sum"))
			.isBetween(33.0, 200.0);
		assertThat(value(after, "redis_session_breaker_state{state=\"closed\"}")).isEqualTo(1);
		assertThat(value(after, "redis_session_breaker_state{state=\"open\"}")).isEqualTo(0);
	}

	@Test
	void noTagNamesASessionOrAPrincipalAndSeriesDoNotGrow() {
		List<String> secrets = new ArrayList<>(List.of("anna", "app:session", "value"));
		logIn(secrets);
		node.browser().get("/read");
		long series = SERIES.matcher(scrape(node)).results().count();
		for (int i = 0; i < 5; i++) {
			logIn(secrets);
		}
		String scrape = scrape(node);
		assertThat(SERIES.matcher(scrape).results().count()).isEqualTo(series);
		assertThat(SERIES.matcher(scrape).results()).isNotEmpty()
			.allSatisfy((line) -> assertThat(line.group()).doesNotContain(secrets));
		assertThat(node.bean(SpansConfiguration.class).observations()).isNotEmpty()
			.allSatisfy((observed) -> assertThat(observed.tags()).doesNotContain(secrets));
	}

	private static void logIn(List<String> secrets) {
		Browser user = node.browser();
		user.logIn("anna");
		user.get("/write?value=value");
		String id = user.sessionId();
		secrets.add(id);
		secrets.add(id.substring(0, 16));
	}

	@Test
	void operationsArePartOfTheRequestThatWaitsForThem() {
		Browser user = node.browser();
		user.get("/write?value=a");
		user.get("/write?value=b");
		assertThat(node.bean(SpansConfiguration.class).observations()).extracting(Observed::name)
			.containsExactly("redis session create", "redis session load", "redis session save");
		assertThat(node.bean(SpansConfiguration.class).observations()).extracting(Observed::root)
			.containsOnly("http.server.requests");
	}

	@Test
	void scrapesQueryRedisOnlyOccasionally() {
		try (WebNode fresh = start("app.session.redis.collector.enabled=false"); Monitor monitor = Monitor.of(server)) {
			long began = System.nanoTime();
			String first = scrape(fresh);
			assertThat(value(first, "redis_session_live_sessions")).isNotNegative();
			assertThat(value(first, "redis_session_collector_lag_seconds")).isNotNegative();
			assertThat(monitor.commands()).as("live and lag together").hasSize(2);
			scrape(fresh);
			if (Duration.ofNanos(System.nanoTime() - began).toSeconds() < 5) {
				assertThat(monitor.commands()).as("a second one soon after").hasSize(2);
			}
			await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
				scrape(fresh);
				assertThat(monitor.commands()).as("later").hasSize(4);
			});
		}
	}

	@Test
	void whileRedisHangsAScrapeIsAnsweredAndNoCommandIsSentOnceTheBreakerIsOpen() {
		try (WebNode fresh = start("app.session.redis.command-timeout=500ms")) {
			Browser user = fresh.browser();
			user.get("/write?value=a");
			await().until(() -> value(scrape(fresh), "redis_session_collector_leading") == 1);
			server.pause();
			await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
				String scrape = scrape(fresh);
				assertThat(value(scrape, "redis_session_live_sessions")).isNaN();
				assertThat(value(scrape, "redis_session_collector_lag_seconds")).isNaN();
				assertThat(value(scrape, "redis_session_created_sessions_total")).isEqualTo(1);
			});
			await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
				user.get("/read");
				assertThat(value(scrape(fresh), "redis_session_breaker_state{state=\"open\"}")).isEqualTo(1);
			});
			assertThat(value(scrape(fresh), "redis_session_live_sessions")).isNaN();
			assertThat(scrape(fresh)).containsPattern("redis_session_operations_seconds_count\\{[^}]*"
					+ "operation=\"load\",outcome=\"(timeout|not-asked|disconnected)\"");
			server.resume();
			await().atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(value(scrape(fresh), "redis_session_live_sessions")).isPositive());
		}
		finally {
			server.resume();
		}
	}

	@Test
	void expiryIsCountedWhereItIsPublished() {
		try (WebNode collecting = start("app.session.redis.timeout=1s", "app.session.redis.collector.interval=100ms")) {
			collecting.browser().get("/write?value=a");
			await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
				String scrape = scrape(collecting);
				assertThat(value(scrape, "redis_session_expired_sessions_total")).isEqualTo(1);
				assertThat(value(scrape, "redis_session_collector_batch_sessions_count")).isPositive();
				assertThat(value(scrape, "redis_session_collector_leading")).isEqualTo(1);
			});
			assertThat(collecting.bean(SpansConfiguration.class).observations())
				.as("nothing of what goes on in the background")
				.extracting(Observed::root)
				.containsOnly("http.server.requests");
			assertThat(collecting.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.EXPIRED))
				.isEqualTo(1);
		}
	}

	/** An observation of the store, with the root that it belongs to. */
	record Observed(String name, String root, String tags) {
	}

	/** Records what tracing would receive. */
	@Configuration(proxyBeanMethods = false)
	static class SpansConfiguration {

		private final List<Observed> observations = new CopyOnWriteArrayList<>();

		List<Observed> observations() {
			return this.observations;
		}

		/** Between the request and the store there may be Spring Security. */
		private static String root(Observation.ContextView context) {
			ObservationView parent = context.getParentObservation();
			return (parent != null) ? root(parent.getContextView()) : context.getName();
		}

		@Bean
		ObservationHandler<Observation.Context> spans() {
			return new ObservationHandler<>() {

				@Override
				public void onStop(Observation.Context context) {
					if (context.getName().startsWith("redis.session")) {
						SpansConfiguration.this.observations.add(new Observed(context.getContextualName(),
								root(context), context.getAllKeyValues().toString()));
					}
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return true;
				}

			};
		}

	}

}
