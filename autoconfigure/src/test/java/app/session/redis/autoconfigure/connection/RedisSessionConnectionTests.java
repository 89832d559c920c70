package app.session.redis.autoconfigure.connection;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.context.annotation.UserConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RedisSessionConnectionTests {

	private static final RedisServer redis = SharedRedis.standalone();

	private final WebApplicationContextRunner contextRunner = ContextRunners.application();

	@Test
	void nothingSet_isLocalhost() {
		ContextRunners.noRedis().run((context) -> {
			assertThat(session(context).getHostName()).isEqualTo("localhost");
			assertThat(session(context).getPort()).isEqualTo(6379);
		});
	}

	@Test
	void dataRedisSet_sessionsAreThereInAClientOfTheirOwn() {
		this.contextRunner
			.withPropertyValues("spring.data.redis.port=" + redis.port(), "spring.data.redis.database=2",
					"spring.data.redis.username=default", "spring.data.redis.password=secret",
					"app.session.redis.startup=lazy", "app.session.redis.collector.enabled=false")
			.run((context) -> {
				LettuceConnectionFactory session = session(context);
				assertThat(session).isNotSameAs(context.getBean(RedisConnectionFactory.class));
				assertThat(session.getPort()).isEqualTo(redis.port());
				assertThat(session.getDatabase()).isEqualTo(2);
				assertThat(session.getStandaloneConfiguration().getUsername()).isEqualTo("default");
				assertThat(session.getPassword()).isEqualTo("secret");
				assertThat(session.getClientResources()).isNotSameAs(
						((LettuceConnectionFactory) context.getBean("redisConnectionFactory")).getClientResources());
			});
	}

	@Test
	void dataRedisSetAndOwnDatabase_isTheSameServerAndAnotherDatabase() {
		this.contextRunner
			.withPropertyValues("spring.data.redis.port=" + redis.port(), "app.session.redis.database=5",
					"app.session.redis.collector.enabled=false")
			.run((context) -> {
				assertThat(session(context).getPort()).isEqualTo(redis.port());
				assertThat(session(context).getDatabase()).isEqualTo(5);
			});
	}

	@Test
	void dataRedisWithSsl_isEncrypted() {
		ContextRunners.noRedis()
			.withPropertyValues("spring.data.redis.ssl.enabled=true")
			.run((context) -> assertThat(session(context).isUseSsl()).isTrue());
	}

	@Test
	void dataRedisIsCluster_sessionsAreInTheCluster() {
		ContextRunners.noRedis()
			.withPropertyValues("spring.data.redis.cluster.nodes=one:7000,two:7001")
			.run((context) -> {
				RedisClusterConfiguration cluster = session(context).getClusterConfiguration();
				assertThat(cluster).isNotNull();
				assertThat(cluster.getClusterNodes()).hasSize(2);
			});
	}

	@Test
	void dataRedisIsSentinel_sessionsAreFoundByTheSentinels() {
		ContextRunners.noRedis()
			.withPropertyValues("spring.data.redis.sentinel.nodes=one:26379", "spring.data.redis.sentinel.master=shop",
					"spring.data.redis.sentinel.password=sentinel")
			.run((context) -> assertThat(session(context).getSentinelConfiguration().getMaster().getName())
				.isEqualTo("shop"));
	}

	@Test
	void connectionDetailsBean_isUsed() {
		this.contextRunner.withUserConfiguration(ConnectionDetailsConfiguration.class)
			.run((context) -> assertThat(session(context).getPort()).isEqualTo(redis.port()));
	}

	@Test
	void standaloneConfigurationBean_isUsed() {
		this.contextRunner.withUserConfiguration(StandaloneConfigurationConfiguration.class)
			.run((context) -> assertThat(session(context).getPort()).isEqualTo(redis.port()));
	}

	@Test
	void sessionHostSet_bothConnectionsGoTheirOwnWay() {
		this.contextRunner
			.withPropertyValues("app.session.redis.port=" + redis.port(), "spring.data.redis.host=elsewhere")
			.run((context) -> assertBothGoTheirOwnWay(context));
	}

	@Test
	void configuredBeforeDataRedis_bothConnectionsGoTheirOwnWay() {
		new WebApplicationContextRunner()
			.withConfiguration(
					UserConfigurations.of(RedisSessionAutoConfiguration.class, DataRedisAutoConfiguration.class))
			.withPropertyValues("app.session.redis.port=" + redis.port(), "spring.data.redis.host=elsewhere")
			.run((context) -> assertBothGoTheirOwnWay(context));
	}

	@Test
	void configuredAfterDataRedis_bothConnectionsGoTheirOwnWay() {
		new WebApplicationContextRunner()
			.withConfiguration(
					UserConfigurations.of(DataRedisAutoConfiguration.class, RedisSessionAutoConfiguration.class))
			.withPropertyValues("app.session.redis.port=" + redis.port(), "spring.data.redis.host=elsewhere")
			.run((context) -> assertBothGoTheirOwnWay(context));
	}

	private static void assertBothGoTheirOwnWay(ApplicationContext context) {
		LettuceConnectionFactory application = (LettuceConnectionFactory) context.getBean(RedisConnectionFactory.class);
		assertThat(application.getHostName()).isEqualTo("elsewhere");
		assertThat(context.getBean(StringRedisTemplate.class).getConnectionFactory()).isSameAs(application);
		assertThat(context.getBean("redisTemplate", RedisTemplate.class).getConnectionFactory()).isSameAs(application);
		assertThat(session(context).getPort()).isEqualTo(redis.port());
		assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory()).isSameAs(session(context));
	}

	@Test
	void dataRedisExcluded_works() {
		new WebApplicationContextRunner().withConfiguration(UserConfigurations.of(RedisSessionAutoConfiguration.class))
			.withPropertyValues("app.session.redis.port=" + redis.port())
			.run((context) -> assertThat(context).hasSingleBean(AtomicRedisSessionRepository.class));
	}

	@Test
	void factoryOfApplication_isUsedAsItIsWithAWarning(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(OwnFactoryConfiguration.class).run((context) -> {
			assertThat(context).doesNotHaveBean("redisSessionConnectionFactory");
			assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory())
				.isSameAs(context.getBean("own"));
			assertThat(output)
				.contains("Sessions use the application's connection factory as it is configured",
						"'app.session.redis.command-timeout'", "it queues commands", "is unbounded", "resends commands")
				.doesNotContain("common pool");
		});
	}

	@Test
	void factoryOfApplicationWithPassword_warnsThatOthersCanHoldItUp(CapturedOutput output) {
		this.contextRunner.withBean("own", LettuceConnectionFactory.class, () -> {
			RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(redis.host(), redis.port());
			configuration.setPassword("secret");
			return new LettuceConnectionFactory(configuration);
		})
			.withPropertyValues("app.session.redis.startup=lazy", "app.session.redis.collector.enabled=false")
			.run((context) -> assertThat(output).contains("it connects on the common pool of the JVM"));
	}

	@Test
	void factoryOfApplicationAndDatabaseProperty_warnsThatItDoesNotApply(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(OwnFactoryConfiguration.class)
			.withPropertyValues("app.session.redis.database=3")
			.run((context) -> assertThat(output).contains("to which 'app.session.redis.database' does not apply"));
	}

	@Test
	void factoryOfApplicationAndSessionHost_bothConnectionsGoTheirOwnWay(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(ElsewhereFactoryConfiguration.class)
			.withPropertyValues("app.session.redis.port=" + redis.port())
			.run((context) -> {
				assertBothGoTheirOwnWay(context);
				assertThat(output).doesNotContain("as it is configured");
			});
	}

	@Test
	void qualifiedFactory_winsOverEverything() {
		this.contextRunner
			.withUserConfiguration(QualifiedFactoryConfiguration.class, ElsewhereFactoryConfiguration.class)
			.withPropertyValues("spring.data.redis.host=anywhere")
			.run((context) -> assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory())
				.isSameAs(context.getBean("qualified")));
	}

	@Test
	void qualifiedFactoryThatIsNoDefaultCandidate_winsAndLeavesBootsAlone(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(NonDefaultQualifiedFactoryConfiguration.class)
			.withPropertyValues("app.session.redis.host=ignored", "spring.data.redis.host=elsewhere")
			.run((context) -> {
				assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory())
					.isSameAs(context.getBean("nonDefault"));
				assertThat(((LettuceConnectionFactory) context.getBean(RedisConnectionFactory.class)).getHostName())
					.isEqualTo("elsewhere");
				assertThat(output).contains("to which 'app.session.redis.host' does not apply");
			});
	}

	@Test
	void factoryOfApplicationThatIsNoDefaultCandidate_isLeftAlone() {
		this.contextRunner.withUserConfiguration(NonDefaultFactoryConfiguration.class)
			.withPropertyValues("spring.data.redis.port=" + redis.port())
			.run((context) -> assertThat(session(context).getPort()).isEqualTo(redis.port()));
	}

	@Test
	void severalFactoriesOfApplication_failsNamingThem() {
		this.contextRunner.withUserConfiguration(OwnFactoryConfiguration.class, ElsewhereFactoryConfiguration.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContainingAll("own", "elsewhere"));
	}

	@Test
	void virtualThreads_factoryUsesThem() {
		ContextRunners.noRedis().withPropertyValues("spring.threads.virtual.enabled=true").run((context) -> {
			Object executor = ReflectionTestUtils.getField(session(context), "executor");
			if (Runtime.version().feature() >= 21) {
				assertThat(executor).isNotNull();
			}
			else {
				assertThat(executor).isNull();
			}
		});
	}

	private static LettuceConnectionFactory session(ApplicationContext context) {
		return context.getBean("redisSessionConnectionFactory", LettuceConnectionFactory.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class ConnectionDetailsConfiguration {

		@Bean
		DataRedisConnectionDetails connectionDetails() {
			return new DataRedisConnectionDetails() {

				@Override
				public Standalone getStandalone() {
					return Standalone.of(redis.host(), redis.port());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StandaloneConfigurationConfiguration {

		@Bean
		RedisStandaloneConfiguration standaloneConfiguration() {
			return new RedisStandaloneConfiguration(redis.host(), redis.port());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactoryConfiguration {

		@Bean
		RedisConnectionFactory own() {
			return new LettuceConnectionFactory(redis.host(), redis.port());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ElsewhereFactoryConfiguration {

		@Bean
		RedisConnectionFactory elsewhere() {
			return new LettuceConnectionFactory("elsewhere", 6379);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedFactoryConfiguration {

		@Bean
		@SpringSessionRedisConnectionFactory
		RedisConnectionFactory qualified() {
			return new LettuceConnectionFactory(redis.host(), redis.port());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NonDefaultQualifiedFactoryConfiguration {

		@Bean(defaultCandidate = false)
		@SpringSessionRedisConnectionFactory
		LettuceConnectionFactory nonDefault() {
			return new LettuceConnectionFactory(redis.host(), redis.port());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NonDefaultFactoryConfiguration {

		@Bean(defaultCandidate = false)
		LettuceConnectionFactory caches() {
			return new LettuceConnectionFactory("elsewhere", 6379);
		}

	}

}
