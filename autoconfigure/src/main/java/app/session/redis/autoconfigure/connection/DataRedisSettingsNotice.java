package app.session.redis.autoconfigure.connection;

import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Reports settings of the application's own Redis client that don't apply to the session
 * client, which has its own timeouts, pool and read policy.
 */
public final class DataRedisSettingsNotice implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(DataRedisSettingsNotice.class);

	private static final String PREFIX = "spring.data.redis.";

	/** Replacements by property; empty if there is none. */
	private static final Map<String, String> REPLACEMENTS = replacements();

	private final boolean shared;

	private final Environment environment;

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Creates the notice.
	 * @param shared whether the sessions are kept in the application's own Redis, so that
	 * users may expect its settings to apply
	 * @param environment the environment of the application
	 * @param beanFactory the bean factory of the application
	 */
	public DataRedisSettingsNotice(boolean shared, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		this.shared = shared;
		this.environment = environment;
		this.beanFactory = beanFactory;
	}

	private static Map<String, String> replacements() {
		Map<String, String> replacements = new LinkedHashMap<>();
		replacements.put("client-name", "client-name");
		replacements.put("timeout", "command-timeout");
		replacements.put("connect-timeout", "connect-timeout");
		replacements.put("cluster.max-redirects", "cluster.max-redirects");
		replacements.put("lettuce.read-from", "read-from");
		replacements.put("lettuce.pool.enabled", "pool.enabled");
		replacements.put("lettuce.pool.max-active", "pool.max-total");
		replacements.put("lettuce.pool.max-idle", "pool.max-idle");
		replacements.put("lettuce.pool.min-idle", "pool.min-idle");
		replacements.put("lettuce.pool.max-wait", "pool.max-wait");
		replacements.put("lettuce.pool.time-between-eviction-runs", "");
		replacements.put("lettuce.cluster.refresh.period", "cluster.refresh-period");
		replacements.put("lettuce.cluster.refresh.adaptive", "");
		replacements.put("lettuce.cluster.refresh.dynamic-refresh-sources", "");
		replacements.put("lettuce.shutdown-timeout", "");
		return replacements;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.shared) {
			REPLACEMENTS.forEach((name, replacement) -> {
				if (this.environment.containsProperty(PREFIX + name)) {
					logger.warn("The property '" + PREFIX + name + "' has no effect on the client for sessions. "
							+ (StringUtils.hasLength(replacement)
									? "Use 'app.session.redis." + replacement + "' instead."
									: "There is no corresponding property."));
				}
			});
		}
		for (String name : this.beanFactory.getBeanNamesForType(LettuceClientConfigurationBuilderCustomizer.class, true,
				false)) {
			String notice = "The LettuceClientConfigurationBuilderCustomizer bean '" + name
					+ "' has no effect on the client for sessions. Use the properties of 'app.session.redis', "
					+ "a LettuceClientOptionsBuilderCustomizer, or a LettuceConnectionFactory bean that is "
					+ "qualified with @SpringSessionRedisConnectionFactory instead.";
			if (this.shared) {
				logger.warn(notice);
			}
			else {
				logger.info(notice);
			}
		}
	}

}
