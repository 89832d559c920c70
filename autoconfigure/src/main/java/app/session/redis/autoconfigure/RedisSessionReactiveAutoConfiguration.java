package app.session.redis.autoconfigure;

import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for reactive web applications: it
 * says that their sessions are not kept yet.
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnBooleanProperty(name = "app.session.redis.enabled", matchIfMissing = true)
public final class RedisSessionReactiveAutoConfiguration {

	@Bean
	SmartInitializingSingleton redisSessionReactiveNotice() {
		return () -> LogFactory.getLog(RedisSessionReactiveAutoConfiguration.class)
			.warn("The sessions of this reactive web application are not kept in Redis: the starter supports "
					+ "servlet applications only, WebFlux comes with a later version. "
					+ "To silence this, set 'app.session.redis.enabled' to false.");
	}

}
