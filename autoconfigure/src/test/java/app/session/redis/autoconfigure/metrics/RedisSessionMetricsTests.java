package app.session.redis.autoconfigure.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.test.SharedRedis;
import io.micrometer.common.KeyValue;
import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.search.RequiredSearch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class RedisSessionMetricsTests {

	private static final String PREFIX = "redis.session.";

	private static final String LATENCY = "app.session.redis.metrics.command-latency=true";

	private final WebApplicationContextRunner withoutRegistry = ContextRunners.sharedRedis()
		.withConfiguration(AutoConfigurations.of(RedisSessionMetricsAutoConfiguration.class,
				ObservationAutoConfiguration.class, LettuceObservationAutoConfiguration.class))
		.withPropertyValues("app.session.redis.collector.enabled=false");

	private final WebApplicationContextRunner contextRunner = this.withoutRegistry
		.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class));

	private static List<Meter> meters(ApplicationContext context, String prefix) {
		return context.getBean(MeterRegistry.class)
			.getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().startsWith(prefix))
			.toList();
	}

	private static StoredSession createAndFind(ApplicationContext context) {
		AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
		StoredSession session = repository.createSession();
		repository.save(session);
		assertThat(repository.findById(session.getId())).isNotNull();
		return session;
	}

	@Test
	void everyMeterIsBoundAsDocumentedAndNoOther() {
		this.contextRunner.run((context) -> {
			Map<String, Set<String>> documented = new TreeMap<>();
			for (RedisSessionMeter meter : RedisSessionMeter.values()) {
				documented.put(meter.getName(),
						Stream.of(meter.getKeyNames()).map(KeyName::asString).collect(Collectors.toSet()));
			}
			for (SessionCounter counter : SessionCounter.values()) {
				KeyValue tag = counter.getTag();
				documented.put(counter.getMeterName(), (tag != null) ? Set.of(tag.getKey()) : Set.of());
			}
			Map<String, Set<String>> bound = new TreeMap<>();
			for (Meter meter : meters(context, PREFIX)) {
				bound.put(meter.getId().getName(),
						meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet()));
			}
			assertThat(bound).isEqualTo(documented);
			for (RedisSessionMeter documentation : RedisSessionMeter.values()) {
				assertThat(meters(context, documentation.getName())).allSatisfy((meter) -> {
					assertThat(meter.getId().getType()).isEqualTo(documentation.getType());
					assertThat(meter.getId().getBaseUnit()).isEqualTo(documentation.getBaseUnit());
					assertThat(meter.getId().getDescription()).isEqualTo(documentation.getDescription());
				});
			}
			for (SessionCounter counter : SessionCounter.values()) {
				assertThat(counterOf(context, counter).getId()).satisfies((id) -> {
					assertThat(id.getType()).isEqualTo(Meter.Type.COUNTER);
					assertThat(id.getBaseUnit()).isEqualTo(counter.getBaseUnit());
					assertThat(id.getDescription()).isEqualTo(counter.getDescription());
				});
			}
		});
	}

	@Test
	void everyCounterReportsItsOwnCount() {
		this.contextRunner.run((context) -> {
			SessionCounts counts = (SessionCounts) context.getBean(AtomicRedisSessionRepository.class).getStatistics();
			Map<SessionCounter, Double> expected = counted(context);
			for (SessionCounter counter : SessionCounter.values()) {
				counts.increment(counter);
				expected.merge(counter, 1.0, Double::sum);
				assertThat(counted(context)).as(counter.name()).isEqualTo(expected);
			}
		});
	}

	private static Map<SessionCounter, Double> counted(ApplicationContext context) {
		return Stream.of(SessionCounter.values())
			.collect(Collectors.toMap(Function.identity(), (counter) -> counterOf(context, counter).count()));
	}

	private static FunctionCounter counterOf(ApplicationContext context, SessionCounter counter) {
		RequiredSearch search = context.getBean(MeterRegistry.class).get(counter.getMeterName());
		KeyValue tag = counter.getTag();
		return ((tag != null) ? search.tag(tag.getKey(), tag.getValue()) : search).functionCounter();
	}

	@Test
	void operationsAreTimedByTheObservationRegistry() {
		this.contextRunner.run((context) -> {
			createAndFind(context);
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("redis.session.operations")
				.tag("operation", "load")
				.tag("outcome", "success")
				.timer()
				.count()).isEqualTo(1);
			assertThat(registry.get("redis.session.operations").tag("operation", "create").timer().count())
				.isEqualTo(1);
			assertThat(meters(context, "lettuce")).as("commands, unless asked for").isEmpty();
		});
	}

	@Test
	void whatIsRefusedAndDeletedIsCountedByTag() {
		this.contextRunner
			.withPropertyValues("app.session.redis.namespace=counted", "app.session.redis.limits.per-principal=2",
					"app.session.redis.limits.on-exceeded=reject", "app.session.redis.limits.total=3",
					"app.session.redis.confirm-replicas=1", "app.session.redis.confirm-timeout=50ms",
					"app.session.redis.save-after-delete=ignore", "app.session.redis.id-overlap=0")
			.run((context) -> {
				AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
				create(repository, "anna");
				StoredSession session = create(repository, "anna");
				assertThatExceptionOfType(SessionLimitExceededException.class)
					.isThrownBy(() -> create(repository, "anna"));
				StoredSession other = create(repository, "ben");
				assertThatExceptionOfType(SessionLimitExceededException.class)
					.isThrownBy(() -> create(repository, "carl"));
				assertThatExceptionOfType(SessionLimitExceededException.class)
					.isThrownBy(() -> create(repository, "carl"));
				StoredSession underTheOldId = repository.findById(session.getId());
				StoredSession renamed = repository.findById(session.getId());
				assertThat(underTheOldId).isNotNull();
				assertThat(renamed).isNotNull();
				renamed.changeSessionId();
				repository.save(renamed);
				underTheOldId.setAttribute("a", "1");
				repository.save(underTheOldId);
				StoredSession ended = repository.findById(other.getId());
				assertThat(ended).isNotNull();
				repository.deleteById(other.getId());
				ended.setAttribute("a", "1");
				repository.save(ended);
				ended = repository.findById(renamed.getId());
				assertThat(ended).isNotNull();
				assertThat(repository.deleteByPrincipalName("anna")).isEqualTo(2);
				ended.setAttribute("a", "1");
				repository.save(ended);
				assertThat(repository.operations().end(create(repository, "ben").getHandle())).isTrue();
				assertThat(counted(context, "redis.session.limit.rejected", "limit", "per-principal")).isEqualTo(1);
				assertThat(counted(context, "redis.session.limit.rejected", "limit", "total")).isEqualTo(2);
				assertThat(counted(context, "redis.session.conflicts", "type", "id-changed")).isEqualTo(1);
				assertThat(counted(context, "redis.session.conflicts", "type", "ended")).isEqualTo(2);
				assertThat(counted(context, "redis.session.deleted", "reason", "application")).isEqualTo(1);
				assertThat(counted(context, "redis.session.deleted", "reason", "index")).isEqualTo(2);
				assertThat(counted(context, "redis.session.deleted", "reason", "operator")).isEqualTo(1);
				assertThat(
						context.getBean(MeterRegistry.class).get("redis.session.unconfirmed").functionCounter().count())
					.as("four log-ins, a change of id, four ends")
					.isEqualTo(9);
			});
	}

	private static StoredSession create(AtomicRedisSessionRepository repository, String principal) {
		StoredSession session = repository.createSession();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, principal);
		repository.save(session);
		return session;
	}

	private static double counted(ApplicationContext context, String meter, String key, String tag) {
		return context.getBean(MeterRegistry.class).get(meter).tag(key, tag).functionCounter().count();
	}

	@Test
	void disabled_neitherMetersNorObservations() {
		this.contextRunner.withPropertyValues("app.session.redis.metrics.enabled=false").run((context) -> {
			createAndFind(context);
			assertThat(meters(context, PREFIX)).isEmpty();
		});
	}

	@Test
	void noRegistry_noMeters() {
		this.withoutRegistry.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(RedisSessionMetricsAutoConfiguration.class);
			createAndFind(context);
		});
	}

	@Test
	void noMicrometer_worksWithout() {
		ContextRunners.sharedRedis()
			.withConfiguration(AutoConfigurations.of(RedisSessionMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean("redisSessionMeters");
				createAndFind(context);
			});
	}

	@Test
	void otherRepositoryType_hasNoMeters() {
		this.contextRunner.withPropertyValues("app.session.redis.repository-type=default").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean("redisSessionMeters");
			assertThat(meters(context, PREFIX)).isEmpty();
		});
	}

	@Test
	void onACluster_thereIsNoBreaker() {
		ContextRunners.application()
			.withConfiguration(
					AutoConfigurations.of(RedisSessionMetricsAutoConfiguration.class, MetricsAutoConfiguration.class,
							CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
			.withPropertyValues("app.session.redis.mode=cluster", "app.session.redis.hosts="
					+ SharedRedis.cluster().seeds().stream().map(String::valueOf).collect(Collectors.joining(",")))
			.run((context) -> {
				createAndFind(context);
				assertThat(meters(context, RedisSessionMeter.BREAKER_STATE.getName())).isEmpty();
				assertThat(context.getBean(MeterRegistry.class).get("redis.session.live").gauge().value()).isPositive();
			});
	}

	@Test
	void commandLatency_isRecordedByLettuceWithBoundedTags() {
		this.contextRunner.withPropertyValues(LATENCY).run((context) -> {
			StoredSession session = createAndFind(context);
			Set<String> keys = new TreeSet<>();
			List<String> values = new ArrayList<>();
			for (Meter meter : meters(context, "lettuce")) {
				meter.getId().getTags().forEach((tag) -> {
					keys.add(tag.getKey());
					values.add(tag.getValue());
				});
			}
			assertThat(meters(context, "lettuce.command.completion")).isNotEmpty();
			assertThat(keys).contains("command", "local", "remote");
			assertThat(values).isNotEmpty()
				.allSatisfy((value) -> assertThat(value).doesNotContain(session.getHandle(), "app:session"));
		});
	}

	@Test
	void commandLatencyWithoutRegistry_saysWhatIsMissing() {
		this.withoutRegistry.withPropertyValues(LATENCY)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContainingAll("app.session.redis.metrics.command-latency", "MeterRegistry"));
	}

	@Test
	void commandLatencyWithoutMicrometer_saysWhatIsMissing() {
		ContextRunners.sharedRedis()
			.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.withPropertyValues(LATENCY)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContaining("Micrometer"));
	}

	@Test
	void commandLatencyOfWhatIsNotMeasured_isRefused() {
		this.contextRunner.withPropertyValues(LATENCY, "app.session.redis.metrics.enabled=false")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.hasMessageContainingAll("app.session.redis.metrics.enabled",
						"app.session.redis.metrics.command-latency"));
	}

	@Test
	void commandLatencyOfAFactoryOfTheApplication_warnsThatItDoesNotApply(CapturedOutput output) {
		ContextRunners.application()
			.withUserConfiguration(OwnFactoryConfiguration.class)
			.withPropertyValues(LATENCY)
			.run((context) -> assertThat(output)
				.contains("to which 'app.session.redis.metrics.command-latency' does not apply"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactoryConfiguration {

		@Bean
		LettuceConnectionFactory own() {
			return new LettuceConnectionFactory(SharedRedis.standalone().host(), SharedRedis.standalone().port());
		}

	}

}
