package app.session.redis.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.autoconfigure.RedisSessionReactiveAutoConfiguration;
import app.session.redis.autoconfigure.connection.SessionConnectionFactories;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.health.DataRedisHealthIndicator;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@code redis} health
 * contributor. Spring Boot's own contributor checks every connection factory, including
 * the one for {@code localhost:6379} that Spring Boot creates by default. An application
 * that uses Redis only for its sessions would then be reported as unhealthy.
 */
@AutoConfiguration(after = { RedisSessionAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class },
		before = { DataRedisHealthContributorAutoConfiguration.class,
				DataRedisReactiveHealthContributorAutoConfiguration.class })
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(RedisSessionConnection.class)
@ConditionalOnEnabledHealthIndicator("redis")
public final class RedisHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<DataRedisHealthIndicator, RedisConnectionFactory> {

	/**
	 * Properties of {@code spring.data.redis} that name no server.
	 */
	private static final Set<String> NO_CONNECTION = Set.of("repositories", "client-type", "clienttype", "listener");

	RedisHealthContributorAutoConfiguration() {
		super(DataRedisHealthIndicator::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = { "redisHealthIndicator", "redisHealthContributor" })
	HealthContributor redisHealthContributor(ConfigurableListableBeanFactory beanFactory, Environment environment,
			ObjectProvider<DataRedisConnectionDetails> connectionDetails,
			ObjectProvider<RedisConfiguration> configurations) {
		Map<String, RedisConnectionFactory> connectionFactories = new LinkedHashMap<>(
				SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, RedisConnectionFactory.class));
		boolean asked = isConfigured(environment) || configurations.stream().findAny().isPresent()
				|| connectionDetails.stream().anyMatch((details) -> !isOfProperties(details));
		if (!asked && connectionFactories.size() > 1) {
			new SessionConnectionFactories(beanFactory).autoConfigured().forEach(connectionFactories::remove);
		}
		return createContributor(connectionFactories);
	}

	private static boolean isConfigured(Environment environment) {
		return Binder.get(environment)
			.bind("spring.data.redis", Bindable.mapOf(String.class, Object.class))
			.map((properties) -> !NO_CONNECTION.containsAll(properties.keySet()))
			.orElse(false);
	}

	private static boolean isOfProperties(DataRedisConnectionDetails details) {
		return details.getClass().getSimpleName().equals("PropertiesDataRedisConnectionDetails");
	}

}
