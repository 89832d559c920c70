package app.session.redis.autoconfigure.values;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import app.session.redis.codec.StoredTypeHints;
import app.session.redis.engine.SessionEngine;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Registers the application's types that may be stored in sessions for native images:
 * those of the property {@code allowed-types} and of the application's own packages. Also
 * registers the types by which optional libraries are recognized.
 */
class StoredTypesAotProcessor implements BeanFactoryInitializationAotProcessor {

	/** The types by which the auto-configuration recognizes optional libraries. */
	private static final List<String> OPTIONAL = List.of("io.micrometer.core.instrument.MeterRegistry",
			"org.apache.commons.pool2.ObjectPool",
			"org.springframework.boot.persistence.autoconfigure.EntityScanPackages",
			"org.springframework.security.oauth2.client.OAuth2AuthorizedClient");

	private static final String PREFIX = "app.session.redis.";

	@Override
	public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
			ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory.getBeanNamesForType(SessionEngine.class, true, false).length == 0) {
			return null;
		}
		Binder binder = Binder.get(beanFactory.getBean(Environment.class));
		Set<String> names = new LinkedHashSet<>(
				binder.bind(PREFIX + "allowed-types", Bindable.listOf(String.class)).orElse(List.of()));
		names.addAll(ApplicationPackages.of(beanFactory));
		boolean json = binder.bind(PREFIX + "serializer", String.class).map("json"::equals).orElse(false)
				|| binder.bind(PREFIX + "read-forms", Bindable.listOf(String.class))
					.orElse(List.of())
					.stream()
					.anyMatch("json"::equalsIgnoreCase);
		ClassLoader classLoader = beanFactory.getBeanClassLoader();
		return (context, code) -> {
			ReflectionHints hints = context.getRuntimeHints().reflection();
			OPTIONAL.forEach((name) -> hints.registerTypeIfPresent(classLoader, name, (hint) -> {
			}));
			StoredTypeHints.register(hints, names, json, classLoader);
		};
	}

}
