package app.session.redis.autoconfigure;

import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for applications whose own
 * properties begin with {@code app}. With it, a {@link ConfigurationProperties} class for
 * {@code app} or {@code app.session} that rejects unknown fields accepts the properties
 * below {@code app.session.redis}, whether or not this starter keeps the sessions.
 */
@AutoConfiguration
public final class RedisSessionPropertyPrefixAutoConfiguration {

	// Static, so that it is registered before any @ConfigurationProperties bean is bound
	@Bean
	static ConfigurationPropertiesBindHandlerAdvisor redisSessionPropertyPrefixAdvisor() {
		return AcceptingBindHandler::new;
	}

	private static final class AcceptingBindHandler extends AbstractBindHandler {

		private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("app.session.redis");

		AcceptingBindHandler(BindHandler parent) {
			super(parent);
		}

		@Override
		public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
				@Nullable Object result) throws Exception {
			try {
				super.onFinish(name, target, context, result);
			}
			catch (UnboundConfigurationPropertiesException ex) {
				if (!name.isAncestorOf(PREFIX)) {
					throw ex;
				}
				Set<ConfigurationProperty> others = ex.getUnboundProperties()
					.stream()
					.filter((property) -> !PREFIX.isAncestorOf(property.getName()))
					.collect(Collectors.toSet());
				if (!others.isEmpty()) {
					throw new UnboundConfigurationPropertiesException(others);
				}
			}
		}

	}

}
