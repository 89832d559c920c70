package app.session.redis.sample.embedded;

import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Ensures that the {@link EmbeddedRedis} is running if no Redis is configured, and sets
 * {@code app.session.redis.hosts} to its address.
 * <p>
 * It modifies the environment rather than bean definitions, so that it also works after
 * AOT processing, which fixes the bean definitions at build time.
 */
class EmbeddedRedisPostProcessor implements EnvironmentPostProcessor, Ordered {

	/**
	 * The property for the port on which instances on one machine look for the embedded
	 * Redis.
	 */
	static final String PORT_PROPERTY = "shop.embedded-redis.port";

	private static final int DEFAULT_PORT = 6390;

	private static final String HOSTS_PROPERTY = "app.session.redis.hosts";

	private static final List<String> REDIS_PROPERTIES = List.of(HOSTS_PROPERTY, "app.session.redis.host",
			"app.session.redis.port", "app.session.redis.url", "app.session.redis.socket",
			"app.session.redis.sentinel.master", "spring.data.redis.host", "spring.data.redis.port",
			"spring.data.redis.url", "spring.data.redis.sentinel.nodes", "spring.data.redis.cluster.nodes");

	// A system property, since it has to be visible to the copy of this class that
	// DevTools loads when it restarts the application in this process
	private static final String FOUND_BEFORE = EmbeddedRedisPostProcessor.class.getName() + ".hosts";

	private final Log log;

	EmbeddedRedisPostProcessor(DeferredLogFactory logFactory) {
		this.log = logFactory.getLog(EmbeddedRedisPostProcessor.class);
	}

	/**
	 * Returns the lowest precedence, so that {@code application.yaml} has been read.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		Binder binder = Binder.get(environment);
		if (REDIS_PROPERTIES.stream().noneMatch((name) -> isSet(binder, name))) {
			int port = environment.getProperty(PORT_PROPERTY, Integer.class, DEFAULT_PORT);
			environment.getPropertySources()
				.addLast(new MapPropertySource("embeddedRedis", Map.of(HOSTS_PROPERTY, hosts(port))));
		}
	}

	// Bound as a list, which can be a single value or several indexed ones
	private static boolean isSet(Binder binder, String name) {
		return binder.bind(name, Bindable.listOf(String.class)).isBound();
	}

	private String hosts(int port) {
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			// The build only processes bean definitions and never connects
			return "localhost:" + port;
		}
		String foundBefore = System.getProperty(FOUND_BEFORE);
		if (foundBefore != null) {
			return foundBefore;
		}
		String hosts = findOrStart(port);
		System.setProperty(FOUND_BEFORE, hosts);
		return hosts;
	}

	private String findOrStart(int port) {
		EmbeddedRedis redis = EmbeddedRedis.findOrStart(port);
		// These handlers run when every context is closed, so all sessions are saved
		SpringApplication.getShutdownHandlers().add(redis::leave);
		this.log
			.info((redis.startedHere() ? "Started an embedded Redis at localhost:%d; start a second instance with: %s"
					: "Sharing the embedded Redis at localhost:%d; start another instance with: %s")
				.formatted(redis.port(), argumentsToShare(redis.port())));
		return "localhost:" + redis.port();
	}

	private static String argumentsToShare(int port) {
		return "--server.port=8081" + ((port != DEFAULT_PORT) ? " --" + PORT_PROPERTY + "=" + port : "");
	}

}
