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
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;

/**
 * A session that is stored in Redis. Safe for use by several threads. Changes are written
 * to Redis when the session is saved. {@link PendingSaves} reads the fields that are not
 * private while it holds the session's monitor.
 */
public final class StoredSession implements Session {

	final SessionRules rules;

	/** Called after each change; null if changes are written by the next save. */
	private volatile @Nullable ChangeListener changeListener;

	final String handle;

	final SessionAttributes attributes;

	Instant creationTime;

	/** The secret of the id; null if only the alias is known. */
	@Nullable String secret;

	/** The secret of the id in events of the session's end, if it is known. */
	@Nullable String eventSecret;

	private boolean ended;

	private @Nullable String alias;

	/** The id that was returned last, because each request asks for it several times. */
	private @Nullable String lastId;

	final StoredState redis;

	Duration maxInactiveInterval;

	Instant lastAccessedTime;

	/** Whether reading or creating the session was already recorded as an access. */
	private final boolean accessRecorded;

	boolean accessed;

	/**
	 * Whether there was an access that is only recorded together with the next change,
	 * because this is a trusted copy.
	 */
	boolean accessNoted;

	/** Whether this is a copy that was used without asking Redis. */
	private boolean trusted;

	/**
	 * Reads the session of another node's event when a listener first accesses its
	 * content; null for other sessions, and afterwards.
	 */
	private @Nullable Supplier<@Nullable SessionRecord> content;

	/**
	 * Whether the last save was refused because its index entries couldn't be resolved.
	 */
	boolean indexesRefused;

	/** Whether the request has failed because its index entries couldn't be resolved. */
	boolean indexesLeftOut;

	/** Whether the session was created for a crawler. */
	final boolean bot;

	private final SaveState saving = new SaveState();

	private final boolean fromOtherNode;

	/** Creates a new session. */
	StoredSession(SessionRules rules, SessionAttributes attributes, SessionSeal seal, SessionId id, Instant now,
			Duration maxInactiveInterval, boolean bot) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = id.handle();
		this.secret = id.secret();
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.accessRecorded = true;
		this.bot = bot;
		this.fromOtherNode = false;
		this.redis = new StoredState(seal, id.secret(), SessionHeader.digest(id.secret()), maxInactiveInterval, now);
		maskIds();
	}

	/** Creates the session of a record that was read. */
	StoredSession(SessionRules rules, SessionAttributes attributes, SessionRecord session, @Nullable String secret,
			boolean byId, boolean accessRecorded, Instant now) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = session.handle();
		this.secret = secret;
		this.eventSecret = session.secret();
		this.creationTime = session.header().created();
		this.lastAccessedTime = now.minus(session.age());
		this.accessRecorded = accessRecorded;
		this.trusted = session.isTrusted();
		this.bot = false;
		this.fromOtherNode = false;
		boolean touched = accessRecorded && rules.isTouchDue(session.age(), session.header().idleTimeout());
		this.redis = new StoredState(session, secret, byId, this.lastAccessedTime,
				touched ? now : this.lastAccessedTime);
		this.maxInactiveInterval = this.redis.interval;
		attributes.load(session.content());
		maskIds();
	}

	/** Creates the session of another node's event, whose content is read on demand. */
	StoredSession(SessionRules rules, SessionAttributes attributes, String handle, @Nullable String secret, Instant now,
			Duration maxInactiveInterval, Supplier<@Nullable SessionRecord> content) {
		this.rules = rules;
		this.attributes = attributes;
		this.handle = handle;
		this.secret = secret;
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.accessRecorded = true;
		this.bot = false;
		this.fromOtherNode = true;
		this.content = content;
		this.redis = new StoredState(SessionSeal.none(handle), secret, new byte[0], maxInactiveInterval, now);
		this.redis.present = true;
		// It keeps this id even if another node has changed the id
		ended(secret);
		maskIds();
	}

	/**
	 * Reads the session of another node's event. If it is gone, the session has no
	 * attributes.
	 */
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

	/** Masks the known ids of the session in values that are written. */
	void maskIds() {
		List<SessionIdMask> masks = (this.secret != null) ? List.of(new SessionIdMask(this.handle, this.secret))
				: List.of();
		if (this.redis.secret != null && this.secret != null && !this.redis.secret.equals(this.secret)) {
			masks = List.of(masks.get(0), new SessionIdMask(this.handle, this.redis.secret));
		}
		this.attributes.setIds(masks);
	}

	/**
	 * Returns the handle, which identifies the session in Redis, logs and events, and for
	 * operators. It never changes, and gives no access to the session.
	 * @return the handle
	 */
	public String getHandle() {
		return this.handle;
	}

	/**
	 * Returns the id, if the session was newly created, was found by its id, or belongs
	 * to the current request's client. Otherwise returns an alias of the same length,
	 * which is the same on every node and which the repository accepts in place of the
	 * id. An alias begins with {@code !} and gives no access to the session.
	 */
	@Override
	public synchronized String getId() {
		String secret = (this.secret == null && this.ended) ? this.eventSecret : this.secret;
		if (secret != null) {
			String last = this.lastId;
			if (last == null || last.length() != this.handle.length() + secret.length() || !last.endsWith(secret)) {
				last = this.handle + secret;
				this.lastId = last;
			}
			return last;
		}
		if (this.alias == null) {
			this.alias = this.rules.alias(this.handle);
		}
		return this.alias;
	}

	/**
	 * Returns whether a secret is that of the id in Redis or in this request.
	 * @param secret the secret of the id
	 * @return whether a secret is that of the id in Redis or in this request
	 */
	public synchronized boolean hasId(String secret) {
		return isKnownBy(secret) || MessageDigest.isEqual(SessionHeader.digest(secret), this.redis.digest);
	}

	/**
	 * Marks the session as ended. If its id is unknown, {@link #getId()} then returns the
	 * last known id, which registries on this node use.
	 * @param lastSecret the secret of the last known id, or null
	 */
	public synchronized void ended(@Nullable String lastSecret) {
		this.ended = true;
		if (this.eventSecret == null) {
			this.eventSecret = lastSecret;
		}
	}

	/**
	 * Generates a new id. The handle and therefore the key in Redis stay the same; the
	 * old id becomes invalid when the session is saved.
	 */
	@Override
	public String changeSessionId() {
		this.saving.requireLasting();
		String id;
		synchronized (this) {
			this.secret = this.rules.newSecret();
			if (this.redis.present) {
				this.rules.idAssigned(this.handle, this.secret);
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
	 * Sets an attribute, or removes it if the value is null. A value that can't be stored
	 * is refused by the save; if changes are written immediately, it is refused here and
	 * the session keeps the previous value.
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
				this.attributes.undoIfRefused(attributeName, attributeValue, before);
			}
			throw ex;
		}
	}

	/**
	 * Sets an attribute during a save, without notifying the listener of changes.
	 * @param attributeName the name of the attribute
	 * @param attributeValue its value
	 */
	public synchronized void setDuringSave(String attributeName, Object attributeValue) {
		this.attributes.set(attributeName, attributeValue);
	}

	/**
	 * Returns false if the value of an attribute is certainly not an instance of a type.
	 * Doesn't deserialize the value.
	 * @param attributeName the name of the attribute
	 * @param type the type
	 * @return false if the value of an attribute is certainly not an instance of a type
	 */
	public synchronized boolean mayBe(String attributeName, Class<?> type) {
		read();
		return this.attributes.mayBe(attributeName, type);
	}

	/**
	 * Returns whether reading an attribute has failed, because this node can't
	 * deserialize it.
	 * @param attributeName the name of the attribute
	 * @return whether the attribute is unreadable
	 */
	public synchronized boolean isUndeserializable(String attributeName) {
		read();
		return this.attributes.hasUndeserializable(attributeName::equals);
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
	 * Records an access. In a request of the session's client, the access was already
	 * recorded when the session was read, and this method sends no command. Otherwise it
	 * is a change that {@code save} writes as the time elapsed since the access, so that
	 * the nodes' clocks need not agree. A time before the last access replaces it in any
	 * request, and can end the session.
	 */
	@Override
	public synchronized void setLastAccessedTime(Instant lastAccessedTime) {
		read();
		if (this.trusted) {
			this.accessNoted = true;
		}
		else if (!this.accessRecorded && this.rules
			.isTouchDue(Duration.between(this.lastAccessedTime, lastAccessedTime), this.maxInactiveInterval)) {
			this.accessed = true;
		}
		this.lastAccessedTime = lastAccessedTime;
	}

	/**
	 * Returns whether the application has set the last access to an earlier time.
	 * @return whether the application has set the last access to an earlier time
	 */
	public synchronized boolean isBackdated() {
		return this.lastAccessedTime.isBefore(this.redis.access.truncatedTo(ChronoUnit.MILLIS));
	}

	@Override
	public synchronized Instant getLastAccessedTime() {
		read();
		return this.lastAccessedTime;
	}

	/**
	 * Sets the idle timeout, within the bounds of the repository. With zero or less, the
	 * session never expires, as in the servlet specification.
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
	 * far as this node knows: other requests may have accessed it.
	 * @return whether the session was not accessed for longer than its idle timeout, as
	 * far as this node knows
	 */
	public synchronized boolean isIdleTooLong() {
		return this.redis.isIdleTooLong(this.rules.now());
	}

	/**
	 * Returns whether the absolute timeout of the session has passed.
	 * @return whether the absolute timeout of the session has passed
	 */
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
	 * Returns the state that determines whether and when the session can be saved.
	 * @return the state that determines whether and when the session can be saved
	 */
	public SaveState saving() {
		return this.saving;
	}

	/**
	 * Returns the digest of the id by which the session was loaded; null if by handle.
	 * @return the digest of the id by which the session was loaded; null if by handle
	 */
	public synchronized byte @Nullable [] loadedDigest() {
		return this.redis.loadedDigest;
	}

	/**
	 * Refreshes the session from a newly read record, because another request may have
	 * changed it before this one acquired the lock. Unsaved changes are kept.
	 * @param session the session
	 */
	public synchronized void refresh(SessionRecord session) {
		this.attributes.refresh(session.content());
		this.trusted = session.isTrusted();
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

	/**
	 * Returns whether the session is stored in Redis.
	 * @return whether the session is stored in Redis
	 */
	public synchronized boolean isStored() {
		return this.redis.present;
	}

	/**
	 * Returns whether the id is known, and not only the alias.
	 * @return whether the id is known, and not only the alias
	 */
	public synchronized boolean isIdKnown() {
		return this.secret != null;
	}

	/**
	 * Returns whether all attributes can be read.
	 * @return whether all attributes can be read
	 */
	public synchronized boolean isReadable() {
		return this.attributes.areReadable();
	}

	/**
	 * Returns whether a secret is that of the current id, or of the stored one.
	 * @param secret the secret of the id
	 * @return whether a secret is that of the current id, or of the stored one
	 */
	public synchronized boolean isKnownBy(String secret) {
		return secret.equals(this.secret) || secret.equals(this.redis.secret);
	}

	/**
	 * Returns whether the last save was refused because of the session's content.
	 * @return whether the last save was refused because of the session's content
	 */
	public synchronized boolean isRefused() {
		return this.indexesRefused || this.attributes.areRefused();
	}

	/**
	 * Leaves the values that the last save has refused out of later saves of the request,
	 * so that the request fails only once because of them and its error page can be
	 * rendered.
	 */
	public synchronized void leaveOutRefused() {
		this.attributes.leaveOutRefused();
		this.indexesLeftOut |= this.indexesRefused;
	}

	/**
	 * Returns whether this is a copy that was used without asking Redis, and that wasn't
	 * saved since then.
	 * @return whether this is a copy that was used without asking Redis, and that wasn't
	 * saved since then
	 */
	public synchronized boolean isTrusted() {
		return this.trusted;
	}

	boolean isIntervalChanged() {
		return !this.maxInactiveInterval.equals(this.redis.interval);
	}

	boolean isIdChanged() {
		return this.secret != null && !this.secret.equals(this.redis.secret);
	}

	/** Returns whether there are changes to save other than attributes. */
	boolean isChanged() {
		return isIdChanged() || isIntervalChanged() || this.accessed || isBackdated();
	}

	/**
	 * Returns whether a save changes the id of a stored session.
	 * @param save the save
	 * @return whether a save changes the id of a stored session
	 */
	public synchronized boolean changesId(PendingSave save) {
		return save.change() != null && !Arrays.equals(save.digest(), this.redis.digest);
	}

	/**
	 * Updates the known state, and the content if it is known, after a save.
	 * @param save the save
	 * @param content the content of the session after the save, or null
	 */
	public synchronized void saved(PendingSave save, @Nullable SessionContent content) {
		this.attributes.saved(save.changes(), save.values(), save.seal(), content);
		this.redis.saved(save);
		// An access since then still has to be saved
		this.accessed = this.accessed && !this.lastAccessedTime.equals(save.lastAccess());
		this.accessNoted = false;
		this.trusted = false;
		maskIds();
	}

	/**
	 * Records that Redis has refused a save because the session has ended or got another
	 * id. Undoes a change of the id, so that no client receives an invalid id.
	 */
	public synchronized void refused() {
		this.saving.refused();
		this.secret = this.redis.secret;
		maskIds();
	}

	/**
	 * Returns whether this is the session of another node's event.
	 * @return whether this is the session of another node's event
	 */
	public boolean isFromOtherNode() {
		return this.fromOtherNode;
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
