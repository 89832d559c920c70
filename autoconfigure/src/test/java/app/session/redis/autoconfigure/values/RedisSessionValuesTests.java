package app.session.redis.autoconfigure.values;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;

import app.session.redis.Option;
import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.codec.UnlistedTypes.Unlisted;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.InvalidSettingException;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.serializer.RedisSerializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests how attributes are serialized, compressed and encrypted, and which values can be
 * stored.
 */
@ExtendWith(OutputCaptureExtension.class)
class RedisSessionValuesTests {

	private static final String KEY = Base64.getEncoder()
		.encodeToString("a secret key, of 32 bytes in all".getBytes(StandardCharsets.UTF_8));

	private final WebApplicationContextRunner contextRunner = ContextRunners.sharedRedis()
		.withPropertyValues("app.session.redis.namespace=test:values", "app.session.redis.collector.enabled=false");

	@AfterEach
	void empty() {
		SharedRedis.standalone().flushAll();
	}

	@Test
	void applicationsOwnPackage_isAllowed() {
		this.contextRunner.withUserConfiguration(ApplicationConfiguration.class)
			.run((context) -> assertPasses(context.getBean(AtomicRedisSessionRepository.class)));
	}

	@Test
	void applicationsOwnPackageAndJson_isAllowed() {
		this.contextRunner.withUserConfiguration(ApplicationConfiguration.class)
			.withPropertyValues("app.session.redis.serializer=json")
			.run((context) -> {
				assertPasses(context.getBean(AtomicRedisSessionRepository.class));
				assertThat(stored(context.getBean(AtomicRedisSessionRepository.class))).contains("\"label\":\"here\"");
			});
	}

	@Test
	void otherPackage_isRefusedNamingTypeAndProperty() {
		this.contextRunner.run((context) -> {
			AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
			StoredSession session = repository.createSession();
			session.setAttribute("place", new Place("here"));
			assertThatIllegalArgumentException().isThrownBy(() -> repository.save(session))
				.withMessageContaining(Place.class.getName())
				.withMessageContaining("app.session.redis.allowed-types");
		});
	}

	@Test
	void allowedTypes_areAllowed() {
		this.contextRunner.withPropertyValues("app.session.redis.allowed-types=" + Place.class.getName())
			.run((context) -> assertPasses(context.getBean(AtomicRedisSessionRepository.class)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "com.acme.*", "*", "com acme" })
	void allowedTypesThatAreNone_failSayingHowTheyAreNamed(String name) {
		this.contextRunner.withPropertyValues("app.session.redis.allowed-types=" + name)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidSettingException.class)
				.hasMessageContaining("app.session.redis.allowed-types")
				.hasMessageContaining("com.acme.shop"));
	}

	@Test
	void serializerBean_isUsed() {
		this.contextRunner.withUserConfiguration(SerializerConfiguration.class)
			.withPropertyValues("app.session.redis.serializer=mine")
			.run((context) -> assertThat(stored(context.getBean(AtomicRedisSessionRepository.class))).contains("mine"));
	}

	@Test
	void conventionalSerializerBean_isUsed() {
		this.contextRunner.withUserConfiguration(ConventionConfiguration.class)
			.run((context) -> assertThat(stored(context.getBean(AtomicRedisSessionRepository.class))).contains("mine"));
	}

	@Test
	void conventionalSerializerBeanByItsName_isUsed() {
		this.contextRunner.withUserConfiguration(ConventionConfiguration.class)
			.withPropertyValues("app.session.redis.serializer=springSessionDefaultRedisSerializer")
			.run((context) -> assertThat(stored(context.getBean(AtomicRedisSessionRepository.class))).contains("mine"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdk", "json", "other" })
	void conventionalSerializerBeanAndAnotherOne_failNamingBoth(String serializer) {
		this.contextRunner.withUserConfiguration(ConventionConfiguration.class)
			.withPropertyValues("app.session.redis.serializer=" + serializer)
			.run(failure((failure) -> {
				assertThat(failure).hasMessageContaining("'app.session.redis.serializer' is '" + serializer + "'")
					.hasMessageContaining("'springSessionDefaultRedisSerializer'");
				assertThat(failure.getAction()).contains("Remove the property");
			}));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nobody", "notASerializer", "springSessionDefaultRedisSerializer" })
	void unknownSerializer_failsSayingWhichThereAre(String serializer) {
		this.contextRunner.withUserConfiguration(SerializerConfiguration.class)
			.withPropertyValues("app.session.redis.serializer=" + serializer)
			.run(failure((failure) -> {
				assertThat(failure).hasMessageContaining("'" + serializer + "'");
				assertThat(failure.getAction()).contains("jdk, json, mine");
			}));
	}

	@Test
	void jsonWithoutJackson_failsSayingWhatToAdd() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("tools.jackson"))
			.withPropertyValues("app.session.redis.serializer=json")
			.run(failure((failure) -> assertThat(failure.getAction()).contains("jackson-databind")));
	}

	@ParameterizedTest
	@CsvSource({ "lz4,net.jpountz,lz4-java", "zstd,com.github.luben,zstd-jni" })
	void compressionWithoutItsLibrary_failsSayingWhatToAdd(String algorithm, String packageName, String library) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(packageName))
			.withPropertyValues("app.session.redis.compression.algorithm=" + algorithm)
			.run(failure((failure) -> assertThat(failure.getAction()).contains(library)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "deflate", "lz4", "zstd" })
	void compression_makesLargeAttributesSmall(String algorithm) {
		this.contextRunner.withPropertyValues("app.session.redis.compression.algorithm=" + algorithm).run((context) -> {
			AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
			StoredSession session = repository.createSession();
			session.setAttribute("large", "x".repeat(2048));
			session.setAttribute("small", "x".repeat(2000));
			repository.save(session);
			assertThat(repository.operations().describe(session.getHandle()).attributes().get("large")).isLessThan(200);
			assertThat(repository.operations().describe(session.getHandle()).attributes()).containsEntry("small",
					2001L);
			assertThat(repository.findById(session.getId()).<String>getAttribute("large")).hasSize(2048);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1B", "65MB" })
	void thresholdThatCannotBe_fails(String threshold) {
		this.contextRunner.withPropertyValues("app.session.redis.compression.threshold=" + threshold)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContaining("compression.threshold"));
	}

	@Test
	void encryption_showsNeitherNamesNorValues(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("app.session.redis.encryption.enabled=true",
					"app.session.redis.encryption.keys.k1=" + KEY)
			.run((context) -> {
				AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
				StoredSession session = repository.createSession();
				session.setAttribute(AtomicRedisSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
				repository.save(session);
				String key = "test:values:session:{" + session.getHandle() + "}";
				assertThat(SharedRedis.standalone().keys()).contains(key).noneMatch((name) -> name.contains("alice"));
				assertThat(SharedRedis.standalone().commands().hgetall(key).toString()).contains("k1")
					.doesNotContain("alice");
				assertThat(repository.findByPrincipalName("alice")).hasSize(1);
				assertThat(output).doesNotContain(KEY);
			});
	}

	@ParameterizedTest
	@CsvSource({ "enabled=true,there is no key", "active-key=k2,there is no such key",
			"keys.k1=AAAA,decodes to 3 bytes", "keys.k1=AAAA-AAA,is not valid Base64", "keys.k1=,decodes to 0 bytes",
			"'keys[a b]=AAAA',a key named 'a b'" })
	void encryptionThatCannotBe_failsWithoutShowingAKey(String property, String message) {
		this.contextRunner.withPropertyValues("app.session.redis.encryption." + property).run(failure((failure) -> {
			assertThat(failure).hasMessageContaining("app.session.redis.encryption.")
				.hasMessageContaining(message)
				.hasMessageNotContaining("AAA")
				.hasNoCause();
			assertThat(failure.getAction()).isNotBlank().doesNotContain("AAA");
		}));
	}

	@Test
	void activeKeyThatIsNotThere_failsNamingThoseThatAre() {
		this.contextRunner
			.withPropertyValues("app.session.redis.encryption.enabled=true",
					"app.session.redis.encryption.active-key=k2", "app.session.redis.encryption.keys.k1=" + KEY)
			.run(failure((failure) -> assertThat(failure).hasMessageContaining("contains k1.")
				.hasMessageNotContaining(KEY)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "encryption.enabled=true", "compression.algorithm=deflate", "serializer=json",
			"allowed-types=com.acme", "allowed-lambdas=com.acme" })
	void settingOfValuesWithSpringSessionsRepository_failsNamingBoth(String property) {
		this.contextRunner
			.withPropertyValues("app.session.redis.repository-type=indexed", "app.session.redis." + property,
					"app.session.redis.encryption.keys.k1=" + KEY)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
					assertThat(failure.getName()).isEqualTo("app.session.redis." + property.replaceAll("=.*", ""));
					assertThat(failure.getReason()).contains("'app.session.redis.repository-type=indexed'");
				}));
	}

	@Test
	void plainTextForMoreThanThirtyDays_failsNamingTheProperty() {
		this.contextRunner
			.withPropertyValues("app.session.redis.encryption.enabled=true",
					"app.session.redis.encryption.keys.k1=" + KEY,
					"app.session.redis.encryption.accept-plain-until=" + Instant.now().plus(Duration.ofDays(31)))
			.run(refusal((failure) -> {
				assertThat(failure.getOption()).isEqualTo(Option.ACCEPT_PLAIN_UNTIL);
				assertThat(failure).hasMessageContaining("app.session.redis.encryption.accept-plain-until");
				assertThat(failure.getReason()).contains("more than 30 days ahead");
			}));
	}

	@Test
	void typeCheckWithoutAKey_failsSayingWhyAndHowToMakeOne() {
		this.contextRunner.withPropertyValues("app.session.redis.type-check=warn").run(refusal((failure) -> {
			assertThat(failure).hasMessageContaining("app.session.redis.type-check")
				.hasMessageContaining("authenticates");
			assertThat(failure.getAdvice()).contains("openssl rand", "'app.session.redis.encryption.keys'",
					"'app.session.redis.allowed-types'");
		}));
	}

	@Test
	void unlistedType_isStoredReadAndListedWithTypeCheckWarn() {
		this.contextRunner
			.withPropertyValues("app.session.redis.type-check=warn", "app.session.redis.encryption.keys.k1=" + KEY)
			.run((context) -> {
				AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
				assertPasses(repository);
				assertThat(repository.operations().unlistedTypes())
					.containsExactly(new Unlisted("place", Place.class.getName()));
			});
	}

	@Test
	void encryptionWithUnprotectedIds_failsNamingBoth() {
		this.contextRunner
			.withPropertyValues("app.session.redis.encryption.enabled=true",
					"app.session.redis.encryption.keys.k1=" + KEY, "app.session.redis.protect-ids=false")
			.run(refusal((failure) -> {
				assertThat(failure.getOption()).isEqualTo(Option.PROTECT_IDS);
				assertThat(failure).hasMessageContaining("app.session.redis.protect-ids");
				assertThat(failure.getReason()).contains("'app.session.redis.encryption.enabled'");
			}));
	}

	@Test
	void migrationIntoAnEncryptedStoreWithoutAnEnd_failsSayingHowToSetIt() {
		this.contextRunner
			.withPropertyValues("app.session.redis.encryption.enabled=true",
					"app.session.redis.encryption.keys.k1=" + KEY, "app.session.redis.migrate-from=spring:session")
			.run(refusal((failure) -> assertThat(failure).hasMessageContaining("app.session.redis.migrate-from")
				.hasMessageContaining("'app.session.redis.encryption.enabled'")
				.hasMessageContaining("'app.session.redis.encryption.accept-plain-until'")));
	}

	@Test
	void migrationToJsonThatReadsNoJavaSerialization_failsSayingHowToReadIt() {
		this.contextRunner
			.withPropertyValues("app.session.redis.serializer=json", "app.session.redis.migrate-from=spring:session")
			.run(refusal((failure) -> assertThat(failure).hasMessageContaining("app.session.redis.migrate-from")
				.hasMessageContaining("only JSON is read")
				.hasMessageContaining("app.session.redis.read-forms=jdk")));
		this.contextRunner
			.withPropertyValues("app.session.redis.serializer=json", "app.session.redis.migrate-from=spring:session",
					"app.session.redis.read-forms=jdk")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void jsonThatIsReadWithoutJackson_failsNamingTheProperty() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("tools.jackson.databind"))
			.withPropertyValues("app.session.redis.read-forms=json")
			.run(failure((failure) -> assertThat(failure).hasMessageContaining("'app.session.redis.read-forms'")));
	}

	private static ContextConsumer<AssertableWebApplicationContext> failure(
			Consumer<RedisSessionConfigurationException> assertions) {
		return (context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOfSatisfying(RedisSessionConfigurationException.class, assertions);
	}

	private static ContextConsumer<AssertableWebApplicationContext> refusal(
			Consumer<InvalidSettingException> assertions) {
		return (context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOfSatisfying(InvalidSettingException.class, assertions);
	}

	private static void assertPasses(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute("place", List.of(new Place("here")));
		repository.save(session);
		assertThat(repository.findById(session.getId()).<List<Place>>getAttribute("place"))
			.containsExactly(new Place("here"));
	}

	private static String stored(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute("place", new Place("here"));
		repository.save(session);
		return SharedRedis.standalone().commands().hget("test:values:session:{" + session.getHandle() + "}", "place");
	}

	record Place(String label) implements Serializable {
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class ApplicationConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class SerializerConfiguration {

		@Bean
		RedisSerializer<Object> mine() {
			return new Mine();
		}

		@Bean
		String notASerializer() {
			return "";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ConventionConfiguration {

		@Bean
		RedisSerializer<Object> springSessionDefaultRedisSerializer() {
			return new Mine();
		}

		@Bean
		RedisSerializer<Object> other() {
			return RedisSerializer.java();
		}

	}

	static final class Mine implements RedisSerializer<Object> {

		@Override
		public byte[] serialize(Object value) {
			return "mine".getBytes(StandardCharsets.UTF_8);
		}

		@Override
		public Object deserialize(byte[] bytes) {
			return "mine";
		}

	}

}
