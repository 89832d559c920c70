package app.session.redis.autoconfigure.springsession;

import java.util.LinkedHashMap;
import java.util.Map;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.util.ClassUtils;

/**
 * Reports settings of Spring Session's own Redis repositories, which have no effect on
 * this starter, and their replacements.
 */
public final class SpringSessionSettingsNotice implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(SpringSessionSettingsNotice.class);

	private static final String PREFIX = "spring.session.data.redis.";

	private static final Map<String, String> REPLACEMENTS = replacements();

	private final RedisSessionProperties properties;

	private final Environment environment;

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Creates the notice.
	 * @param properties the properties of the application
	 * @param environment the environment of the application
	 * @param beanFactory the bean factory of the application
	 */
	public SpringSessionSettingsNotice(RedisSessionProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.environment = environment;
		this.beanFactory = beanFactory;
	}

	private static Map<String, String> replacements() {
		Map<String, String> replacements = new LinkedHashMap<>();
		replacements.put("namespace", "Use 'app.session.redis.namespace' instead.");
		replacements.put("flush-mode", "Use 'app.session.redis.flush-mode' instead.");
		replacements.put("save-mode", "Use 'app.session.redis.save-mode' instead.");
		replacements.put("repository-type",
				"Remove it: unless 'app.session.redis.repository-type' is set, sessions can always be listed "
						+ "and found by principal, as with Spring Session's 'indexed' repository.");
		replacements.put("cleanup-cron", "Use 'app.session.redis.collector.interval' instead.");
		replacements.put("configure-action",
				"No replacement is needed: Redis needs no configuration unless "
						+ "'app.session.redis.repository-type' is 'indexed'. In that case, a "
						+ "ConfigureRedisAction bean can be declared.");
		return replacements;
	}

	@Override
	public void afterSingletonsInstantiated() {
		REPLACEMENTS.forEach((name, replacement) -> {
			if (this.environment.containsProperty(PREFIX + name)) {
				logger.warn("The property '" + PREFIX + name + "' has no effect. " + replacement);
			}
		});
		if (this.properties.repositoryType() == RepositoryType.ATOMIC) {
			for (String name : this.beanFactory.getBeanNamesForType(SessionRepositoryCustomizer.class, true, false)) {
				warnIfOfOtherRepository(name, repositoryType(name));
			}
		}
	}

	private @Nullable Class<?> repositoryType(String customizer) {
		return this.beanFactory.getMergedBeanDefinition(customizer)
			.getResolvableType()
			.as(SessionRepositoryCustomizer.class)
			.getGeneric()
			.resolve();
	}

	private void warnIfOfOtherRepository(String customizer, @Nullable Class<?> repositoryType) {
		if (repositoryType != null && repositoryType != AtomicRedisSessionRepository.class) {
			logger.warn("The SessionRepositoryCustomizer bean '" + customizer + "' is for "
					+ ClassUtils.getShortName(repositoryType) + " and is not called. "
					+ "Declare a SessionSettingsCustomizer instead, or select Spring Session's repository with "
					+ "'app.session.redis.repository-type'.");
		}
	}

}
