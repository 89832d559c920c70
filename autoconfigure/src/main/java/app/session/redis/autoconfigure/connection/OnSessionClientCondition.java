package app.session.redis.autoconfigure.connection;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A condition that matches if the session connection needs its own client. It doesn't
 * match if the application defines a connection factory for sessions, whether or not it
 * is a default candidate, or if the application defines a connection factory for general
 * use and no connection details or property names another server.
 */
public class OnSessionClientCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Session Redis client");
		ConfigurableListableBeanFactory beanFactory = context.getBeanFactory();
		if (beanFactory == null) {
			return ConditionOutcome.noMatch(message.because("there is no bean factory"));
		}
		SessionConnectionFactories factories = new SessionConnectionFactories(beanFactory);
		List<String> qualified = factories.qualified();
		if (!qualified.isEmpty()) {
			return ConditionOutcome.noMatch(message.found("bean for sessions", "beans for sessions").items(qualified));
		}
		String[] details = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory,
				RedisSessionConnectionDetails.class, true, false);
		if (details.length > 0) {
			return ConditionOutcome
				.match(message.found("connection details bean", "connection details beans").items((Object[]) details));
		}
		if (isServerNamed(context.getEnvironment())) {
			return ConditionOutcome.match(message.because("app.session.redis specifies a server"));
		}
		List<String> own = factories.applicationOwn();
		if (!own.isEmpty()) {
			return ConditionOutcome.noMatch(message.found("application bean", "application beans").items(own));
		}
		return ConditionOutcome.match(message.because("the application defines no connection factory"));
	}

	private static boolean isServerNamed(Environment environment) {
		Binder binder = Binder.get(environment);
		return binder.bind("app.session.redis", Bindable.of(Address.class)).map(Address::isNamed).orElse(false);
	}

	record Address(@Nullable String url, @Nullable List<String> hosts, @Nullable String host, @Nullable String port,
			@Nullable String socket) {

		boolean isNamed() {
			return SessionAddress.isNamedBy(this.url, this.hosts, this.host, this.port, this.socket);
		}

	}

}
