package app.session.redis.autoconfigure.properties;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the metadata with which tools complete properties.
 */
class ConfigurationMetadataTests {

	private static final String PREFIX = "app.session.redis.";

	/**
	 * Every property with its documented default, which is empty if there is none or if
	 * it depends on another property.
	 */
	private static final Map<String, String> DEFAULTS = defaults();

	private static Map<String, String> defaults() {
		Map<String, String> defaults = new TreeMap<>();
		Stream
			.of("url", "host", "port", "username", "password", "client-name", "startup-timeout", "ssl.bundle",
					"timeout", "indexes", "cookie.path", "cookie.domain", "cookie.secure", "cookie.max-age", "socket",
					"ssl.host", "sentinel.username", "sentinel.password", "allowed-types", "allowed-lambdas",
					"encryption.keys", "encryption.active-key")
			.forEach((name) -> defaults.put(name, ""));
		defaults.put("enabled", "true");
		defaults.put("hosts", "localhost:6379");
		defaults.put("database", "0");
		defaults.put("mode", "standalone");
		defaults.put("sentinel.master", "mymaster");
		defaults.put("cluster.refresh-period", "60s");
		defaults.put("cluster.max-redirects", "5");
		defaults.put("ssl.verify-peer", "full");
		defaults.put("ssl.start-tls", "false");
		defaults.put("on-unavailable", "error");
		defaults.put("read-from", "master");
		defaults.put("pool.enabled", "false");
		defaults.put("pool.max-total", "8");
		defaults.put("pool.max-idle", "8");
		defaults.put("pool.min-idle", "0");
		defaults.put("pool.max-wait", "10s");
		defaults.put("limits.per-principal", "0");
		defaults.put("limits.on-exceeded", "evict-oldest");
		defaults.put("limits.total", "0");
		defaults.put("confirm-replicas", "0");
		defaults.put("confirm-timeout", "500ms");
		defaults.put("circuit-breaker.enabled", "true");
		defaults.put("circuit-breaker.failure-rate", "50");
		defaults.put("circuit-breaker.sliding-window", "20");
		defaults.put("circuit-breaker.open-for", "5s");
		defaults.put("circuit-breaker.half-open-calls", "3");
		defaults.put("connect-timeout", "2s");
		defaults.put("command-timeout", "1s");
		defaults.put("connect-retries", "3");
		defaults.put("backoff.algorithm", "decorrelated-jitter");
		defaults.put("backoff.base", "100ms");
		defaults.put("backoff.cap", "1s");
		defaults.put("startup", "fail");
		defaults.put("server-check", "warn");
		defaults.put("ssl.enabled", "false");
		defaults.put("namespace", "app:session");
		defaults.put("repository-type", "atomic");
		defaults.put("long-timeout", "7d");
		defaults.put("absolute-timeout", "0");
		defaults.put("min-timeout", "0");
		defaults.put("max-timeout", "30d");
		defaults.put("first-timeout", "0");
		defaults.put("bot.enabled", "false");
		defaults.put("bot.pattern", "");
		defaults.put("bot.first-timeout", "60s");
		defaults.put("bot.timeout", "");
		defaults.put("migrate-from", "");
		defaults.put("record-client", "false");
		defaults.put("touch-interval", "0");
		defaults.put("grace", "5m");
		defaults.put("save-mode", "on-change");
		defaults.put("flush-mode", "on-save");
		defaults.put("save-after-delete", "ignore");
		defaults.put("protect-ids", "true");
		defaults.put("id-bytes", "32");
		defaults.put("id-overlap", "30s");
		defaults.put("events", "auto");
		defaults.put("near-cache.enabled", "true");
		defaults.put("near-cache.max-age", "0");
		defaults.put("near-cache.max-size", "");
		defaults.put("lock.enabled", "false");
		defaults.put("lock.methods", "POST,PUT,PATCH,DELETE");
		defaults.put("lock.wait", "10s");
		defaults.put("lock.lease", "30s");
		defaults.put("lock.on-timeout", "reject");
		defaults.put("lock.max-waiters", "0");
		defaults.put("lock.token-refresh", "false");
		defaults.put("logout.oidc-back-channel", "true");
		defaults.put("logout.clear-site-data", "");
		defaults.put("client-binding.user-agent", "false");
		defaults.put("client-binding.ipv4-prefix", "0");
		defaults.put("client-binding.ipv6-prefix", "0");
		defaults.put("client-binding.on-mismatch", "reauthenticate");
		defaults.put("metrics.enabled", "true");
		defaults.put("metrics.command-latency", "false");
		defaults.put("collector.enabled", "true");
		defaults.put("collector.interval", "1s");
		defaults.put("collector.batch-size", "500");
		defaults.put("on-unreadable", "drop-attribute");
		defaults.put("serializer", "jdk");
		defaults.put("compression.algorithm", "none");
		defaults.put("compression.threshold", "2KB");
		defaults.put("encryption.enabled", "false");
		defaults.put("encryption.accept-plain-until", "");
		defaults.put("read-forms", "");
		defaults.put("type-check", "enforce");
		defaults.put("cookie.name", "SESSION");
		defaults.put("cookie.http-only", "true");
		defaults.put("cookie.same-site", "lax");
		defaults.put("cookie.partitioned", "false");
		defaults.put("cookie.renew", "true");
		defaults.put("passive.paths", "");
		defaults.put("passive.header", "");
		return defaults;
	}

	static final JsonNode metadata = metadata();

	private static JsonNode metadata() {
		// Properties of tests have metadata of their own, earlier on the class path
		URL classes = RedisSessionProperties.class.getProtectionDomain().getCodeSource().getLocation();
		try (InputStream resource = URI.create(classes + "META-INF/spring-configuration-metadata.json")
			.toURL()
			.openStream()) {
			return JsonMapper.shared().readTree(resource);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static List<JsonNode> properties() {
		return metadata.get("properties")
			.valueStream()
			.filter((property) -> !property.get("name").asString().startsWith("management."))
			.toList();
	}

	@Test
	void actuatorsSwitches_areKnown() {
		assertThat(metadata.get("properties")
			.valueStream()
			.map((property) -> property.get("name").asString())
			.filter((name) -> name.startsWith("management.")))
			.containsExactlyInAnyOrder("management.endpoint.redissessions.access",
					"management.endpoint.redissessions.cache.time-to-live", "management.health.redis-session.enabled");
	}

	@Test
	void everyDocumentedProperty_isThereAndNoOther() {
		Set<String> names = new TreeSet<>();
		properties().forEach((property) -> names.add(name(property)));
		assertThat(names).isEqualTo(DEFAULTS.keySet());
	}

	@ParameterizedTest
	@MethodSource("properties")
	void description_isInBootsStyle(JsonNode property) {
		String description = property.path("description").asString("");
		assertThat(description).as(name(property)).isNotBlank().endsWith(".").doesNotContain("  ", "{@", "<");
		assertThat(description).doesNotStartWith("The ").doesNotStartWith("A ").doesNotStartWith("An ");
		String type = property.get("type").asString();
		if (type.equals("java.lang.Boolean")) {
			assertThat(description).startsWith("Whether ");
		}
		if (type.startsWith("java.util.List")) {
			assertThat(description).startsWith("Comma-separated list of ");
		}
	}

	@ParameterizedTest
	@MethodSource("properties")
	void default_isTheDocumentedOne(JsonNode property) {
		assertThat(property.path("defaultValue").asString("")).as(name(property))
			.isEqualTo(DEFAULTS.get(name(property)));
	}

	@Test
	void hint_standsOnceForEachProperty() {
		assertThat(metadata.get("hints")).extracting((hint) -> hint.get("name").asString()).doesNotHaveDuplicates();
	}

	@Test
	void everyHint_isOfAPropertyAndHasValues() {
		List<JsonNode> hints = metadata.get("hints").valueStream().toList();
		assertThat(hints).isNotEmpty().allSatisfy((hint) -> {
			assertThat(DEFAULTS).containsKey(name(hint));
			assertThat(hint.get("values").size()).isPositive();
		});
	}

	@Test
	void everyChoice_hasAHintForEachOfItsValues() {
		assertHints("lock.on-timeout", OnLockTimeout.class);
		Map.<String, Class<? extends Enum<?>>>of("startup", RedisSessionConnectionProperties.Startup.class, "events",
				EventDelivery.class, "repository-type", RedisSessionProperties.RepositoryType.class,
				"backoff.algorithm", RedisSessionConnectionProperties.BackoffAlgorithm.class, "save-mode",
				SaveMode.class, "on-unreadable", OnUnreadable.class, "save-after-delete", SaveAfterDelete.class, "mode",
				RedisSessionConnectionProperties.Mode.class, "ssl.verify-peer",
				RedisSessionConnectionProperties.VerifyPeer.class, "on-unavailable", OnUnavailable.class)
			.forEach(ConfigurationMetadataTests::assertHints);
		assertHints("compression.algorithm", CompressionAlgorithm.class);
		assertHints("read-forms", ValueForm.class);
		assertHints("type-check", TypeCheck.class);
		assertHints("limits.on-exceeded", OnExceeded.class);
		assertHints("server-check", RedisSessionConnectionProperties.ServerCheck.class);
	}

	private static void assertHints(String name, Class<? extends Enum<?>> type) {
		assertThat(hintedValues(name)).as(name)
			.containsExactlyInAnyOrderElementsOf(Stream.of(type.getEnumConstants())
				.map((value) -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.toList());
	}

	private static List<String> hintedValues(String name) {
		return metadata.get("hints")
			.valueStream()
			.filter((hint) -> name(hint).equals(name))
			.flatMap((hint) -> hint.get("values").valueStream())
			.map((value) -> value.get("value").asString())
			.toList();
	}

	private static String name(JsonNode item) {
		String name = item.get("name").asString();
		assertThat(name).startsWith(PREFIX);
		return name.substring(PREFIX.length());
	}

}
