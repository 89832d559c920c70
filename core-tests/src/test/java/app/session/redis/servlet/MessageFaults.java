package app.session.redis.servlet;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.SubscriptionListener;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Drops, delays and reorders the messages that nodes receive.
 */
final class MessageFaults implements AutoCloseable {

	private final double dropped;

	private final Duration maxDelay;

	private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

	private final AtomicInteger messages = new AtomicInteger();

	/**
	 * Creates faults.
	 * @param dropped the share of messages that are dropped
	 * @param maxDelay the maximum delay of the others, each of which has its own
	 */
	MessageFaults(double dropped, Duration maxDelay) {
		this.dropped = dropped;
		this.maxDelay = maxDelay;
	}

	/** Returns the number of messages that have arrived before they were disturbed. */
	int messages() {
		return this.messages.get();
	}

	LettuceConnectionFactory connectionFactory(RedisConfiguration configuration, LettuceClientConfiguration client) {
		return new LettuceConnectionFactory(configuration, client) {

			@Override
			public RedisConnection getConnection() {
				return disturbed(super.getConnection());
			}

		};
	}

	private RedisConnection disturbed(RedisConnection connection) {
		return (RedisConnection) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { RedisConnection.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("subscribe")) {
						arguments[0] = new Disturbed((MessageListener) arguments[0]);
					}
					try {
						return method.invoke(connection, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	@Override
	public void close() {
		this.scheduler.shutdownNow();
	}

	private final class Disturbed implements MessageListener, SubscriptionListener {

		private final MessageListener listener;

		Disturbed(MessageListener listener) {
			this.listener = listener;
		}

		@Override
		public void onMessage(Message message, byte @Nullable [] pattern) {
			MessageFaults.this.messages.incrementAndGet();
			ThreadLocalRandom random = ThreadLocalRandom.current();
			if (random.nextDouble() < MessageFaults.this.dropped) {
				return;
			}
			long delay = random.nextLong(MessageFaults.this.maxDelay.toMillis() + 1);
			MessageFaults.this.scheduler.schedule(() -> this.listener.onMessage(message, pattern), delay,
					TimeUnit.MILLISECONDS);
		}

		@Override
		public void onChannelSubscribed(byte[] channel, long count) {
			((SubscriptionListener) this.listener).onChannelSubscribed(channel, count);
		}

	}

}
