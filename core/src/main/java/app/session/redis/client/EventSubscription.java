package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.SubscriptionListener;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A subscription to the messages that nodes publish. The client renews it after a
 * reconnect; messages that were published meanwhile are lost, so the listener is
 * notified.
 */
public final class EventSubscription {

	private static final Log logger = LogFactory.getLog(EventSubscription.class);

	private static final long RETRY_MILLIS = 1000;

	private final LettuceConnectionFactory connectionFactory;

	private final byte[] channel;

	private final Listener listener;

	private @Nullable RedisConnection connection;

	public EventSubscription(LettuceConnectionFactory connectionFactory, byte[] channel, Listener listener) {
		this.connectionFactory = connectionFactory;
		this.channel = channel;
		this.listener = listener;
	}

	/**
	 * Subscribes, unless already subscribed: {@code SUBSCRIBE} on a separate connection.
	 * Retries every second until it succeeds or the executor ends.
	 * @param executor the executor that subscribes
	 */
	public void open(ScheduledExecutorService executor) {
		executor.execute(() -> tryToOpen(executor));
	}

	private void tryToOpen(ScheduledExecutorService executor) {
		try {
			open();
		}
		catch (RuntimeException ex) {
			logger.debug("Subscribing to the messages of other nodes failed; it will be retried", ex);
			if (!executor.isShutdown()) {
				var unused = executor.schedule(() -> tryToOpen(executor), RETRY_MILLIS, TimeUnit.MILLISECONDS);
			}
		}
	}

	private synchronized void open() {
		if (this.connection != null) {
			return;
		}
		RedisConnection opened = this.connectionFactory.getConnection();
		try {
			opened.subscribe(new Adapter(this.listener), this.channel);
		}
		catch (RuntimeException ex) {
			opened.close();
			throw ex;
		}
		this.connection = opened;
	}

	/** Ends the subscription. */
	public synchronized void close() {
		RedisConnection open = this.connection;
		this.connection = null;
		if (open != null) {
			try {
				open.close();
			}
			catch (RuntimeException ex) {
				logger.debug("Closing the subscription failed", ex);
			}
		}
	}

	/** Receives the messages of the channel on a thread of the client; must not block. */
	public interface Listener {

		/**
		 * Called when a message was published.
		 * @param message the message
		 */
		void onMessage(String message);

		/** Called when the subscription has started, or has restarted after a gap. */
		void onSubscribed();

	}

	private record Adapter(Listener listener) implements MessageListener, SubscriptionListener {

		@Override
		public void onMessage(Message message, byte @Nullable [] pattern) {
			this.listener.onMessage(new String(message.getBody(), StandardCharsets.UTF_8));
		}

		@Override
		public void onChannelSubscribed(byte[] channel, long count) {
			this.listener.onSubscribed();
		}

	}

}
