package app.session.redis.autoconfigure.connection;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import io.lettuce.core.metrics.MicrometerCommandLatencyRecorder;
import io.lettuce.core.metrics.MicrometerOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.tracing.Tracing;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Configures how the client of the sessions measures the latency of commands.
 */
public final class CommandLatency {

	private CommandLatency() {
	}

	/**
	 * Enables Lettuce's meters {@code lettuce.command.*} for the latency of each command
	 * if {@code app.session.redis.metrics.command-latency} is true. Otherwise disables
	 * Lettuce's tracing, which Spring Boot enables for every command, including those of
	 * the collector.
	 * @param builder the resources of the client
	 * @param properties the properties, which determine whether commands are measured
	 * @param beanFactory the bean factory with the meter registry
	 */
	public static void configure(ClientResources.Builder builder, RedisSessionProperties properties,
			ListableBeanFactory beanFactory) {
		if (!properties.metrics().commandLatency()) {
			builder.tracing(Tracing.disabled());
		}
		else if (ClassUtils.isPresent("io.micrometer.core.instrument.MeterRegistry", null)) {
			Recording.configure(builder, beanFactory);
		}
		else {
			throw missing();
		}
	}

	private static RedisSessionConfigurationException missing() {
		return new RedisSessionConfigurationException(
				"The property 'app.session.redis.metrics.command-latency' records the latency of each command, "
						+ "which requires Micrometer and a MeterRegistry bean, but there is none.",
				"Add the dependency org.springframework.boot:spring-boot-starter-actuator, or remove the property.");
	}

	/** A separate class, since Micrometer may be absent. */
	private static final class Recording {

		public static void configure(ClientResources.Builder builder, ListableBeanFactory beanFactory) {
			MeterRegistry registry = beanFactory.getBeanProvider(MeterRegistry.class).getIfUnique();
			if (registry == null) {
				throw missing();
			}
			builder.commandLatencyRecorder(new MicrometerCommandLatencyRecorder(registry, MicrometerOptions.create()));
		}

	}

}
