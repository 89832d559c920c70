package app.session.redis.observation;

import app.session.redis.DeletionReason;
import app.session.redis.settings.OnUnreadable;
import io.micrometer.common.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * The events that a node counts from its start. With Micrometer, each constant is a
 * counter; counters that share a meter differ in a tag. No tag identifies a session, a
 * principal or a key.
 */
public enum SessionCounter {

	/** Sessions that this node wrote for the first time. */
	CREATED("created", "sessions", "Sessions that this node wrote for the first time"),

	/** Deletions for {@link DeletionReason#APPLICATION}. */
	DELETED_APPLICATION("deleted", "sessions", "Sessions that this node deleted", "reason", "application"),

	/** Deletions for {@link DeletionReason#INDEX}. */
	DELETED_INDEX(DELETED_APPLICATION, "index"),

	/** Deletions for {@link DeletionReason#OPERATOR}. */
	DELETED_OPERATOR(DELETED_APPLICATION, "operator"),

	/** Deletions for {@link DeletionReason#LIMIT}. */
	DELETED_LIMIT(DELETED_APPLICATION, "limit"),

	/** Deletions for {@link DeletionReason#UNREADABLE}. */
	DELETED_UNREADABLE(DELETED_APPLICATION, "unreadable"),

	/** Deletions for {@link DeletionReason#OIDC_LOGOUT}. */
	DELETED_OIDC_LOGOUT(DELETED_APPLICATION, "oidc-logout"),

	/** Deletions for {@link DeletionReason#CLIENT_MISMATCH}. */
	DELETED_CLIENT_MISMATCH(DELETED_APPLICATION, "client-mismatch"),

	/** Sessions whose expiry this node published. */
	EXPIRED("expired", "sessions", "Sessions whose expiry this node published"),

	/** Sessions that this node migrated from Spring Session's own repository. */
	TAKEN_OVER("taken.over", "sessions", "Sessions that this node migrated from Spring Session's own repository"),

	/**
	 * Sessions of Spring Session's own repository that this node could not take over,
	 * because it can't read the time of their last access, each counted once. Only the
	 * last thousand are remembered.
	 */
	NOT_TAKEN_OVER("not.taken.over", "sessions",
			"Sessions of Spring Session's own repository that this node could not read, each counted once"),

	/**
	 * Lookups by an id or a handle that found a live session. Malformed ids, and sessions
	 * that the request has already found, are not looked up.
	 */
	LOOKUP_HIT("lookups", null, "Lookups of one session in Redis, by id or handle", "result", "hit"),

	/** Lookups of a handle that doesn't exist, or with another secret. */
	LOOKUP_MISS(LOOKUP_HIT, "miss"),

	/** Lookups of an expired session that Redis still held for the collector. */
	LOOKUP_EXPIRED(LOOKUP_HIT, "expired"),

	/**
	 * Lookups of a session that this node can't read: a newer version wrote it, it is
	 * damaged or not authentic, or {@link OnUnreadable#DROP_SESSION} dropped it.
	 */
	LOOKUP_UNREADABLE(LOOKUP_HIT, "unreadable"),

	/** Lookups of which this node had a copy that was up to date. */
	NEAR_CACHE_HIT("near.cache.lookups", null,
			"Lookups by a client's id, by whether this node had a copy of the session", "result", "hit"),

	/** Lookups of which this node had no copy. */
	NEAR_CACHE_MISS(NEAR_CACHE_HIT, "miss"),

	/** Lookups of which this node had a copy that was out of date. */
	NEAR_CACHE_STALE(NEAR_CACHE_HIT, "stale"),

	/** Requests that used a copy without asking Redis. */
	NEAR_CACHE_TRUSTED(NEAR_CACHE_HIT, "trusted"),

	/**
	 * Saves of requests that had used a copy without asking Redis, while another request
	 * had changed the session. They are applied like all saves.
	 */
	NEAR_CACHE_OVERTAKEN("near.cache.overtaken", null,
			"Saves of requests that used a trusted copy of a session that another request had changed"),

	/** Copies that were removed because the near cache was full. */
	NEAR_CACHE_EVICTED("near.cache.evictions", null, "Copies of sessions that were removed because the cache was full"),

	/** Saves that were refused because the session had been deleted. */
	CONFLICT_ENDED("conflicts", null,
			"Saves that were refused because the session had ended, expired, changed its id, or lost its lock", "type",
			"ended"),

	/**
	 * Saves that were refused because the session had expired while the request ran. If
	 * the session is no longer in Redis, the node's clock decides, by the last access
	 * that the request knows.
	 */
	CONFLICT_EXPIRED(CONFLICT_ENDED, "expired"),

	/** Saves that were refused because the id of the session had changed. */
	CONFLICT_ID_CHANGED(CONFLICT_ENDED, "id-changed"),

	/** Requests whose changes were not saved because they did not hold the lock. */
	CONFLICT_LOCKED(CONFLICT_ENDED, "locked"),

	/** Attributes that could not be read. */
	ATTRIBUTES_DROPPED("attributes.dropped", null, "Attributes that could not be read"),

	/**
	 * Reads of a session that is not authentic: it was changed in Redis, is in plain text
	 * in an encrypted store, or was written with a key that this node doesn't have. They
	 * also count as {@link #LOOKUP_UNREADABLE}.
	 */
	REFUSED("refused", "sessions", "Sessions that this node refused because no encryption key verifies them"),

	/**
	 * Damaged sessions, each counted once: the data in Redis under their keys is not what
	 * this library writes.
	 */
	DAMAGED("damaged", "sessions", "Sessions that this node found damaged in Redis, each counted once"),

	/**
	 * Messages of other nodes about sessions that were dropped because too many were
	 * waiting: listeners of session events take too long.
	 */
	MESSAGES_DROPPED("messages.dropped", null,
			"Messages of other nodes that were dropped because listeners take too long"),

	/**
	 * Reads of a session in plain text that was accepted only because this node still
	 * accepts plain text until a configured time.
	 */
	PLAIN("plain", "sessions",
			"Sessions in plain text that this node accepted because of encryption.accept-plain-until, counted "
					+ "at each read"),

	/**
	 * Requests whose client differs from the one that logged in to their session, if
	 * sessions are bound to clients.
	 */
	CLIENT_MISMATCHES("client.mismatches", null,
			"Requests whose client differs from the one that logged in to their session"),

	/** Accesses that Redis refused to record while it allowed reading. */
	TOUCHES_REFUSED("touches.refused", null, "Accesses that Redis refused to record while it allowed reading"),

	/** Log-ins, changes of id and log-outs that too few replicas confirmed in time. */
	UNCONFIRMED("unconfirmed", null, "Log-ins, changes of id and log-outs that too few replicas confirmed in time"),

	/**
	 * Commands that this node sent, including background commands; a script is one
	 * command. Commands of subscriptions, of waits for replicas and of checks of the
	 * server don't count.
	 */
	COMMANDS("commands", null, "Commands that this node sent, including background commands; a script counts as one"),

	/**
	 * The number of times that this node sent commands. Commands that are sent together
	 * are one round trip, however many nodes of a cluster they go to, and whether or not
	 * a caller waits for the reply.
	 */
	ROUND_TRIPS("round.trips", null,
			"Number of times that this node sent commands; commands sent together count once, even if no caller waits"),

	/** Log-ins that were refused because the principal had too many sessions. */
	REJECTED_LOG_INS("limit.rejected", null, "Log-ins and new sessions that a limit refused", "limit", "per-principal"),

	/** New sessions that were refused because there were too many in total. */
	REJECTED_SESSIONS(REJECTED_LOG_INS, "total"),

	/**
	 * Requests whose wait for a lock timed out, including those that then took it over or
	 * continued without it.
	 */
	LOCK_TIMEOUTS("lock.timeouts", null, "Requests whose wait for a lock timed out"),

	/** Requests that were refused immediately because too many waited for the lock. */
	LOCK_REFUSALS("lock.refusals", null, "Requests that were refused immediately because too many waited for the lock"),

	/** Requests that lost their lock because it was taken over or its lease expired. */
	LOCK_LOST("lock.lost", null, "Requests that lost their lock: it was taken over, or its lease expired");

	private static final String PREFIX = "redis.session.";

	private final String meterName;

	private final @Nullable String baseUnit;

	private final String description;

	private final @Nullable String tagKey;

	private final @Nullable String tagValue;

	SessionCounter(String name, @Nullable String baseUnit, String description) {
		this(name, baseUnit, description, null, null);
	}

	SessionCounter(String name, @Nullable String baseUnit, String description, @Nullable String tagKey,
			@Nullable String tagValue) {
		this.meterName = PREFIX + name;
		this.baseUnit = baseUnit;
		this.description = description;
		this.tagKey = tagKey;
		this.tagValue = tagValue;
	}

	/** Declares another tag value of a meter. */
	SessionCounter(SessionCounter first, String tagValue) {
		this.meterName = first.meterName;
		this.baseUnit = first.baseUnit;
		this.description = first.description;
		this.tagKey = first.tagKey;
		this.tagValue = tagValue;
	}

	/**
	 * Returns the counter of the deletions for a reason.
	 * @param reason why sessions were deleted
	 * @return the counter
	 */
	public static SessionCounter deleted(DeletionReason reason) {
		return switch (reason) {
			case APPLICATION -> DELETED_APPLICATION;
			case INDEX -> DELETED_INDEX;
			case OPERATOR -> DELETED_OPERATOR;
			case LIMIT -> DELETED_LIMIT;
			case UNREADABLE -> DELETED_UNREADABLE;
			case OIDC_LOGOUT -> DELETED_OIDC_LOGOUT;
			case CLIENT_MISMATCH -> DELETED_CLIENT_MISMATCH;
		};
	}

	/**
	 * Returns the name of the meter.
	 * @return the name, which begins with {@code redis.session.}
	 */
	public String getMeterName() {
		return this.meterName;
	}

	/**
	 * Returns the unit of the meter.
	 * @return the unit, or null if it counts events
	 */
	public @Nullable String getBaseUnit() {
		return this.baseUnit;
	}

	/**
	 * Returns the description of the meter.
	 * @return a sentence without its period
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * Returns the tag that distinguishes this counter from the others of the same meter.
	 * @return the tag, or null if the meter has only one counter
	 */
	public @Nullable KeyValue getTag() {
		return (this.tagKey != null && this.tagValue != null) ? KeyValue.of(this.tagKey, this.tagValue) : null;
	}

}
