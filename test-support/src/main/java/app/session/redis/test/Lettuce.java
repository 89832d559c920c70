package app.session.redis.test;

import java.time.Duration;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;

/**
 * What the Lettuce clients of this package have in common: few threads, which end with
 * the JVM, and a short time until a lost connection is made again.
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
