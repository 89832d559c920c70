package app.session.redis.test;

import java.time.Duration;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;

/**
 * Resources shared by the Lettuce clients of this package: few threads, which end with
 * the JVM, and a short delay before reconnecting.
 */
final class Lettuce {

	private static final ClientResources resources = DefaultClientResources.builder()
		.ioThreadPoolSize(2)
		.computationThreadPoolSize(2)
		.reconnectDelay(Delay.constant(Duration.ofMillis(20)))
		.build();

	private Lettuce() {
	}

	static ClientResources resources() {
		return resources;
	}

}
