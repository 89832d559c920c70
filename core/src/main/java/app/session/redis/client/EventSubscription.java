package app.session.redis.client;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.Subscription;
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

	/** Reports interruptions; null if the listener isn't interested in them. */
	private final @Nullable Watch watch;

	private @Nullable RedisConnection connection;

	/** The client that the watch observes. */
	private @Nullable AbstractRedisClient watched;

	public EventSubscription(LettuceConnectionFactory connectionFactory, byte[] channel, Listener listener) {
		this.connectionFactory = connectionFactory;
		this.channel = channel;
		this.listener = listener;
		this.watch = (listener instanceof InterruptionListener interruptions) ? new Watch(interruptions) : null;
	}

	/**
	 * Subscribes, unless already subscribed: {@code SUBSCRIBE} on a separate connection.
	 * Retries every second until it succeeds or the executor ends.
	 * @param executor the executor that subscribes
	 */
	public void open(ScheduledExecutorService executor) {
		if (this.watch != null) {
			this.watch.executor = executor;
		}
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
		if (this.watch != null && this.watched == null) {
			this.watched = this.connectionFactory.getRequiredNativeClient();
			this.watched.addListener(this.watch);
		}
		RedisConnection opened = this.connectionFactory.getConnection();
		try {
			opened.subscribe(new Adapter(this.listener, this.watch), this.channel);
		}
		catch (RuntimeException ex) {
			if (this.watch != null) {
				// The reply may have arrived after the timeout
				this.watch.interruptions.onInterrupted();
			}
			opened.close();
			throw ex;
		}
		this.connection = opened;
	}

	private void resubscribe() {
		RedisConnection open;
		synchronized (this) {
			open = this.connection;
		}
		Subscription subscription = (open != null) ? open.getSubscription() : null;
		if (subscription != null) {
			subscription.subscribe(this.channel);
		}
	}

	/** Ends the subscription. */
	public synchronized void close() {
		if (this.watch != null && this.watched != null) {
			this.watched.removeListener(this.watch);
			this.watched = null;
		}
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
		void onMessage(byte[] message);

		/** Called when the subscription has started, or has restarted after a gap. */
		void onSubscribed();

	}

	/** A listener that must know when messages may be lost. */
	public interface InterruptionListener extends Listener {

		/**
		 * Called on a thread of the client when the subscription may have been
		 * interrupted; must not block. If it was not, or when it has been renewed,
		 * {@link #onSubscribed()} is called.
		 */
		void onInterrupted();

	}

	/**
	 * Observes all connections of the client, because Spring Data doesn't provide the one
	 * that it subscribes with. When a connection for messages is lost, a reply to another
	 * {@code SUBSCRIBE} tells whether it was this one: if not, it arrives at once.
	 */
	private final class Watch implements RedisConnectionStateListener {

		private final InterruptionListener interruptions;

		private volatile @Nullable ScheduledExecutorService executor;

		/**
		 * Whether a connection was lost, and no subscription was confirmed since then.
		 */
		private volatile boolean unconfirmed;

		Watch(InterruptionListener interruptions) {
			this.interruptions = interruptions;
		}

		@Override
		public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
			if (disconnected instanceof StatefulRedisPubSubConnection<?, ?>) {
				this.unconfirmed = true;
				this.interruptions.onInterrupted();
				confirm(0);
			}
		}

		private void confirm(long delayMillis) {
			ScheduledExecutorService executor = this.executor;
			if (executor == null) {
				return;
			}
			try {
				var unused = executor.schedule(this::tryToConfirm, delayMillis, TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The subscription is not confirmed because this node is stopping", ex);
			}
		}

		private void tryToConfirm() {
			if (!this.unconfirmed) {
				return;
			}
			try {
				resubscribe();
			}
			catch (RuntimeException ex) {
				logger.debug("Confirming the subscription failed; it will be retried", ex);
				confirm(RETRY_MILLIS);
			}
		}

	}

	private record Adapter(Listener listener, @Nullable Watch watch) implements MessageListener, SubscriptionListener {

		@Override
		public void onMessage(Message message, byte @Nullable [] pattern) {
			this.listener.onMessage(message.getBody());
		}

		@Override
		public void onChannelSubscribed(byte[] channel, long count) {
			if (this.watch != null) {
				this.watch.unconfirmed = false;
			}
			this.listener.onSubscribed();
		}

	}

}
