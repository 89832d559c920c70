package app.session.redis.client;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Completes calls that have failed, logs each kind of failure at most once a minute, and
 * follows a failover that a failure indicates.
 */
final class FailedCalls {

	private static final Log logger = LogFactory.getLog(CallSender.class);

	private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

	private final SharedConnection shared;

	private final PooledConnections pool;

	private final boolean pooled;

	private final boolean cluster;

	/** When each kind of failure was logged last. */
	private final Map<Reason, Long> logged = new ConcurrentHashMap<>();

	/**
	 * Creates an instance for the calls of a sender.
	 * @param shared the connection that the calls are sent over without a pool
	 * @param pool the connections that they are sent over with a pool
	 * @param pooled whether they are sent over the pool
	 * @param cluster whether they are sent to a cluster
	 */
	FailedCalls(SharedConnection shared, PooledConnections pool, boolean pooled, boolean cluster) {
		this.shared = shared;
		this.pool = pool;
		this.pooled = pooled;
		this.cluster = cluster;
	}

	/**
	 * Completes a call with a {@link SessionStoreUnavailableException}.
	 * @param call the call
	 * @param failure why it has failed
	 */
	void fail(Call call, Throwable failure) {
		SessionStoreUnavailableException translated = Failures.translate(failure);
		try {
			if (isRefusedRead(call, failure)) {
				this.shared.renewUnlessPrimary("This Redis is a replica that has lost its primary");
			}
			else {
				followFailover(translated.getReason());
			}
			log(translated);
		}
		finally {
			call.reply().completeExceptionally(translated);
		}
	}

	/**
	 * Handles a read that Redis answered without recording the access. If this were
	 * ignored, users of a node that only reads would be logged out.
	 * @param reason why Redis refused to record the access
	 */
	void touchRefused(Reason reason) {
		followFailover(reason);
		if (isLogged(reason)) {
			logger.warn("Redis does not record accesses, so sessions in use will expire: "
					+ new SessionStoreUnavailableException(reason, null, null).getMessage());
		}
	}

	/** Returns whether the call may have been refused by a replica chosen for reads. */
	private boolean isRefusedRead(Call call, Throwable failure) {
		return !this.pooled && !this.cluster && call.script() == null && Failures.isMasterDown(failure);
	}

	/**
	 * Renews the connections if the reason indicates that the server is no longer the
	 * primary, or no longer the one that the sentinels name.
	 */
	private void followFailover(Reason reason) {
		if (reason == Reason.READ_ONLY && !this.cluster) {
			if (this.pooled) {
				this.pool.renew();
			}
			else {
				this.shared.renew("This Redis is no longer a primary");
			}
		}
		else if (reason == Reason.NO_REPLICAS) {
			if (this.pooled) {
				this.pool.renewIfReplaced();
			}
			else {
				this.shared.renewIfReplaced();
			}
		}
	}

	/** Logs each kind of failure at most once a minute, rather than for each request. */
	private void log(SessionStoreUnavailableException failure) {
		if (failure.getReason() != Reason.NOT_ASKED && failure.getReason() != Reason.FAILED
				&& isLogged(failure.getReason())) {
			logger.warn(failure.getMessage());
		}
	}

	private boolean isLogged(Reason reason) {
		long now = System.nanoTime();
		Long last = this.logged.get(reason);
		return (last == null) ? this.logged.putIfAbsent(reason, now) == null
				: now - last > LOG_PAUSE_NANOS && this.logged.replace(reason, last, now);
	}

}
