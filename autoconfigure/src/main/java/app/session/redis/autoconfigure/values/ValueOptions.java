package app.session.redis.autoconfigure.values;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Compression;
import app.session.redis.codec.ValueForm;
import app.session.redis.settings.SessionSettingsBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.util.ClassUtils;

/**
 * Options of the serialization of attributes that depend on the application's beans and
 * class path: its serializer and its own packages. Also checks the required libraries.
 */
public final class ValueOptions {

	/** The name of the bean that Spring Session's repositories use as the serializer. */
	public static final String CONVENTION = "springSessionDefaultRedisSerializer";

	private static final String JDK = "jdk";

	private static final String JSON = "json";

	private final RedisSessionProperties properties;

	private final ListableBeanFactory beanFactory;

	/**
	 * Creates the options.
	 * @param properties the properties of the application
	 * @param beanFactory the bean factory of the application
	 */
	public ValueOptions(RedisSessionProperties properties, ListableBeanFactory beanFactory) {
		this.properties = properties;
		this.beanFactory = beanFactory;
	}

	/**
	 * Applies the options to the settings, to which the properties were applied before.
	 * @param settings the settings
	 * @param conventional the bean {@value #CONVENTION}, or null
	 */
	public void apply(SessionSettingsBuilder settings, @Nullable RedisSerializer<Object> conventional) {
		applySerializer(settings, conventional);
		if (this.properties.readForms().contains(ValueForm.JSON)) {
			requireJackson("read-forms");
		}
		requireLibrary(this.properties.compression());
		settings.allowedTypes(allowedTypes());
	}

	private void applySerializer(SessionSettingsBuilder settings, @Nullable RedisSerializer<Object> conventional) {
		String serializer = this.properties.serializer();
		if (serializer == null || serializer.equals(CONVENTION)) {
			if (conventional != null) {
				settings.serializer(conventional);
			}
			else if (serializer != null) {
				throw unknown(serializer);
			}
			return;
		}
		if (conventional != null) {
			throw new RedisSessionConfigurationException(
					"Two serializers for attributes are configured: the property 'app.session.redis.serializer' is '"
							+ serializer + "', and there is a bean '" + CONVENTION + "'.",
					"Remove the property to use the bean, or remove the bean.");
		}
		if (serializer.equals(JSON)) {
			requireJackson("serializer");
		}
		else if (!serializer.equals(JDK)) {
			settings.serializer(bean(serializer));
		}
	}

	@SuppressWarnings("unchecked") // as with injection
	private RedisSerializer<Object> bean(String name) {
		if (this.beanFactory.containsBean(name)
				&& this.beanFactory.getBean(name) instanceof RedisSerializer<?> serializer) {
			return (RedisSerializer<Object>) serializer;
		}
		throw unknown(name);
	}

	private RedisSessionConfigurationException unknown(String name) {
		List<String> possible = new ArrayList<>(List.of(JDK, JSON));
		possible.addAll(Arrays.asList(this.beanFactory.getBeanNamesForType(RedisSerializer.class)));
		return new RedisSessionConfigurationException(
				"The property 'app.session.redis.serializer' is '" + name
						+ "', which is neither a built-in serializer nor the name of a RedisSerializer bean.",
				"Set it to one of: " + String.join(", ", possible) + ".");
	}

	private static void requireJackson(String property) {
		if (!ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", null)) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.%s' is 'json', but Jackson 3 is not on the class path."
						.formatted(property),
					"Add 'tools.jackson.core:jackson-databind', which is part of 'spring-boot-starter-jackson', "
							+ "or remove the property.");
		}
	}

	private static void requireLibrary(Compression compression) {
		if (!compression.algorithm().isPresent(null)) {
			throw new RedisSessionConfigurationException(
					"The property 'app.session.redis.compression.algorithm' is '" + compression.algorithm()
							+ "', but its library is not on the class path.",
					"Add '" + compression.algorithm().library()
							+ "', or set the property to 'deflate', which needs none.");
		}
	}

	private List<String> allowedTypes() {
		Set<String> names = new LinkedHashSet<>(this.properties.allowedTypes());
		names.addAll(ApplicationPackages.of(this.beanFactory));
		return List.copyOf(names);
	}

}
