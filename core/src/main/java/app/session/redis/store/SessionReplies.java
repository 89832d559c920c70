package app.session.redis.store;

import java.time.Duration;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.CallSender;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeals;
import app.session.redis.log.LimitedLog;
import app.session.redis.observation.SessionCounter;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads sessions from the replies of scripts. Sessions that are damaged or not authentic
 * are counted, logged once each, and treated as missing.
 */
public final class SessionReplies {

	private static final Log logger = LogFactory.getLog(SessionStore.class);

	/** The reply of {@code load.lua} and {@code lock.lua} for an expired session. */
	public static final long EXPIRED = -3;

	/** The reply of {@code load.lua} for a session whose content it leaves out. */
	private static final long UNCHANGED = -8;

	/** The reply of scripts for a damaged session. */
	public static final long DAMAGED = -5;

	private final CallSender engine;

	private final SessionSeals seals;

	private final OptionNames optionNames;

	/** Sessions that are not authentic. */
	private final LimitedLog refused = new LimitedLog(logger);

	/** Sessions that are damaged, each counted once. */
	private final LimitedLog damaged = new LimitedLog(logger);

	SessionReplies(CallSender engine, SessionSeals seals, OptionNames optionNames) {
		this.engine = engine;
		this.seals = seals;
		this.optionNames = optionNames;
	}

	/**
	 * Returns the session in a reply of {@code load.lua}, and counts the lookup if there
	 * is none.
	 * @param handle the session
	 * @param copy the copy that was compared with the session, or null
	 * @param reply the reply
	 * @return the session, or null if there is none that can be returned
	 * @throws SessionStoreUnavailableException with {@link Reason#NEWER_FORMAT} if a
	 * newer version of the library wrote the session
	 */
	@Nullable SessionRecord loaded(String handle, @Nullable SessionContent copy, Reply reply) {
		if (isSession(copy, reply)) {
			return found(handle, copy, reply);
		}
		count(handle, reply.integer(0));
		if (isNewer(reply)) {
			throw newer();
		}
		return null;
	}

	/**
	 * Returns whether a reply of {@code load.lua} or {@code lock.lua} is a session.
	 * @param copy the copy that was compared with the session, or null
	 * @param reply the reply
	 * @return whether it is a session
	 */
	public static boolean isSession(@Nullable SessionContent copy, Reply reply) {
		return !reply.isInteger(0) || (copy != null && isUnchanged(reply));
	}

	/** Returns whether a reply is a session without its content. */
	static boolean isUnchanged(Reply reply) {
		return reply.isInteger(0) && reply.integer(0) == UNCHANGED;
	}

	/**
	 * Counts a lookup that found no session that can be returned.
	 * @param handle the session
	 * @param status the status in the reply
	 */
	public void count(String handle, long status) {
		if (status == DAMAGED) {
			addDamaged(handle);
		}
		this.engine.counts()
			.increment((status == EXPIRED) ? SessionCounter.LOOKUP_EXPIRED : (status == -1 || status == DAMAGED)
					? SessionCounter.LOOKUP_UNREADABLE : SessionCounter.LOOKUP_MISS);
	}

	/**
	 * Returns the session in a reply. A damaged session is treated as missing, because it
	 * will never be readable again.
	 * @param handle the session
	 * @param copy the copy that was compared with the session, or null
	 * @param reply the reply, which is a session
	 * @return the session, or null if it is damaged or not authentic
	 */
	public @Nullable SessionRecord found(String handle, @Nullable SessionContent copy, Reply reply) {
		SessionRecord session = readable(handle, copy, reply);
		if (session == null) {
			this.engine.counts().increment(SessionCounter.LOOKUP_UNREADABLE);
			return null;
		}
		Reason refusal = session.touchRefusal();
		if (refusal != null) {
			this.engine.touchRefused(refusal);
		}
		return authentic(session);
	}

	/**
	 * Counts and logs a damaged session once.
	 * @param handle the session
	 */
	public void addDamaged(String handle) {
		if (this.damaged.isFirst(handle)) {
			this.engine.counts().increment(SessionCounter.DAMAGED);
			this.damaged.warn("The session " + handle + " is damaged and treated as missing. The data under "
					+ "its key was not written by this library, or was changed in Redis");
		}
	}

	/**
	 * Returns the session in a reply, whether or not it is authentic.
	 * @param handle the session
	 * @param copy the content of the session if the reply may lack it, or null
	 * @param reply the reply, which is a session
	 * @return the session, or null if it is damaged
	 */
	@Nullable SessionRecord readable(String handle, @Nullable SessionContent copy, Reply reply) {
		return (copy != null && reply.isInteger(0)) ? record(copy.verified(this.seals), reply, 1)
				: readable(handle, reply);
	}

	/**
	 * Returns the session in a reply, whether or not it is authentic.
	 * @param handle the session
	 * @param reply the reply, which contains a session
	 * @return the session, or null if it is damaged
	 */
	public @Nullable SessionRecord readable(String handle, Reply reply) {
		int size = 0;
		while (size < reply.size() && !reply.isInteger(size)) {
			size += 2;
		}
		SessionContent content = content(handle, reply, size);
		return (content != null) ? record(content, reply, size) : null;
	}

	/**
	 * Returns the session in a reply to {@code HGETALL}, whether or not it is authentic.
	 * @param handle the session
	 * @param fields the reply
	 * @param age the time since the session's last access
	 * @return the session, or null if it is damaged
	 */
	public @Nullable SessionRecord readable(String handle, Reply fields, Duration age) {
		SessionContent content = content(handle, fields, fields.size());
		return (content != null) ? new SessionRecord(content, age.toMillis(), 0) : null;
	}

	private @Nullable SessionContent content(String handle, Reply reply, int size) {
		try {
			return SessionContent.read(handle, reply, size, this.seals);
		}
		catch (SessionStoreUnavailableException ex) {
			addDamaged(handle);
			return null;
		}
	}

	/** Creates the record of a content, whose age is at a position of the reply. */
	private static SessionRecord record(SessionContent content, Reply reply, int position) {
		return new SessionRecord(content, reply.integer(position),
				(reply.size() > position + 1) ? reply.integer(position + 1) : 0);
	}

	/**
	 * Returns a session that was read, or null if it is not authentic. In that case it is
	 * treated as missing, counted, and logged once.
	 */
	@Nullable SessionRecord authentic(SessionRecord session) {
		if (!session.seal().isBroken()) {
			return session;
		}
		this.engine.counts().increment(SessionCounter.LOOKUP_UNREADABLE);
		this.engine.counts().increment(SessionCounter.REFUSED);
		if (this.refused.isFirst(session.handle())) {
			this.refused.warn("The session " + session.handle() + " is refused. " + reason(session));
		}
		return null;
	}

	private String reason(SessionRecord session) {
		if (session.sealField() == null) {
			return "It is not encrypted, but only encrypted sessions are accepted ("
					+ this.optionNames.name(Option.ACCEPT_PLAIN_UNTIL) + ")";
		}
		String keys = this.optionNames.name(Option.ENCRYPTION_KEYS);
		return this.seals.hasKeys()
				? "None of the encryption keys verifies it: it was changed in Redis, or the key that it was"
						+ " written with is missing (" + keys + ")"
				: "It is encrypted, but no encryption keys are configured (" + keys + ")";
	}

	SessionSeals seals() {
		return this.seals;
	}

	/**
	 * Returns whether a reply is the status of a session that a newer version of the
	 * library wrote.
	 */
	static boolean isNewer(Reply reply) {
		return reply.size() == 1 && reply.isInteger(0) && reply.integer(0) == -1;
	}

	/**
	 * Creates the exception for a session that a newer version of the library wrote.
	 * @return an exception with {@link Reason#NEWER_FORMAT}
	 */
	public static SessionStoreUnavailableException newer() {
		return new SessionStoreUnavailableException(Reason.NEWER_FORMAT, null, null);
	}

	/**
	 * Creates the exception for a damaged session.
	 * @return an exception with {@link Reason#DAMAGED}
	 */
	public static SessionStoreUnavailableException damaged() {
		return new SessionStoreUnavailableException(Reason.DAMAGED, null, null);
	}

}
