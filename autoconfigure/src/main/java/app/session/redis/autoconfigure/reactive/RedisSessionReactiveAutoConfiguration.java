package app.session.redis.autoconfigure.reactive;

import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.session.ReactiveSessionRepository;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for reactive web applications: logs
 * a warning that the starter doesn't support them, unless something else stores their
 * sessions.
 */
@AutoConfiguration(
		afterName = { "org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration",
				"org.springframework.boot.session.autoconfigure.SessionAutoConfiguration" })
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(ReactiveSessionRepository.class)
public final class RedisSessionReactiveAutoConfiguration {

	@Bean
	SmartInitializingSingleton redisSessionReactiveNotice() {
		return () -> LogFactory.getLog(RedisSessionReactiveAutoConfiguration.class)
			.warn("The sessions of this reactive web application are not stored in Redis: the starter supports "
					+ "servlet applications only; WebFlux support will follow in a later version. To suppress "
					+ "this warning, set 'app.session.redis.enabled' to false.");
	}

}
