package app.session.redis.autoconfigure;

import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.session.config.annotation.web.http.EnableSpringHttpSession;
import org.springframework.util.ClassUtils;

/**
 * Session configuration of the application: an annotation of Spring Session, or a bean
 * that stores sessions. Reads bean definitions only and instantiates no bean.
 */
final class OtherSessionConfiguration {

	private static final Log logger = LogFactory.getLog(OtherSessionConfiguration.class);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("app.session.redis");

	private static final String ENABLED = PREFIX + ".enabled";

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	OtherSessionConfiguration(ConfigurableListableBeanFactory beanFactory, Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	/**
	 * Reports that another repository keeps the sessions.
	 * @param annotations annotations of Spring Session that configure it
	 * @param types the types of beans that can store sessions
	 * @throws RedisSessionConfigurationException if a property of this starter is set,
	 * which then has no effect
	 */
	void checkRepository(List<Class<? extends Annotation>> annotations, Class<?>... types) {
		List<String> annotated = annotations.stream().flatMap((type) -> annotatedBeans(type).stream()).toList();
		String source = annotated.isEmpty() ? beans(types) : String.join(", ", annotated);
		SortedSet<String> properties = properties();
		if (!properties.isEmpty()) {
			throw new RedisSessionConfigurationException(
					"Sessions are stored as configured by %s, so the starter backs off and %s %s no effect."
						.formatted(source, quote(properties), (properties.size() == 1) ? "has" : "have"),
					"Remove %s to store sessions as configured by 'app.session.redis', or remove these properties%s."
						.formatted(annotated.isEmpty() ? "the bean" : "the annotation",
								properties.contains(ENABLED) ? "" : " or set '" + ENABLED + "' to false"));
		}
		logger.info("Sessions are stored as configured by " + source
				+ ", so redis-session-spring-boot-starter backs off. To use the starter, remove "
				+ (annotated.isEmpty() ? "the bean" : "the annotation") + ".");
	}

	/**
	 * Rejects a filter of Spring Session that would replace the filter of this starter.
	 * @throws RedisSessionConfigurationException unless the properties select a
	 * repository of Spring Session, which works with that filter
	 */
	void checkFilter() {
		RepositoryType type = Binder.get(this.environment)
			.bind(PREFIX + ".repository-type", RepositoryType.class)
			.orElse(RepositoryType.ATOMIC);
		if (type != RepositoryType.ATOMIC) {
			return;
		}
		List<String> annotated = annotatedBeans(EnableSpringHttpSession.class);
		throw new RedisSessionConfigurationException(
				"%s configures the SessionRepositoryFilter of Spring Session, but the sessions of 'app.session.redis' need the starter's own filter."
					.formatted(annotated.isEmpty() ? "A SpringHttpSessionConfiguration bean of the application"
							: String.join(", ", annotated)),
				"Remove %s; the starter configures the filter.".formatted(
						annotated.isEmpty() ? "the SpringHttpSessionConfiguration bean" : "@EnableSpringHttpSession"));
	}

	/** Returns the beans of the first of some types that has any. */
	private String beans(Class<?>... types) {
		return Arrays.stream(types).map(this::beansOf).filter((beans) -> !beans.isEmpty()).findFirst().orElse("");
	}

	private String beansOf(Class<?> type) {
		return Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false))
			.map((name) -> "the %s bean '%s'%s".formatted(type.getSimpleName(), name,
					ofType(this.beanFactory.getType(name, false), type)))
			.collect(Collectors.joining(", "));
	}

	private static String ofType(@Nullable Class<?> actual, Class<?> type) {
		return (actual != null && actual != type) ? " (" + ClassUtils.getShortName(actual) + ")" : "";
	}

	private List<String> annotatedBeans(Class<? extends Annotation> annotation) {
		List<String> beans = new ArrayList<>();
		for (String name : BeanFactoryUtils.beanNamesIncludingAncestors(this.beanFactory)) {
			if (this.beanFactory.findAnnotationOnBean(name, annotation, false) != null) {
				Class<?> type = this.beanFactory.getType(name, false);
				beans.add("@" + annotation.getSimpleName() + " on "
						+ ((type != null) ? ClassUtils.getShortName(ClassUtils.getUserClass(type)) : name));
			}
		}
		return beans;
	}

	private SortedSet<String> properties() {
		SortedSet<String> names = new TreeSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream().filter(PREFIX::isAncestorOf).map(String::valueOf).forEach(names::add);
			}
			else if (source.containsDescendantOf(PREFIX) == ConfigurationPropertyState.PRESENT) {
				names.add(PREFIX + ".*");
			}
		}
		return names;
	}

	private static String quote(SortedSet<String> names) {
		return Stream
			.concat(names.stream().limit(10).map((name) -> "'" + name + "'"),
					(names.size() > 10) ? Stream.of("others") : Stream.empty())
			.collect(Collectors.joining(", "));
	}

}
