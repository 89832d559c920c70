package app.session.redis.autoconfigure.properties;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.SessionEngine;
import app.session.redis.event.SocketSessions;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsCustomizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.MockedConstruction;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.DelegatingIndexResolver;
import org.springframework.session.FlushMode;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.web.socket.handler.WebSocketRegistryListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.ArgumentMatchers.isA;
import static org.mockito.ArgumentMatchers.notNull;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockConstruction;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

/**
 * Tests the settings that result from properties and beans. (The settings and the
 * repository are mocks: the tests of the repository check the effect of the settings,
 * with a real Redis.)
 */
@ExtendWith(OutputCaptureExtension.class)
class RedisSessionPropertyMappingTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.application()
		.withPropertyValues("app.session.redis.startup=lazy");

	@Test
	void nothingSet_isTheDocumentedDefault() {
		run(this.contextRunner, (settings, engine) -> {
			verify(settings).setNamespace("app:session");
			verify(settings).setDefaultMaxInactiveInterval(Duration.ofMinutes(30));
			verify(settings).setAbsoluteTimeout(Duration.ZERO);
			verify(settings).setTimeoutBounds(Duration.ZERO, Duration.ofDays(30));
			verify(settings).setFirstTimeout(Duration.ZERO);
			verify(settings).setBotTimeouts(Duration.ofSeconds(60), null);
			verify(settings).setTouchInterval(Duration.ZERO);
			verify(settings).setGrace(Duration.ofMinutes(5));
			verify(settings).setSaveMode(SaveMode.ON_CHANGE);
			verify(settings).setFlushMode(FlushMode.ON_SAVE);
			verify(settings).setSaveAfterDelete(SaveAfterDelete.IGNORE);
			verify(settings).setProtectIds(true);
			verify(settings).setIdBytes(32);
			verify(settings).setIndexedAttributes(List.of());
			verify(settings).setEvents(EventDelivery.AUTO);
			verify(settings).setCollectorEnabled(true);
			verify(settings).setCollectorInterval(Duration.ofSeconds(1));
			verify(settings).setCollectorBatchSize(500);
			verify(settings).setOnUnreadable(OnUnreadable.DROP_ATTRIBUTE);
			verify(settings).setCommandTimeout(Duration.ofSeconds(1));
			verify(settings, never()).setMigrateFrom(any());
			verify(settings, never()).setLocks(any());
			verify(settings).setLimitPerPrincipal(0, OnExceeded.EVICT_OLDEST);
			verify(settings).setLimitTotal(0);
			verify(settings, never()).setSessionIdGenerator(any());
			verify(settings, never()).setIndexResolver(any());
			verify(settings, never()).setDefaultSerializer(any());
			verify(engine, never()).setSocketSessions(any());
			verify(settings, never()).setValueForm(any());
			verify(settings).setReadForms(List.of());
			verify(settings).setTypeCheck(TypeCheck.ENFORCE);
			verify(settings).setAllowedTypes(List.of());
			verify(settings).setAllowedLambdas(List.of());
			verify(settings).setCompression(CompressionAlgorithm.NONE, 2048);
			verify(settings).setEncryptionKeys(null);
			verify(settings).setAcceptPlainUntil(null);
		});
	}

	@Test
	void typeCheckWithAKey_authenticatesAndEncryptsOnlyIfThatIsEnabled() {
		String key = "encryption.keys.k1=" + Base64.getEncoder().encodeToString(new byte[32]);
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key),
				(settings) -> {
					verify(settings).setTypeCheck(TypeCheck.WARN);
					verify(settings)
						.setEncryptionKeys(argThat((keys) -> "k1".equals(keys.active()) && !keys.encrypts()));
				});
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key,
				"app.session.redis.encryption.enabled=true"),
				(settings) -> verify(settings).setEncryptionKeys(argThat((keys) -> keys.encrypts())));
	}

	@Test
	void readForms_arePassedOn() {
		run("read-forms=jdk,json", (settings) -> verify(settings).setReadForms(List.of(ValueForm.JDK, ValueForm.JSON)));
	}

	@Test
	void acceptPlainUntil_isPassedOn() {
		Instant instant = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
		run("encryption.accept-plain-until=" + instant, (settings) -> verify(settings).setAcceptPlainUntil(instant));
	}

	@Test
	void namespace_isPassedOn() {
		run("namespace=shop", (settings) -> verify(settings).setNamespace("shop"));
	}

	@Test
	void timeoutWithoutUnit_isSeconds() {
		run("timeout=90", (settings) -> verify(settings).setDefaultMaxInactiveInterval(Duration.ofSeconds(90)));
	}

	@Test
	void absoluteTimeoutWithoutUnit_isSeconds() {
		run("absolute-timeout=90", (settings) -> verify(settings).setAbsoluteTimeout(Duration.ofSeconds(90)));
	}

	@Test
	void timeoutBoundsWithoutUnit_areSeconds() {
		run("min-timeout=60",
				(settings) -> verify(settings).setTimeoutBounds(Duration.ofMinutes(1), Duration.ofDays(30)));
		run("max-timeout=60", (settings) -> verify(settings).setTimeoutBounds(Duration.ZERO, Duration.ofMinutes(1)));
	}

	@Test
	void firstTimeoutWithoutUnit_isSeconds() {
		run("first-timeout=600", (settings) -> verify(settings).setFirstTimeout(Duration.ofMinutes(10)));
	}

	@Test
	void botTimeoutsWithoutUnit_areSeconds() {
		run("bot.first-timeout=30", (settings) -> verify(settings).setBotTimeouts(Duration.ofSeconds(30), null));
		run("bot.timeout=120",
				(settings) -> verify(settings).setBotTimeouts(Duration.ofSeconds(60), Duration.ofMinutes(2)));
	}

	@Test
	void recordClient_isPassedOn() {
		run("record-client=true", (settings) -> verify(settings).setRecordClient(true));
	}

	@Test
	void migrateFrom_isPassedOn() {
		run("migrate-from=spring:session", (settings) -> verify(settings).setMigrateFrom("spring:session"));
	}

	@Test
	void touchInterval_isPassedOn() {
		run("touch-interval=10s", (settings) -> verify(settings).setTouchInterval(Duration.ofSeconds(10)));
	}

	@Test
	void grace_isPassedOn() {
		run("grace=1m", (settings) -> verify(settings).setGrace(Duration.ofMinutes(1)));
	}

	@Test
	void saveMode_isPassedOn() {
		run("save-mode=on-get-attribute", (settings) -> verify(settings).setSaveMode(SaveMode.ON_GET_ATTRIBUTE));
	}

	@Test
	void flushMode_isPassedOn() {
		run("flush-mode=immediate", (settings) -> verify(settings).setFlushMode(FlushMode.IMMEDIATE));
	}

	@Test
	void saveAfterDelete_isPassedOn() {
		run("save-after-delete=fail", (settings) -> verify(settings).setSaveAfterDelete(SaveAfterDelete.FAIL));
	}

	@Test
	void protectIds_isPassedOn() {
		run("protect-ids=false", (settings) -> verify(settings).setProtectIds(false));
	}

	@Test
	void idBytes_isPassedOn() {
		run("id-bytes=16", (settings) -> verify(settings).setIdBytes(16));
	}

	@Test
	void indexes_arePassedOn() {
		run("indexes=tenant,role", (settings) -> verify(settings).setIndexedAttributes(List.of("tenant", "role")));
	}

	@Test
	void events_arePassedOn() {
		run("events=local", (settings) -> verify(settings).setEvents(EventDelivery.LOCAL));
		run("events=broadcast", (settings) -> verify(settings).setEvents(EventDelivery.BROADCAST));
		run("events=none", (settings) -> verify(settings).setEvents(EventDelivery.NONE));
	}

	@Test
	void locks_arePassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true"), (settings) -> verify(settings)
			.setLocks(new LockSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true",
				"app.session.redis.lock.wait=2s", "app.session.redis.lock.lease=7s",
				"app.session.redis.lock.on-timeout=read-only", "app.session.redis.lock.max-waiters=3"),
				(settings) -> verify(settings).setLocks(
						new LockSettings(Duration.ofSeconds(2), Duration.ofSeconds(7), OnLockTimeout.READ_ONLY, 3)));
	}

	@Test
	void collectorEnabled_isPassedOn() {
		run("collector.enabled=false", (settings) -> verify(settings).setCollectorEnabled(false));
	}

	@Test
	void collectorInterval_isPassedOn() {
		run("collector.interval=2s", (settings) -> verify(settings).setCollectorInterval(Duration.ofSeconds(2)));
	}

	@Test
	void collectorBatchSize_isPassedOn() {
		run("collector.batch-size=7", (settings) -> verify(settings).setCollectorBatchSize(7));
	}

	@Test
	void onUnreadable_isPassedOn() {
		run("on-unreadable=drop-session", (settings) -> verify(settings).setOnUnreadable(OnUnreadable.DROP_SESSION));
	}

	@Test
	void serializer_isPassedOn() {
		run("serializer=jdk", (settings) -> verify(settings).setValueForm(ValueForm.JDK));
		run("serializer=json", (settings) -> verify(settings).setValueForm(ValueForm.JSON));
	}

	@Test
	void allowedLambdas_arePassedOn() {
		run("allowed-lambdas=com.acme.shop,org.example.Order",
				(settings) -> verify(settings).setAllowedLambdas(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void allowedTypes_arePassedOn() {
		run("allowed-types=com.acme.shop,org.example.Order",
				(settings) -> verify(settings).setAllowedTypes(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void compression_isPassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.compression.algorithm=zstd",
				"app.session.redis.compression.threshold=4KB"),
				(settings) -> verify(settings).setCompression(CompressionAlgorithm.ZSTD, 4096));
	}

	@Test
	void encryptionKeys_arePassedOn() {
		String key = "A".repeat(43) + "=";
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key),
				(settings) -> verify(settings)
					.setEncryptionKeys(argThat((keys) -> "k2".equals(keys.active()) && keys.names().size() == 2)));
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key,
				"app.session.redis.encryption.active-key=k1"),
				(settings) -> verify(settings).setEncryptionKeys(argThat((keys) -> "k1".equals(keys.active()))));
		run("encryption.keys.k1=" + key,
				(settings) -> verify(settings).setEncryptionKeys(argThat((keys) -> keys.active() == null)));
	}

	@Test
	void commandTimeout_isPassedOn() {
		run("command-timeout=300ms", (settings) -> verify(settings).setCommandTimeout(Duration.ofMillis(300)));
	}

	@Test
	void limits_arePassedOn() {
		run("limits.per-principal=3", (settings) -> verify(settings).setLimitPerPrincipal(3, OnExceeded.EVICT_OLDEST));
		run("limits.on-exceeded=reject", (settings) -> verify(settings).setLimitPerPrincipal(0, OnExceeded.REJECT));
		run("limits.total=1000", (settings) -> verify(settings).setLimitTotal(1000));
	}

	@Test
	void sessionIdGeneratorAndSerializer_arePassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class), (settings) -> {
			verify(settings).setSessionIdGenerator(isA(SessionIdGenerator.class));
			verify(settings).setDefaultSerializer(notNull());
		});
	}

	@Test
	void oneIndexResolver_isPassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class),
				(settings) -> verify(settings).setIndexResolver(BeansConfiguration.resolver));
	}

	@Test
	void severalIndexResolvers_arePassedOnAsOne() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class, OtherResolverConfiguration.class),
				(settings) -> verify(settings).setIndexResolver(argThat(DelegatingIndexResolver.class::isInstance)));
	}

	@Test
	void webSocketRegistryListener_isPassedOn() {
		run(this.contextRunner.withUserConfiguration(WebSocketConfiguration.class),
				(settings, engine) -> verify(engine).setSocketSessions(isA(SocketSessions.class)));
	}

	@Test
	void customizers_areCalledInOrderAndHaveTheLastWord() {
		CustomizersConfiguration.customized.set(null);
		run(this.contextRunner.withUserConfiguration(CustomizersConfiguration.class), (settings) -> {
			var order = inOrder(settings);
			order.verify(settings).setNamespace("app:session");
			order.verify(settings).setNamespace("first");
			order.verify(settings).setNamespace("second");
			assertThat(CustomizersConfiguration.customized.get()).isInstanceOf(AtomicRedisSessionRepository.class);
		});
	}

	@Test
	void customizerOfOtherRepository_isNotCalledAndLogsOneWarning(CapturedOutput output) {
		run(this.contextRunner.withUserConfiguration(CustomizersConfiguration.class,
				OtherRepositoryCustomizerConfiguration.class), (settings) -> {
					assertThat(output.toString().split("SessionRepositoryCustomizer bean 'indexed'")).hasSize(2);
					assertThat(output).contains("RedisIndexedSessionRepository and is not called",
							"SessionSettingsCustomizer");
					assertThat(output).doesNotContain("bean 'ofRepository'");
				});
	}

	@Test
	void springSessionProperties_areWarnedOfOnceEach(CapturedOutput output) {
		run(this.contextRunner.withPropertyValues("spring.session.data.redis.namespace=a",
				"spring.session.data.redis.flush-mode=immediate", "spring.session.data.redis.save-mode=always",
				"spring.session.data.redis.repository-type=indexed",
				"spring.session.data.redis.cleanup-cron=0 * * * * *",
				"spring.session.data.redis.configure-action=none"), (settings) -> {
					Map.of("namespace", "'app.session.redis.namespace'", "flush-mode", "'app.session.redis.flush-mode'",
							"save-mode", "'app.session.redis.save-mode'", "repository-type",
							"Remove it: .* sessions can always be listed", "cleanup-cron",
							"'app.session.redis.collector.interval'", "configure-action", "No replacement is needed")
						.forEach((name, replacement) -> {
							String warning = "The property 'spring.session.data.redis." + name + "' has no effect.";
							assertThat(output.toString().split(warning)).hasSize(2);
							assertThat(output).containsPattern(warning + ".*" + replacement);
						});
				});
	}

	@Test
	void noSpringSessionSettings_noWarning(CapturedOutput output) {
		run(this.contextRunner, (settings) -> assertThat(output).doesNotContain("WARN"));
	}

	private void run(String property, Consumer<SessionSettings> assertions) {
		run(this.contextRunner.withPropertyValues("app.session.redis." + property), assertions);
	}

	private static void run(WebApplicationContextRunner contextRunner, Consumer<SessionSettings> assertions) {
		run(contextRunner, (settings, engine) -> assertions.accept(settings));
	}

	private static void run(WebApplicationContextRunner contextRunner,
			BiConsumer<SessionSettings, SessionEngine> assertions) {
		try (MockedConstruction<SessionSettings> settings = mockConstruction(SessionSettings.class);
				MockedConstruction<SessionEngine> engines = mockConstruction(SessionEngine.class);
				MockedConstruction<AtomicRedisSessionRepository> repositories = mockConstruction(
						AtomicRedisSessionRepository.class,
						(repository, context) -> given(repository.clientSessions()).willReturn(mock()))) {
			contextRunner.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(repositories.constructed()).hasSize(1);
				assertions.accept(settings.constructed().get(0), engines.constructed().get(0));
			});
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class BeansConfiguration {

		static final IndexResolver<Session> resolver = (session) -> Map.of();

		@Bean
		SessionIdGenerator sessionIdGenerator() {
			return () -> "secret";
		}

		@Bean
		RedisSerializer<Object> springSessionDefaultRedisSerializer() {
			return RedisSerializer.java();
		}

		@Bean
		RedisSerializer<Object> anotherSerializer() {
			return RedisSerializer.json();
		}

		@Bean
		IndexResolver<Session> indexResolver() {
			return resolver;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherResolverConfiguration {

		@Bean
		IndexResolver<Session> otherIndexResolver() {
			return (session) -> Map.of();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WebSocketConfiguration {

		@Bean
		static WebSocketRegistryListener webSocketRegistryListener() {
			return new WebSocketRegistryListener();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CustomizersConfiguration {

		static final AtomicReference<AtomicRedisSessionRepository> customized = new AtomicReference<>();

		@Bean
		@Order(2)
		SessionSettingsCustomizer second() {
			return (settings) -> settings.setNamespace("second");
		}

		@Bean
		@Order(1)
		SessionSettingsCustomizer first() {
			return (settings) -> settings.setNamespace("first");
		}

		@Bean
		SessionRepositoryCustomizer<AtomicRedisSessionRepository> ofRepository() {
			return customized::set;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherRepositoryCustomizerConfiguration {

		@Bean
		SessionRepositoryCustomizer<RedisIndexedSessionRepository> indexed() {
			return (repository) -> {
				throw new IllegalStateException("must not be called");
			};
		}

	}

}
