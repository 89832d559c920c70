package app.session.redis.autoconfigure.connection;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

class RedisSessionConnectionDetailsTests {

	private static final RedisServer redis = SharedRedis.standalone();

	private static final RedisStandaloneConfiguration ELSEWHERE = new RedisStandaloneConfiguration("elsewhere", 6380);

	private final WebApplicationContextRunner contextRunner = ContextRunners.application();

	@Test
	void details_winOverAllPropertiesAndLeaveTheApplicationsRedisAlone() {
		this.contextRunner
			.withBean(RedisSessionConnectionDetails.class,
					() -> () -> new RedisStandaloneConfiguration(redis.host(), redis.port()))
			.withPropertyValues("app.session.redis.host=nowhere", "app.session.redis.password=unused",
					"app.session.redis.database=3", "app.session.redis.ssl.enabled=true",
					"spring.data.redis.host=elsewhere")
			.run((context) -> {
				assertThat(session(context).getHostName()).isEqualTo(redis.host());
				assertThat(session(context).getPort()).isEqualTo(redis.port());
				assertThat(session(context).getPassword()).isNull();
				assertThat(session(context).getDatabase()).isZero();
				assertThat(session(context).isUseSsl()).isFalse();
				assertThat(((LettuceConnectionFactory) context.getBean(RedisConnectionFactory.class)).getHostName())
					.isEqualTo("elsewhere");
			});
	}

	@Test
	void details_winOverThoseOfTheApplicationsRedis() {
		ContextRunners.noRedis()
			.withBean(RedisSessionConnectionDetails.class, () -> () -> ELSEWHERE)
			.withBean(DataRedisConnectionDetails.class, () -> new DataRedisConnectionDetails() {

				@Override
				public Standalone getStandalone() {
					return Standalone.of("anywhere", 6379);
				}

			})
			.run((context) -> {
				assertThat(session(context).getHostName()).isEqualTo("elsewhere");
				assertThat(((LettuceConnectionFactory) context.getBean(RedisConnectionFactory.class)).getHostName())
					.isEqualTo("anywhere");
			});
	}

	@Test
	void credentialsAndDatabase_areThoseOfTheDetails() {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("elsewhere", 6380);
		configuration.setUsername("user");
		configuration.setPassword("secret");
		configuration.setDatabase(4);
		ContextRunners.noRedis()
			.withBean(RedisSessionConnectionDetails.class, () -> () -> configuration)
			.run((context) -> {
				assertThat(session(context).getStandaloneConfiguration().getUsername()).isEqualTo("user");
				assertThat(session(context).getPassword()).isEqualTo("secret");
				assertThat(session(context).getDatabase()).isEqualTo(4);
			});
	}

	@Test
	void propertiesOfTheServerInWhosePlaceItIs_hinderNothing() {
		ContextRunners.noRedis()
			.withPropertyValues("app.session.redis.mode=sentinel", "app.session.redis.hosts=anywhere",
					"app.session.redis.ssl.verify-peer=ca", "app.session.redis.ssl.start-tls=true")
			.withBean(RedisSessionConnectionDetails.class, () -> () -> ELSEWHERE)
			.run((context) -> assertThat(session(context).getHostName()).isEqualTo("elsewhere"));
	}

	@Test
	void sentinels_areUsed() {
		RedisSentinelConfiguration sentinels = new RedisSentinelConfiguration().master("sessions")
			.sentinel("elsewhere", 26379);
		ContextRunners.noRedis()
			.withBean(RedisSessionConnectionDetails.class, () -> () -> sentinels)
			.run((context) -> assertThat(session(context).getSentinelConfiguration()).isSameAs(sentinels));
	}

	@Test
	void cluster_isUsed() {
		RedisClusterConfiguration cluster = new RedisClusterConfiguration().clusterNode("elsewhere", 6379);
		ContextRunners.noRedis()
			.withBean(RedisSessionConnectionDetails.class, () -> () -> cluster)
			.run((context) -> assertThat(session(context).getClusterConfiguration()).isSameAs(cluster));
	}

	@Test
	void factoryOfApplicationForGeneralUse_isLeftAlone() {
		ContextRunners.noRedis()
			.withUserConfiguration(FactoryConfiguration.class)
			.withBean(RedisSessionConnectionDetails.class, () -> () -> ELSEWHERE)
			.run((context) -> {
				assertThat(session(context).getHostName()).isEqualTo("elsewhere");
				assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory())
					.isSameAs(session(context));
			});
	}

	@Test
	void qualifiedFactory_winsOverDetails() {
		ContextRunners.noRedis()
			.withUserConfiguration(QualifiedFactoryConfiguration.class)
			.withBean(RedisSessionConnectionDetails.class, () -> () -> ELSEWHERE)
			.run((context) -> {
				assertThat(context).doesNotHaveBean("redisSessionConnectionFactory");
				assertThat(context.getBean(RedisSessionConnection.class).getConnectionFactory())
					.isSameAs(context.getBean("qualified"));
			});
	}

	@Test
	void details_areNotInstantiatedToFindThem() {
		ContextRunners.noRedis()
			.withUserConfiguration(LateDetailsConfiguration.class)
			.run((context) -> assertThat(session(context).getHostName()).isEqualTo("elsewhere"));
	}

	@Test
	void detailsOfParentContext_areUsed() {
		new WebApplicationContextRunner().withBean(RedisSessionConnectionDetails.class, () -> () -> ELSEWHERE)
			.run((parent) -> ContextRunners.noRedis()
				.withUserConfiguration(FactoryConfiguration.class)
				.withParent(parent)
				.run((context) -> assertThat(session(context).getHostName()).isEqualTo("elsewhere")));
	}

	private static LettuceConnectionFactory session(ApplicationContext context) {
		return context.getBean("redisSessionConnectionFactory", LettuceConnectionFactory.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryConfiguration {

		@Bean
		RedisConnectionFactory general() {
			return new LettuceConnectionFactory("anywhere", 6379);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedFactoryConfiguration {

		@Bean
		@SpringSessionRedisConnectionFactory
		RedisConnectionFactory qualified() {
			return new LettuceConnectionFactory("anywhere", 6379);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateDetailsConfiguration {

		@Bean
		RedisSessionConnectionDetails details(ListableBeanFactory beanFactory) {
			assertThat(beanFactory.containsBeanDefinition("redisSessionConnectionFactory")).isTrue();
			return () -> ELSEWHERE;
		}

	}

}
