package app.session.redis.autoconfigure.metrics;

import java.time.Duration;

import app.session.redis.autoconfigure.RedisSessionAutoConfiguration;
import app.session.redis.autoconfigure.RedisSessionReactiveAutoConfiguration;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.observation.SessionCounter;
import app.session.redis.operations.SessionOperationsProvider;
import app.session.redis.settings.Defaults;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the session meters
 * ({@link SessionCounter}, {@link RedisSessionMeter}) of applications with a
 * {@link MeterRegistry}.
 */
@AutoConfiguration(after = { RedisSessionAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class },
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ MeterRegistry.class, MeterBinder.class })
@ConditionalOnBean({ MeterRegistry.class, SessionOperationsProvider.class })
@ConditionalOnBooleanProperty(name = "app.session.redis.metrics.enabled", matchIfMissing = true)
public final class RedisSessionMetricsAutoConfiguration {

	@Bean
	RedisSessionMeters redisSessionMeters(SessionOperationsProvider repository,
			ObjectProvider<RedisSessionConnectionProperties> properties) {
		RedisSessionConnectionProperties available = properties.getIfAvailable();
		Duration commandTimeout = (available != null) ? available.commandTimeout()
				: Duration.ofSeconds(Defaults.COMMAND_TIMEOUT_SECONDS);
		return new RedisSessionMeters(repository.operations(), commandTimeout);
	}

}
