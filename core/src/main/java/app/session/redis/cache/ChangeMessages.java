package app.session.redis.cache;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.client.BackgroundThreads;
import app.session.redis.client.EventSubscription;
import app.session.redis.settings.NearCacheSettings;
import app.session.redis.store.ChangePublication;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Has changes and deletions of sessions published, and receives those of all nodes, so
 * that the near cache trusts no copy of a session that has changed. A message contains
 * the handle of a session and, after a change, its new revision. Does nothing if copies
 * are validated with each use.
 */
public final class ChangeMessages implements EventSubscription.InterruptionListener {

	private static final Log logger = LogFactory.getLog(ChangeMessages.class);

	private final NearCache nearCache;

	private final OptionNames optionNames;

	private final @Nullable EventSubscription subscription;

	private @Nullable ScheduledExecutorService executor;

	/** Whether a refusal was reported, which is done once. */
	private volatile boolean reported;

	/**
	 * Creates an instance.
	 * @param store publishes the changes
	 * @param nearCache is notified of the changes
	 * @param settings the settings of the near cache
	 * @param optionNames the names of options in messages
	 */
	public ChangeMessages(SessionStore store, NearCache nearCache, NearCacheSettings settings,
			OptionNames optionNames) {
		this.nearCache = nearCache;
		this.optionNames = optionNames;
		if (settings.isTrusting()) {
			store.publishChanges(new ChangePublication(settings.maxAge(), this::published));
			this.subscription = store.changes(this);
		}
		else {
			this.subscription = null;
		}
	}

	/**
	 * Starts the subscription: {@code SUBSCRIBE} on a separate connection. Until it
	 * succeeds, copies are validated with each use.
	 */
	public synchronized void start() {
		if (this.subscription == null || this.executor != null) {
			return;
		}
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1,
				BackgroundThreads.named("redis-session-changes"));
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.executor = executor;
		this.subscription.open(executor);
	}

	/** Ends the subscription. From then on, copies are validated with each use. */
	public void stop() {
		ScheduledExecutorService stopping;
		synchronized (this) {
			stopping = this.executor;
			this.executor = null;
		}
		if (stopping != null) {
			stopping.shutdownNow();
		}
		if (this.subscription != null) {
			this.subscription.close();
			this.nearCache.interrupted();
		}
	}

	@Override
	public void onMessage(byte[] message) {
		if (message.length < SessionId.HANDLE_LENGTH) {
			// StoreAccess publishes an empty message to find out whether it may
			return;
		}
		String handle = new String(message, 0, SessionId.HANDLE_LENGTH, StandardCharsets.ISO_8859_1);
		this.nearCache.changed(handle, message, SessionId.HANDLE_LENGTH);
	}

	@Override
	public synchronized void onSubscribed() {
		if (this.executor != null) {
			this.nearCache.subscribed();
		}
	}

	@Override
	public void onInterrupted() {
		this.nearCache.interrupted();
	}

	private void published(boolean published) {
		if (this.nearCache.published(published) && !published && !this.reported) {
			this.reported = true;
			logger.warn("Redis refuses to publish changes of sessions, so this node no longer uses copies without "
					+ "validating them with each use (" + this.optionNames.name(Option.NEAR_CACHE_MAX_AGE)
					+ "). Grant the user PUBLISH on the channel of changes: the documentation lists its permissions");
		}
	}

}
