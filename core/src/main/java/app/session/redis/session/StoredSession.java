package app.session.redis.session;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import app.session.redis.SessionId;
import app.session.redis.codec.SessionIdMask;
import app.session.redis.codec.SessionSeal;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;

/**
 * A session that is kept in Redis. Safe for use by several threads. Changes reach Redis
 * when it is saved.
 *
 * <p>
 * {@link PendingSaves} reads the fields that are not private, under the monitor of the
 * session.
 */
public final class StoredSession implements Session {

	final SessionRules rules;

	/** Called after each change; null where changes are written with the next save. */
	private volatile @Nullable ChangeListener changeListener;

	final String handle;

	final SessionAttributes attributes;

	Instant creationTime;

	/** The secret of the id; null where the session is named by its alias. */
	@Nullable String secret;

	/** The secret that events of the session's end name it by, where it is known. */
	@Nullable String eventSecret;

	private boolean ended;

	private @Nullable String alias;

	final StoredState redis;

	Duration maxInactiveInterval;

	Instant lastAccessedTime;

	/** Whether reading the session, or making it, was already noted as an access. */
	private final boolean accessNoted;

	boolean accessed;

	/**
	 * Reads the session of another node's event when a listener first asks for what it
	 * holds; null for others, and afterwards.
	 */
	private @Nullable Supplier<@Nullable SessionRecord> content;

	/** Whether the last save was refused because its index entries can't be told. */
	boolean indexesRefused;

	/** Whether the request has failed because its index entries can't be told. */
	boolean indexesLeftOut;

	/** Whether it was made for a crawler. */
	final boolean bot;

	private final SaveState saving = new SaveState();

	/** Makes a new session. */
	StoredSession(SessionRules rules, SessionAttributes attributes, SessionSeal seal, SessionId id, Instant now,
			Duration maxInactiveInterval, boolean bot) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = id.handle();
		this.secret = id.secret();
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.accessNoted = true;
		this.bot = bot;
		this.redis = new StoredState(seal, id.secret(), SessionHeader.digest(id.secret()), maxInactiveInterval, now);
		maskIds();
	}

	/** Makes a session of what was read. */
	StoredSession(SessionRules rules, SessionAttributes attributes, SessionRecord session, @Nullable String secret,
			boolean byId, boolean accessNoted, Instant now) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = session.handle();
		this.secret = secret;
		this.eventSecret = session.secret();
		this.creationTime = session.header().created();
		this.lastAccessedTime = now.minus(session.age());
		this.accessNoted = accessNoted;
		this.bot = false;
		boolean touched = accessNoted && rules.isTouchDue(session.age(), session.header().idleTimeout());
		this.redis = new StoredState(session, secret, byId, this.lastAccessedTime,
				touched ? now : this.lastAccessedTime);
		this.maxInactiveInterval = this.redis.interval;
		attributes.load(session);
		maskIds();
	}

	/** Makes the session of another node's event, which is read when it is needed. */
	StoredSession(SessionRules rules, SessionAttributes attributes, String handle, @Nullable String secret, Instant now,
			Duration maxInactiveInterval, Supplier<@Nullable SessionRecord> content) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = handle;
		this.secret = secret;
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.accessNoted = true;
		this.bot = false;
		this.content = content;
		this.redis = new StoredState(SessionSeal.none(handle), secret, new byte[0], maxInactiveInterval, now);
		this.redis.present = true;
		// Keeps its name, also if another node has given it another id
		ended(secret);
		maskIds();
	}

	/** Reads the session of another node's event. One that is gone has no attributes. */
	private void read() {
		Supplier<@Nullable SessionRecord> content = this.content;
		if (content == null) {
			return;
		}
		this.content = null;
		SessionRecord session = content.get();
		if (session != null) {
			this.creationTime = session.header().created();
			this.lastAccessedTime = this.rules.now().minus(session.age());
			this.redis.access = this.lastAccessedTime;
			refresh(session);
		}
	}

	/** Keeps the ids by which the session is known out of what is written. */
	private void maskIds() {
		List<SessionIdMask> masks = (this.secret != null) ? List.of(new SessionIdMask(this.handle, this.secret))
				: List.of();
		if (this.redis.secret != null && this.secret != null && !this.redis.secret.equals(this.secret)) {
			masks = List.of(masks.get(0), new SessionIdMask(this.handle, this.redis.secret));
		}
		this.attributes.setIds(masks);
	}

	/**
	 * The handle: the session's name in Redis, in logs, in events and in answers. It
	 * never changes, and opens no session.
	 * @return the handle
	 */
	public String getHandle() {
		return this.handle;
	}

	/**
	 * Returns the id, where the session was created, was found by its id, or is the one
	 * of the current request's client. Otherwise returns an alias of the same length,
	 * which is the same on every node and which the repository takes in place of the id.
	 * An alias begins with {@code !} and opens no session.
	 */
	@Override
	public synchronized String getId() {
		String secret = (this.secret == null && this.ended) ? this.eventSecret : this.secret;
		if (secret != null) {
			return this.handle + secret;
		}
		if (this.alias == null) {
			this.alias = this.rules.alias(this.handle);
		}
		return this.alias;
	}

	/** Whether an id with this secret is the session's, in Redis or in this request. */
	public synchronized boolean hasId(String secret) {
		return isKnownBy(secret) || MessageDigest.isEqual(SessionHeader.digest(secret), this.redis.digest);
	}

	/**
	 * Names a session that has ended, and has no id, by the one that opened it:
	 * registries on this node know it by that.
	 */
	public synchronized void ended(@Nullable String lastSecret) {
		this.ended = true;
		if (this.eventSecret == null) {
			this.eventSecret = lastSecret;
		}
	}

	/**
	 * Makes a new id. The handle, and with it the key in Redis, stays; the old id is dead
	 * once the session is saved.
	 */
	@Override
	public String changeSessionId() {
		this.saving.requireLasting();
		String id;
		synchronized (this) {
			this.secret = this.rules.newSecret();
			if (this.redis.present) {
				this.rules.idGiven(this.handle, this.secret);
			}
			maskIds();
			id = getId();
		}
		changed();
		return id;
	}

	@Override
	@SuppressWarnings("unchecked") // as the interface has it
	public synchronized <T> @Nullable T getAttribute(String attributeName) {
		read();
		return (T) this.attributes.get(attributeName);
	}

	@Override
	public synchronized Set<String> getAttributeNames() {
		read();
		return this.attributes.names();
	}

	/**
	 * Sets an attribute, or removes it where the value is null. A value that can't be
	 * stored is refused by the save; where changes are written immediately it is refused
	 * here, and the session keeps the value that it had.
	 * @throws IllegalArgumentException if changes are written immediately, and the value
	 * of this or another attribute that was changed in place can't be stored
	 */
	@Override
	public void setAttribute(String attributeName, @Nullable Object attributeValue) {
		if (attributeValue == null) {
			synchronized (this) {
				read();
				this.attributes.remove(attributeName);
			}
			changed();
			return;
		}
		Attribute before;
		synchronized (this) {
			read();
			before = this.attributes.set(attributeName, attributeValue);
		}
		try {
			changed();
		}
		catch (IllegalArgumentException ex) {
			synchronized (this) {
				this.attributes.takeBackIfRefused(attributeName, attributeValue, before);
			}
			throw ex;
		}
	}

	@Override
	public void removeAttribute(String attributeName) {
		setAttribute(attributeName, null);
	}

	@Override
	public synchronized Instant getCreationTime() {
		read();
		return this.creationTime;
	}

	/**
	 * Notes an access. In the request of the session's client this was done when the
	 * session was read, and sends nothing; anywhere else it is a change that {@code save}
	 * writes, as the time that has passed since, so that the clocks of nodes need not
	 * agree. A time before the last access replaces it, whatever request it is, and can
	 * end the session.
	 */
	@Override
	public synchronized void setLastAccessedTime(Instant lastAccessedTime) {
		read();
		if (!this.accessNoted && this.rules.isTouchDue(Duration.between(this.lastAccessedTime, lastAccessedTime),
				this.maxInactiveInterval)) {
			this.accessed = true;
		}
		this.lastAccessedTime = lastAccessedTime;
	}

	/** Whether the application has set the last access back. */
	public synchronized boolean isBackdated() {
		return this.lastAccessedTime.isBefore(this.redis.access.truncatedTo(ChronoUnit.MILLIS));
	}

	@Override
	public synchronized Instant getLastAccessedTime() {
		read();
		return this.lastAccessedTime;
	}

	/**
	 * Sets how long the session lives without an access, within the bounds that the
	 * repository has. Zero and less mean that it never expires, as the servlet
	 * specification says.
	 */
	@Override
	public void setMaxInactiveInterval(Duration interval) {
		synchronized (this) {
			read();
			this.maxInactiveInterval = StoredState.normalize(this.rules.bounded(interval));
		}
		changed();
	}

	@Override
	public synchronized Duration getMaxInactiveInterval() {
		read();
		return this.maxInactiveInterval;
	}

	@Override
	public synchronized boolean isExpired() {
		read();
		return !this.maxInactiveInterval.isNegative()
				&& !this.rules.now().isBefore(this.lastAccessedTime.plus(this.maxInactiveInterval));
	}

	/**
	 * Returns whether the session was not accessed for longer than its idle timeout, as
	 * far as is known here: other requests may have accessed it.
	 */
	public synchronized boolean isIdleTooLong() {
		return this.redis.isIdleTooLong(this.rules.now());
	}

	/** Returns whether the session has lived for as long as it may. */
	public synchronized boolean isPastDeadline() {
		return this.redis.end != null && !this.rules.now().isBefore(this.redis.end);
	}

	private void changed() {
		ChangeListener listener = this.changeListener;
		if (listener != null) {
			listener.changed(this);
		}
	}

	/** Sets the listener of changes; null for none. */
	void setChangeListener(@Nullable ChangeListener changeListener) {
		this.changeListener = changeListener;
	}

	/**
	 * What decides whether and when the session may be saved.
	 * @return the state
	 */
	public SaveState saving() {
		return this.saving;
	}

	/** The digest under which the session was loaded; null when by its handle. */
	public synchronized byte @Nullable [] loadedDigest() {
		return this.redis.loadedDigest;
	}

	/**
	 * Takes what was read anew, since another request may have changed it before this one
	 * had the lock. What was changed here and is not yet saved stays.
	 */
	public synchronized void refresh(SessionRecord session) {
		this.attributes.refresh(session);
		boolean intervalChanged = isIntervalChanged();
		if (this.redis.secret != null
				&& !Arrays.equals(SessionHeader.digest(this.redis.secret), session.header().digest())) {
			// Found by its handle, and another request has changed its id
			this.secret = this.redis.secret.equals(this.secret) ? null : this.secret;
			this.redis.secret = null;
			maskIds();
		}
		this.redis.refresh(session, this.rules.now().minus(session.age()));
		if (!intervalChanged) {
			this.maxInactiveInterval = this.redis.interval;
		}
	}

	/** Whether Redis has it. */
	public synchronized boolean isStored() {
		return this.redis.present;
	}

	/** Whether it is named by its id rather than by its alias. */
	public synchronized boolean isIdKnown() {
		return this.secret != null;
	}

	public synchronized boolean isReadable() {
		return this.attributes.areReadable();
	}

	/**
	 * Whether a client that sends the id means this session: the id that it has, or had
	 * before it is saved.
	 */
	public synchronized boolean isKnownBy(String secret) {
		return secret.equals(this.secret) || secret.equals(this.redis.secret);
	}

	/** Whether the last save was refused because of what the session holds. */
	public synchronized boolean isRefused() {
		return this.indexesRefused || this.attributes.areRefused();
	}

	/**
	 * Leaves what the last save has refused out of the following saves of the request, so
	 * that the request fails once because of it and its error page can be rendered.
	 */
	public synchronized void leaveOutRefused() {
		this.attributes.leaveOutRefused();
		this.indexesLeftOut |= this.indexesRefused;
	}

	boolean isIntervalChanged() {
		return !this.maxInactiveInterval.equals(this.redis.interval);
	}

	boolean isIdChanged() {
		return this.secret != null && !this.secret.equals(this.redis.secret);
	}

	/** Whether there is anything to save, beside attributes. */
	boolean isChanged() {
		return isIdChanged() || isIntervalChanged() || this.accessed || isBackdated();
	}

	/** Whether a save gives a session that is stored another id. */
	public synchronized boolean changesId(PendingSave save) {
		return save.change() != null && !Arrays.equals(save.digest(), this.redis.digest);
	}

	/** Takes what was written for the state in Redis. */
	public synchronized void saved(PendingSave save) {
		this.attributes.saved(save.changes(), save.values(), save.seal());
		this.redis.saved(save);
		// An access since then is still to be saved
		this.accessed = this.accessed && !this.lastAccessedTime.equals(save.lastAccess());
		maskIds();
	}

	/**
	 * Takes a change of id back that was refused, so that no client is sent an id that
	 * opens nothing.
	 */
	public synchronized void refused() {
		this.secret = this.redis.secret;
		maskIds();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof StoredSession session && this.handle.equals(session.handle));
	}

	@Override
	public int hashCode() {
		return this.handle.hashCode();
	}

	/** Returns the handle, which may appear in logs. */
	@Override
	public String toString() {
		return this.handle;
	}

}
