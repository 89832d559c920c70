package app.session.redis.autoconfigure.properties;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.event.SocketSessions;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
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
 * What the repository is told. (Only its setters are replaced here: what they do is told
 * by the tests of the repository, with a real Redis.)
 */
@ExtendWith(OutputCaptureExtension.class)
class RedisSessionPropertyMappingTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.application()
		.withPropertyValues("app.session.redis.startup=lazy");

	@Test
	void nothingSet_isTheDocumentedDefault() {
		run(this.contextRunner, (repository) -> {
			verify(repository).setNamespace("app:session");
			verify(repository).setDefaultMaxInactiveInterval(Duration.ofMinutes(30));
			verify(repository).setAbsoluteTimeout(Duration.ZERO);
			verify(repository).setTimeoutBounds(Duration.ZERO, Duration.ofDays(30));
			verify(repository).setFirstTimeout(Duration.ZERO);
			verify(repository).setBotTimeouts(Duration.ofSeconds(60), null);
			verify(repository).setTouchInterval(Duration.ZERO);
			verify(repository).setGrace(Duration.ofMinutes(5));
			verify(repository).setSaveMode(SaveMode.ON_CHANGE);
			verify(repository).setFlushMode(FlushMode.ON_SAVE);
			verify(repository).setSaveAfterDelete(SaveAfterDelete.IGNORE);
			verify(repository).setProtectIds(true);
			verify(repository).setIdBytes(32);
			verify(repository).setIndexedAttributes(List.of());
			verify(repository).setEvents(EventDelivery.LOCAL);
			verify(repository).setCollectorEnabled(true);
			verify(repository).setCollectorInterval(Duration.ofSeconds(1));
			verify(repository).setCollectorBatchSize(500);
			verify(repository).setOnUnreadable(OnUnreadable.DROP_ATTRIBUTE);
			verify(repository).setCommandTimeout(Duration.ofSeconds(1));
			verify(repository, never()).setMigrateFrom(any());
			verify(repository, never()).setLocks(any());
			verify(repository).setLimitPerPrincipal(0, OnExceeded.EVICT_OLDEST);
			verify(repository).setLimitTotal(0);
			verify(repository, never()).setSessionIdGenerator(any());
			verify(repository, never()).setIndexResolver(any());
			verify(repository, never()).setDefaultSerializer(any());
			verify(repository, never()).setSocketSessions(any());
			verify(repository, never()).setValueForm(any());
			verify(repository).setReadForms(List.of());
			verify(repository).setTypeCheck(TypeCheck.ENFORCE);
			verify(repository).setAllowedTypes(List.of());
			verify(repository).setAllowedLambdas(List.of());
			verify(repository).setCompression(CompressionAlgorithm.NONE, 2048);
			verify(repository).setEncryptionKeys(null);
			verify(repository).setAcceptPlainUntil(null);
		});
	}

	@Test
	void typeCheckWithAKey_authenticatesAndEncryptsOnlyIfThatIsEnabled() {
		String key = "encryption.keys.k1=" + Base64.getEncoder().encodeToString(new byte[32]);
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key),
				(repository) -> {
					verify(repository).setTypeCheck(TypeCheck.WARN);
					verify(repository)
						.setEncryptionKeys(argThat((keys) -> "k1".equals(keys.active()) && !keys.encrypts()));
				});
		run(this.contextRunner.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis." + key,
				"app.session.redis.encryption.enabled=true"),
				(repository) -> verify(repository).setEncryptionKeys(argThat((keys) -> keys.encrypts())));
	}

	@Test
	void readForms_arePassedOn() {
		run("read-forms=jdk,json",
				(repository) -> verify(repository).setReadForms(List.of(ValueForm.JDK, ValueForm.JSON)));
	}

	@Test
	void acceptPlainUntil_isPassedOn() {
		Instant instant = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
		run("encryption.accept-plain-until=" + instant,
				(repository) -> verify(repository).setAcceptPlainUntil(instant));
	}

	@Test
	void namespace_isPassedOn() {
		run("namespace=shop", (repository) -> verify(repository).setNamespace("shop"));
	}

	@Test
	void timeoutWithoutUnit_isSeconds() {
		run("timeout=90", (repository) -> verify(repository).setDefaultMaxInactiveInterval(Duration.ofSeconds(90)));
	}

	@Test
	void absoluteTimeoutWithoutUnit_isSeconds() {
		run("absolute-timeout=90", (repository) -> verify(repository).setAbsoluteTimeout(Duration.ofSeconds(90)));
	}

	@Test
	void timeoutBoundsWithoutUnit_areSeconds() {
		run("min-timeout=60",
				(repository) -> verify(repository).setTimeoutBounds(Duration.ofMinutes(1), Duration.ofDays(30)));
		run("max-timeout=60",
				(repository) -> verify(repository).setTimeoutBounds(Duration.ZERO, Duration.ofMinutes(1)));
	}

	@Test
	void firstTimeoutWithoutUnit_isSeconds() {
		run("first-timeout=600", (repository) -> verify(repository).setFirstTimeout(Duration.ofMinutes(10)));
	}

	@Test
	void botTimeoutsWithoutUnit_areSeconds() {
		run("bot.first-timeout=30", (repository) -> verify(repository).setBotTimeouts(Duration.ofSeconds(30), null));
		run("bot.timeout=120",
				(repository) -> verify(repository).setBotTimeouts(Duration.ofSeconds(60), Duration.ofMinutes(2)));
	}

	@Test
	void recordClient_isPassedOn() {
		run("record-client=true", (repository) -> verify(repository).setRecordClient(true));
	}

	@Test
	void migrateFrom_isPassedOn() {
		run("migrate-from=spring:session", (repository) -> verify(repository).setMigrateFrom("spring:session"));
	}

	@Test
	void touchInterval_isPassedOn() {
		run("touch-interval=10s", (repository) -> verify(repository).setTouchInterval(Duration.ofSeconds(10)));
	}

	@Test
	void grace_isPassedOn() {
		run("grace=1m", (repository) -> verify(repository).setGrace(Duration.ofMinutes(1)));
	}

	@Test
	void saveMode_isPassedOn() {
		run("save-mode=on-get-attribute", (repository) -> verify(repository).setSaveMode(SaveMode.ON_GET_ATTRIBUTE));
	}

	@Test
	void flushMode_isPassedOn() {
		run("flush-mode=immediate", (repository) -> verify(repository).setFlushMode(FlushMode.IMMEDIATE));
	}

	@Test
	void saveAfterDelete_isPassedOn() {
		run("save-after-delete=fail", (repository) -> verify(repository).setSaveAfterDelete(SaveAfterDelete.FAIL));
	}

	@Test
	void protectIds_isPassedOn() {
		run("protect-ids=false", (repository) -> verify(repository).setProtectIds(false));
	}

	@Test
	void idBytes_isPassedOn() {
		run("id-bytes=16", (repository) -> verify(repository).setIdBytes(16));
	}

	@Test
	void indexes_arePassedOn() {
		run("indexes=tenant,role", (repository) -> verify(repository).setIndexedAttributes(List.of("tenant", "role")));
	}

	@Test
	void events_arePassedOn() {
		run("events=local", (repository) -> verify(repository).setEvents(EventDelivery.LOCAL));
		run("events=broadcast", (repository) -> verify(repository).setEvents(EventDelivery.BROADCAST));
		run("events=none", (repository) -> verify(repository).setEvents(EventDelivery.NONE));
	}

	@Test
	void locks_arePassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true"),
				(repository) -> verify(repository).setLocks(
						new LockSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		run(this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true",
				"app.session.redis.lock.wait=2s", "app.session.redis.lock.lease=7s",
				"app.session.redis.lock.on-timeout=read-only", "app.session.redis.lock.max-waiters=3"),
				(repository) -> verify(repository).setLocks(
						new LockSettings(Duration.ofSeconds(2), Duration.ofSeconds(7), OnLockTimeout.READ_ONLY, 3)));
	}

	@Test
	void collectorEnabled_isPassedOn() {
		run("collector.enabled=false", (repository) -> verify(repository).setCollectorEnabled(false));
	}

	@Test
	void collectorInterval_isPassedOn() {
		run("collector.interval=2s", (repository) -> verify(repository).setCollectorInterval(Duration.ofSeconds(2)));
	}

	@Test
	void collectorBatchSize_isPassedOn() {
		run("collector.batch-size=7", (repository) -> verify(repository).setCollectorBatchSize(7));
	}

	@Test
	void onUnreadable_isPassedOn() {
		run("on-unreadable=drop-session",
				(repository) -> verify(repository).setOnUnreadable(OnUnreadable.DROP_SESSION));
	}

	@Test
	void serializer_isPassedOn() {
		run("serializer=jdk", (repository) -> verify(repository).setValueForm(ValueForm.JDK));
		run("serializer=json", (repository) -> verify(repository).setValueForm(ValueForm.JSON));
	}

	@Test
	void allowedLambdas_arePassedOn() {
		run("allowed-lambdas=com.acme.shop,org.example.Order",
				(repository) -> verify(repository).setAllowedLambdas(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void allowedTypes_arePassedOn() {
		run("allowed-types=com.acme.shop,org.example.Order",
				(repository) -> verify(repository).setAllowedTypes(List.of("com.acme.shop", "org.example.Order")));
	}

	@Test
	void compression_isPassedOn() {
		run(this.contextRunner.withPropertyValues("app.session.redis.compression.algorithm=zstd",
				"app.session.redis.compression.threshold=4KB"),
				(repository) -> verify(repository).setCompression(CompressionAlgorithm.ZSTD, 4096));
	}

	@Test
	void encryptionKeys_arePassedOn() {
		String key = "A".repeat(43) + "=";
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key),
				(repository) -> verify(repository)
					.setEncryptionKeys(argThat((keys) -> "k2".equals(keys.active()) && keys.names().size() == 2)));
		run(this.contextRunner.withPropertyValues("app.session.redis.encryption.enabled=true",
				"app.session.redis.encryption.keys.k2=" + key, "app.session.redis.encryption.keys.k1=" + key,
				"app.session.redis.encryption.active-key=k1"),
				(repository) -> verify(repository).setEncryptionKeys(argThat((keys) -> "k1".equals(keys.active()))));
		run("encryption.keys.k1=" + key,
				(repository) -> verify(repository).setEncryptionKeys(argThat((keys) -> keys.active() == null)));
	}

	@Test
	void commandTimeout_isPassedOn() {
		run("command-timeout=300ms", (repository) -> verify(repository).setCommandTimeout(Duration.ofMillis(300)));
	}

	@Test
	void limits_arePassedOn() {
		run("limits.per-principal=3",
				(repository) -> verify(repository).setLimitPerPrincipal(3, OnExceeded.EVICT_OLDEST));
		run("limits.on-exceeded=reject", (repository) -> verify(repository).setLimitPerPrincipal(0, OnExceeded.REJECT));
		run("limits.total=1000", (repository) -> verify(repository).setLimitTotal(1000));
	}

	@Test
	void sessionIdGeneratorAndSerializer_arePassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class), (repository) -> {
			verify(repository).setSessionIdGenerator(isA(SessionIdGenerator.class));
			verify(repository).setDefaultSerializer(notNull());
		});
	}

	@Test
	void oneIndexResolver_isPassedOn() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class),
				(repository) -> verify(repository).setIndexResolver(BeansConfiguration.resolver));
	}

	@Test
	void severalIndexResolvers_arePassedOnAsOne() {
		run(this.contextRunner.withUserConfiguration(BeansConfiguration.class, OtherResolverConfiguration.class),
				(repository) -> verify(repository)
					.setIndexResolver(argThat(DelegatingIndexResolver.class::isInstance)));
	}

	@Test
	void webSocketRegistryListener_isPassedOn() {
		run(this.contextRunner.withUserConfiguration(WebSocketConfiguration.class),
				(repository) -> verify(repository).setSocketSessions(isA(SocketSessions.class)));
	}

	@Test
	void customizers_areCalledInOrderAndHaveTheLastWord() {
		run(this.contextRunner.withUserConfiguration(CustomizersConfiguration.class), (repository) -> {
			var order = inOrder(repository);
			order.verify(repository).setNamespace("app:session");
			order.verify(repository).setNamespace("first");
			order.verify(repository).setNamespace("second");
		});
	}

	@Test
	void customizerOfOtherRepository_isNotCalledAndWarnedOfOnce(CapturedOutput output) {
		run(this.contextRunner.withUserConfiguration(CustomizersConfiguration.class,
				OtherRepositoryCustomizerConfiguration.class), (repository) -> {
					assertThat(output.toString().split("SessionRepositoryCustomizer bean 'indexed'")).hasSize(2);
					assertThat(output).contains("RedisIndexedSessionRepository and is not called",
							"SessionRepositoryCustomizer<AtomicRedisSessionRepository>");
					assertThat(output).doesNotContain("bean 'first'");
				});
	}

	@Test
	void springSessionProperties_areWarnedOfOnceEach(CapturedOutput output) {
		run(this.contextRunner.withPropertyValues("spring.session.data.redis.namespace=a",
				"spring.session.data.redis.flush-mode=immediate", "spring.session.data.redis.save-mode=always",
				"spring.session.data.redis.repository-type=indexed",
				"spring.session.data.redis.cleanup-cron=0 * * * * *",
				"spring.session.data.redis.configure-action=none"), (repository) -> {
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
		run(this.contextRunner, (repository) -> assertThat(output).doesNotContain("WARN"));
	}

	private void run(String property, Consumer<AtomicRedisSessionRepository> assertions) {
		run(this.contextRunner.withPropertyValues("app.session.redis." + property), assertions);
	}

	private static void run(WebApplicationContextRunner contextRunner,
			Consumer<AtomicRedisSessionRepository> assertions) {
		try (MockedConstruction<AtomicRedisSessionRepository> construction = mockConstruction(
				AtomicRedisSessionRepository.class,
				(repository, context) -> given(repository.clientSessions()).willReturn(mock()))) {
			contextRunner.run((context) -> {
				assertThat(context).hasNotFailed();
				assertions.accept(construction.constructed().get(0));
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

		@Bean
		@Order(2)
		SessionRepositoryCustomizer<AtomicRedisSessionRepository> second() {
			return (repository) -> repository.setNamespace("second");
		}

		@Bean
		@Order(1)
		SessionRepositoryCustomizer<AtomicRedisSessionRepository> first() {
			return (repository) -> repository.setNamespace("first");
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
