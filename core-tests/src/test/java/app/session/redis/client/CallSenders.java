package app.session.redis.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import app.session.redis.test.RedisServer;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;

/**
 * Creates senders with separate connections, and closes all of them.
 */
final class CallSenders implements AutoCloseable {

	private final List<Runnable> closing = new ArrayList<>();

	private Duration timeout = Duration.ofSeconds(2);

	private int requestQueueSize = ClientOptions.DEFAULT_REQUEST_QUEUE_SIZE;

	private boolean clientTimesOut = true;

	private @Nullable ReadFrom readFrom;

	private @Nullable CircuitBreaker breaker;

	private @Nullable GenericObjectPoolConfig<StatefulConnection<?, ?>> pool;

	CallSenders timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	CallSenders requestQueueSize(int size) {
		this.requestQueueSize = size;
		return this;
	}

	/** Leaves the timeouts of commands to the engine. */
	CallSenders clientDoesNotTimeOut() {
		this.clientTimesOut = false;
		return this;
	}

	CallSenders readFrom(ReadFrom readFrom) {
		this.readFrom = readFrom;
		return this;
	}

	CallSenders breaker(CircuitBreaker breaker) {
		this.breaker = breaker;
		return this;
	}

	CallSenders pool(Consumer<GenericObjectPoolConfig<StatefulConnection<?, ?>>> settings) {
		this.pool = new GenericObjectPoolConfig<>();
		settings.accept(this.pool);
		return this;
	}

	CallSender on(RedisServer server) {
		return on(server.host(), server.port());
	}

	CallSender on(String host, int port) {
		return on(new RedisStandaloneConfiguration(host, port));
	}

	CallSender on(RedisConfiguration configuration) {
		ClientOptions options = ClientOptions.builder()
			.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
			.requestQueueSize(this.requestQueueSize)
			.timeoutOptions(this.clientTimesOut ? TimeoutOptions.enabled() : TimeoutOptions.create())
			.replayFilter((command) -> true)
			.build();
		LettuceClientConfigurationBuilder builder = (this.pool != null)
				? LettucePoolingClientConfiguration.builder().poolConfig(this.pool)
				: LettuceClientConfiguration.builder();
		if (this.readFrom != null) {
			builder.readFrom(this.readFrom);
		}
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration,
				builder.commandTimeout(this.timeout).shutdownTimeout(Duration.ZERO).clientOptions(options).build());
		factory.setShareNativeConnection(this.pool == null);
		factory.afterPropertiesSet();
		factory.start();
		CallSender engine = new CallSender(factory, this.timeout, this.breaker);
		this.closing.add(() -> {
			engine.drain();
			factory.destroy();
		});
		return engine;
	}

	@Override
	public void close() {
		this.closing.forEach(Runnable::run);
	}

}
