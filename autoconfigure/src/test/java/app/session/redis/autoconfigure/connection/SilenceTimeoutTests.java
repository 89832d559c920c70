package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.function.BiConsumer;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.api.async.RedisServerAsyncCommands;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests a connection on which no more data arrives.
 */
class SilenceTimeoutTests {

	private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(400);

	@Test
	void connectionIsReopenedWhenACommandIsNotAnswered() {
		run((proxy, connection) -> {
			proxy.stopForwarding();
			assertThatException().isThrownBy(connection::ping);
			// the timeout for silence closes the old connection
			Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> proxy.connections() > 1);
			proxy.forward();
			Awaitility.await().atMost(Duration.ofSeconds(5)).ignoreExceptions().until(() -> connection.ping() != null);
		});
	}

	@Test
	void connectionIsKeptWhileNoCommandIsSent() {
		run((proxy, connection) -> {
			Long id = clientId(connection);
			proxy.stopForwarding();
			Awaitility.await().during(COMMAND_TIMEOUT.multipliedBy(4)).until(() -> proxy.connections() == 1);
			proxy.forward();
			assertThat(clientId(connection)).isEqualTo(id);
		});
	}

	@Test
	void connectionIsKeptWhenTheAnswerIsLateButNotTooLate() {
		run((proxy, connection) -> {
			Long id = clientId(connection);
			proxy.delay(COMMAND_TIMEOUT.multipliedBy(2));
			assertThatException().isThrownBy(connection::ping);
			proxy.delay(Duration.ZERO);
			Awaitility.await().ignoreExceptions().untilAsserted(() -> assertThat(clientId(connection)).isEqualTo(id));
		});
	}

	private static Long clientId(RedisConnection connection) {
		return ((RedisServerAsyncCommands<?, ?>) connection.getNativeConnection()).clientId()
			.toCompletableFuture()
			.join();
	}

	private static void run(BiConsumer<TcpProxy, RedisConnection> test) {
		try (TcpProxy proxy = TcpProxy.to(SharedRedis.standalone())) {
			ContextRunners.application()
				.withPropertyValues("app.session.redis.port=" + proxy.port(),
						"app.session.redis.command-timeout=" + COMMAND_TIMEOUT.toMillis() + "ms",
						"app.session.redis.collector.enabled=false")
				.run((context) -> {
					LettuceConnectionFactory factory = context.getBean("redisSessionConnectionFactory",
							LettuceConnectionFactory.class);
					try (RedisConnection connection = factory.getConnection()) {
						connection.ping();
						// the startup may have used another connection
						Awaitility.await().until(() -> proxy.connections() == 1);
						test.accept(proxy, connection);
					}
				});
		}
	}

}
