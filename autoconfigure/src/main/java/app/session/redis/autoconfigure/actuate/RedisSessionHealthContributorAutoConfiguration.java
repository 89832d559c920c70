package app.session.redis.autoconfigure.actuate;

import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.autoconfigure.RedisSessionReactiveAutoConfiguration;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.operations.SessionOperationsProvider;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@code redisSession} health
 * contributor.
 */
@AutoConfiguration(after = { RedisSessionAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class })
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(RedisSessionConnection.class)
@ConditionalOnEnabledHealthIndicator("redissession")
public final class RedisSessionHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "redisSessionHealthIndicator", "redisSessionHealthContributor" })
	HealthContributor redisSessionHealthContributor(RedisSessionConnection connection,
			ObjectProvider<SessionOperationsProvider> repository) {
		return new RedisSessionHealthIndicator(connection.getServerCheck(),
				repository.stream().findFirst().map(SessionOperationsProvider::operations).orElse(null));
	}

}
