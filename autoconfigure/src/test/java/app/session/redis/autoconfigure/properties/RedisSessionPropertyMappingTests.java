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

import app.session.redis.Option;
import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.SessionEngine;
import app.session.redis.event.SocketSessions;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.InvalidSettingException;
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
import static org.mockito.ArgumentMatchers.isA;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockConstruction;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

/**
 * Tests the settings that result from properties and beans. (The engine and the
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
			assertThat(settings.namespace()).isEqualTo("app:session");
			assertThat(settings.lifetimes().idle()).isEqualTo(Duration.ofMinutes(30));
			assertThat(settings.lifetimes().absolute()).isEqualTo(Duration.ZERO);
			assertThat(settings.lifetimes().min()).isEqualTo(Duration.ZERO);
			assertThat(settings.lifetimes().max()).isEqualTo(Duration.ofDays(30));
			assertThat(settings.lifetimes().first()).isEqualTo(Duration.ZERO);
			assertThat(settings.lifetimes().botFirst()).isEqualTo(Duration.ofSeconds(60));
			assertThat(settings.lifetimes().botIdle()).isNull();
			assertThat(settings.lifetimes().touchInterval()).isEqualTo(Duration.ZERO);
			assertThat(settings.lifetimes().grace()).isEqualTo(Duration.ofMinutes(5));
			assertThat(settings.saves().mode()).isEqualTo(SaveMode.ON_CHANGE);
			assertThat(settings.saves().flushMode()).isEqualTo(FlushMode.ON_SAVE);
			assertThat(settings.saves().afterDelete()).isEqualTo(SaveAfterDelete.IGNORE);
			assertThat(settings.ids().protect()).isTrue();
			assertThat(settings.ids().bytes()).isEqualTo(32);
			assertThat(settings.indexes().attributes()).isEmpty();
			assertThat(settings.events()).isEqualTo(EventDelivery.AUTO);
			assertThat(settings.collector().enabled()).isTrue();
			assertThat(settings.collector().interval()).isEqualTo(Duration.ofSeconds(1));
			assertThat(settings.collector().batchSize()).isEqualTo(500);
			assertThat(settings.values().onUnreadable()).isEqualTo(OnUnreadable.DROP_ATTRIBUTE);
			assertThat(settings.availability().commandTimeout()).isEqualTo(Duration.ofSeconds(1));
			assertThat(settings.migrateFrom()).isNull();
			assertThat(settings.locks()).isNull();
			assertThat(settings.limits().perPrincipal()).isEqualTo(0);
			assertThat(settings.limits().onExceeded()).isEqualTo(OnExceeded.EVICT_OLDEST);
			assertThat(settings.limits().total()).isEqualTo(0);
			assertThat(settings.ids().generator()).isNull();
			assertThat(settings.indexes().resolver()).isNull();
			assertThat(settings.values().serializer()).isNull();
			verify(engine, never()).setSocketSessions(any());
			assertThat(settings.values().form()).isEqualTo(ValueForm.JDK);
			assertThat(settings.values().readForms()).isEmpty();
			assertThat(settings.types().check()).isEqualTo(TypeCheck.ENFORCE);
			assertThat(settings.types().allowed()).isEmpty();
			assertThat(settings.types().allowedLambdas()).isEmpty();
			assertThat(settings.values().compression()).isEqualTo(CompressionAlgorithm.NONE);
			assertThat(settings.values().compressionThreshold()).isEqualTo(2048);
			assertThat(settings.seals().keys()).isNull();
			assertThat(settings.seals().acceptPlainUntil()).isNull();
		});
	}

	@Test
	void typeCheckWithAKey_authenticatesAndEncryptsOnlyIfThatIsEnabled() {
		String key = "encryption.keys.k1=" + Base64.getEncoder().encodeToString(new byte[32]);
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key),
				(settings) -> {
					assertThat(settings.types().check()).isEqualTo(TypeCheck.WARN);
					assertThat(settings.seals().keys())
						.matches((keys) -> "k1".equals(keys.active()) && !keys.encrypts());
				});
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key,
				"app.session.redis.encryption.enabled=true"),
				(settings) -> assertThat(settings.seals().keys()).matches((keys) -> keys.encrypts()));
	}

	@Test
	void readForms_arePassedOn() {
		run("read-forms=jdk,json", (settings) -> assertThat(settings.values().readForms())
			.containsExactlyInAnyOrder(ValueForm.JDK, ValueForm.JSON));
	}

	@Test
	void acceptPlainUntil_isPassedOn() {
		Instant instant = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
		run("encryption.accept-plain-until=" + instant,
				(settings) -> assertThat(settings.seals().acceptPlainUntil()).isEqualTo(instant));
	}

	@Test
	void namespace_isPassedOn() {
		run("namespace=shop", (settings) -> assertThat(settings.namespace()).isEqualTo("shop"));
	}

	@Test
	void timeoutWithoutUnit_isSeconds() {
		run("timeout=90", (settings) -> assertThat(settings.lifetimes().idle()).isEqualTo(Duration.ofSeconds(90)));
	}

	@Test
	void absoluteTimeoutWithoutUnit_isSeconds() {
		run("absolute-timeout=90",
				(settings) -> assertThat(settings.lifetimes().absolute()).isEqualTo(Duration.ofSeconds(90)));
	}

	@Test
	void timeoutBoundsWithoutUnit_areSeconds() {
		run("min-timeout=60", (settings) -> {
			assertThat(settings.lifetimes().min()).isEqualTo(Duration.ofMinutes(1));
			assertThat(settings.lifetimes().max()).isEqualTo(Duration.ofDays(30));
		});
		run("max-timeout=60", (settings) -> {
			assertThat(settings.lifetimes().min()).isEqualTo(Duration.ZERO);
			assertThat(settings.lifetimes().max()).isEqualTo(Duration.ofMinutes(1));
		});
	}

	@Test
	void firstTimeoutWithoutUnit_isSeconds() {
		run("first-timeout=600",
				(settings) -> assertThat(settings.lifetimes().first()).isEqualTo(Duration.ofMinutes(10)));
	}

	@Test
	void botTimeoutsWithoutUnit_areSeconds() {
		run("bot.first-timeout=30", (settings) -> {
			assertThat(settings.lifetimes().botFirst()).isEqualTo(Duration.ofSeconds(30));
			assertThat(settings.lifetimes().botIdle()).isNull();
		});
		run("bot.timeout=120", (settings) -> {
			assertThat(settings.lifetimes().botFirst()).isEqualTo(Duration.ofSeconds(60));
			assertThat(settings.lifetimes().botIdle()).isEqualTo(Duration.ofMinutes(2));
		});
	}

	@Test
	void recordClient_isPassedOn() {
		run("record-client=true", (settings) -> assertThat(settings.recordClient()).isTrue());
	}

	@Test
	void migrateFrom_isPassedOn() {
		run("migrate-from=spring:session",
				(settings) -> assertThat(settings.migrateFrom()).isEqualTo("spring:session"));
	}

	@Test
	void touchInterval_isPassedOn() {
		run("touch-interval=10s",
				(settings) -> assertThat(settings.lifetimes().touchInterval()).isEqualTo(Duration.ofSeconds(10)));
	}

	@Test
	void grace_isPassedOn() {
		run("grace=1m", (settings) -> assertThat(settings.lifetimes().grace()).isEqualTo(Duration.ofMinutes(1)));
	}

	@Test
	void saveMode_isPassedOn() {
		run("save-mode=on-get-attribute",
				(settings) -> assertThat(settings.saves().mode()).isEqualTo(SaveMode.ON_GET_ATTRIBUTE));
	}

	@Test
	void flushMode_isPassedOn() {
		run("flush-mode=immediate",
				(settings) -> assertThat(settings.saves().flushMode()).isEqualTo(FlushMode.IMMEDIATE));
	}

	@Test
	void saveAfterDelete_isPassedOn() {
		run("save-after-delete=fail",
				(settings) -> assertThat(settings.saves().afterDelete()).isEqualTo(SaveAfterDelete.FAIL));
	}

	@Test
	void protectIds_isPassedOn() {
		run("protect-ids=false", (settings) -> assertThat(settings.ids().protect()).isFalse());
	}

	@Test
	void nearCache_isPassedOn() {
		run("near-cache.enabled=false", (settings) -> assertThat(settings.nearCache().enabled()).isFalse());
		run("near-cache.max-age=2s",
				(settings) -> assertThat(settings.nearCache().maxAge()).isEqualTo(Duration.ofSeconds(2)));
		run("near-cache.max-size=1MB", (settings) -> assertThat(settings.nearCache().maxSize()).isEqualTo(1 << 20));
		run("namespace=other", (settings) -> assertThat(settings.nearCache().maxSize())
			.isEqualTo(Math.min(32 << 20, Runtime.getRuntime().maxMemory() / 20)));
	}

	@Test
	void idOverlap_isPassedOn() {
		run("id-overlap=10s", (settings) -> assertThat(settings.ids().overlap()).isEqualTo(Duration.ofSeconds(10)));
	}

	@Test
	void idBytes_isPassedOn() {
		run("id-bytes=16", (settings) -> assertThat(settings.ids().bytes()).isEqualTo(16));
	}

	@Test
	void indexes_arePassedOn() {
		run("indexes=tenant,role",
				(settings) -> assertThat(settings.indexes().attributes()).isEqualTo(List.of("tenant", "role")));
	}

	@Test
	void events_arePassedOn() {
		run("events=local", (settings) -> assertThat(settings.events()).isEqualTo(EventDelivery.LOCAL));
		run("events=broadcast", (settings) -> assertThat(settings.events()).isEqualTo(EventDelivery.BROADCAST));
		run("events=none", (settings) -> assertThat(settings.events()).isEqualTo(EventDelivery.NONE));
	}

	@Test
	void locks_arePassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true"),
				(settings) -> assertThat(settings.locks()).isEqualTo(
						new LockSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true",
				"app.session.redis.lock.wait=2s", "app.session.redis.lock.lease=7s",
				"app.session.redis.lock.on-timeout=read-only", "app.session.redis.lock.max-waiters=3"),
				(settings) -> assertThat(settings.locks()).isEqualTo(
						new LockSettings(Duration.ofSeconds(2), Duration.ofSeconds(7), OnLockTimeout.READ_ONLY, 3)));
	}

	@Test
	void collectorEnabled_isPassedOn() {
		run("collector.enabled=false", (settings) -> assertThat(settings.collector().enabled()).isFalse());
	}

	@Test
	void collectorInterval_isPassedOn() {
		run("collector.interval=2s",
				(settings) -> assertThat(settings.collector().interval()).isEqualTo(Duration.ofSeconds(2)));
	}

	@Test
	void collectorBatchSize_isPassedOn() {
		run("collector.batch-size=7", (settings) -> assertThat(settings.collector().batchSize()).isEqualTo(7));
	}

	@Test
	void onUnreadable_isPassedOn() {
		run("on-unreadable=drop-session",
				(settings) -> assertThat(settings.values().onUnreadable()).isEqualTo(OnUnreadable.DROP_SESSION));
	}

	@Test
	void serializer_isPassedOn() {
		run("serializer=jdk", (settings) -> assertThat(settings.values().form()).isEqualTo(ValueForm.JDK));
		run("serializer=json", (settings) -> assertThat(settings.values().form()).isEqualTo(ValueForm.JSON));
	}

	@Test
	void allowedLambdas_arePassedOn() {
		run("allowed-lambdas=com.acme.shop,org.example.Order",
				(settings) -> assertThat(settings.types().allowedLambdas())
					.isEqualTo(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void allowedTypes_arePassedOn() {
		run("allowed-types=com.acme.shop,org.example.Order", (settings) -> assertThat(settings.types().allowed())
			.isEqualTo(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void compression_isPassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.compression.algorithm=zstd",
				"app.session.redis.compression.threshold=4KB"), (settings) -> {
					assertThat(settings.values().compression()).isEqualTo(CompressionAlgorithm.ZSTD);
					assertThat(settings.values().compressionThreshold()).isEqualTo(4096);
				});
	}

	@Test
	void encryptionKeys_arePassedOn() {
		String key = "A".repeat(43) + "=";
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key),
				(settings) -> assertThat(settings.seals().keys())
					.matches((keys) -> "k2".equals(keys.active()) && keys.names().size() == 2));
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key,
				"app.session.redis.encryption.active-key=k1"),
				(settings) -> assertThat(settings.seals().keys()).matches((keys) -> "k1".equals(keys.active())));
		run("encryption.keys.k1=" + key,
				(settings) -> assertThat(settings.seals().keys()).matches((keys) -> keys.active() == null));
	}

	@Test
	void commandTimeout_isPassedOn() {
		run("command-timeout=300ms",
				(settings) -> assertThat(settings.availability().commandTimeout()).isEqualTo(Duration.ofMillis(300)));
	}

	@Test
	void limits_arePassedOn() {
		run("limits.per-principal=3", (settings) -> {
			assertThat(settings.limits().perPrincipal()).isEqualTo(3);
			assertThat(settings.limits().onExceeded()).isEqualTo(OnExceeded.EVICT_OLDEST);
		});
		run("limits.on-exceeded=reject", (settings) -> {
			assertThat(settings.limits().perPrincipal()).isEqualTo(0);
			assertThat(settings.limits().onExceeded()).isEqualTo(OnExceeded.REJECT);
		});
		run("limits.total=1000", (settings) -> assertThat(settings.limits().total()).isEqualTo(1000));
	}

	@Test
	void sessionIdGeneratorAndSerializer_arePassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class), (settings) -> {
			assertThat(settings.ids().generator()).isNotNull();
			assertThat(settings.values().serializer()).isNotNull();
		});
	}

	@Test
	void oneIndexResolver_isPassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class),
				(settings) -> assertThat(settings.indexes().resolver()).isEqualTo(BeansConfiguration.resolver));
	}

	@Test
	void severalIndexResolvers_arePassedOnAsOne() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class, OtherResolverConfiguration.class),
				(settings) -> assertThat(settings.indexes().resolver()).isInstanceOf(DelegatingIndexResolver.class));
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
			assertThat(settings.ids().bytes()).isEqualTo(64);
			assertThat(settings.namespace()).isEqualTo("second");
			assertThat(CustomizersConfiguration.customized.get()).isInstanceOf(AtomicRedisSessionRepository.class);
		});
	}

	@Test
	void customizerThatContradictsAProperty_failsNamingBoth() {
		this.contextRunner.withUserConfiguration(CollectorCustomizerConfiguration.class)
			.withPropertyValues("app.session.redis.grace=1m")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidSettingException.class, (failure) -> {
					assertThat(failure.getOption()).isEqualTo(Option.GRACE);
					assertThat(failure).hasMessageContainingAll("app.session.redis.grace", "PT1M",
							"app.session.redis.collector.interval", "PT55S");
				}));
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
		AtomicReference<SessionSettings> settings = new AtomicReference<>();
		try (MockedConstruction<SessionEngine> engines = mockConstruction(SessionEngine.class,
				(engine, context) -> settings.set((SessionSettings) context.arguments().get(1)));
				MockedConstruction<AtomicRedisSessionRepository> repositories = mockConstruction(
						AtomicRedisSessionRepository.class,
						(repository, context) -> given(repository.clientSessions()).willReturn(mock()))) {
			contextRunner.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(repositories.constructed()).hasSize(1);
				assertions.accept(settings.get(), engines.constructed().get(0));
			});
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class BeansConfiguration {

		static final IndexResolver<Session> resolver = (session) -> Map.of();

		@Bean
		SessionIdGenerator sessionIdGenerator() {
			return () -> "0123456789abcdef";
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
			return (settings) -> settings.namespace("second");
		}

		@Bean
		@Order(1)
		SessionSettingsCustomizer first() {
			return (settings) -> settings.namespace("first").idBytes(64);
		}

		@Bean
		SessionRepositoryCustomizer<AtomicRedisSessionRepository> ofRepository() {
			return customized::set;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CollectorCustomizerConfiguration {

		@Bean
		SessionSettingsCustomizer slowCollector() {
			return (settings) -> settings.collectorInterval(Duration.ofSeconds(55));
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
