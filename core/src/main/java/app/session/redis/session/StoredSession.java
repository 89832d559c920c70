package app.session.redis.session;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.SessionId;
import app.session.redis.codec.SessionIdMask;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.lock.HeldLock;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.SessionAttributes.Attribute;
import app.session.redis.session.SessionAttributes.Changes;
import app.session.redis.session.SessionAttributes.SealedValue;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.Compensations.Compensation;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.Session;

/**
 * A session that is kept in Redis. Safe for use by several threads. Changes reach Redis
 * with {@link AtomicRedisSessionRepository#save}.
 */
public final class StoredSession implements Session {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private static final Duration NEVER = Duration.ofSeconds(-1);

	private final AtomicRedisSessionRepository repository;

	private final String handle;

	private final SessionAttributes attributes;

	private Instant creationTime;

	/** The secret of the id; null where the session is named by its alias. */
	private @Nullable String secret;

	/** The secret that events of the session's end name it by, where it is known. */
	private @Nullable String eventSecret;

	private boolean ended;

	private @Nullable String alias;

	/** The secret as it is in Redis. */
	private @Nullable String storedSecret;

	/**
	 * The digest under which the session was loaded; null for one that is new or was
	 * found by its handle.
	 */
	private byte @Nullable [] loadedDigest;

	/** The digest of the id in Redis. */
	private byte[] storedDigest;

	private SessionSeal seal;

	/** The field of the seal as it is in Redis; null when the session has none there. */
	private byte @Nullable [] sealField;

	/** When the session ends however active it is, where the seal proves it. */
	private @Nullable Instant deadline;

	/** What was read, until its index entries are asked for: few requests do. */
	private @Nullable SessionRecord record;

	private Set<IndexEntry> entries = Set.of();

	private Duration storedInterval;

	private Duration maxInactiveInterval;

	private Instant lastAccessedTime;

	/** Whether reading the session, or making it, was already noted as an access. */
	private final boolean accessNoted;

	private boolean accessed;

	/** The last access as Redis has it, by the clock of this node. */
	private Instant storedAccess;

	/** The last access with the one of the request that has read the session. */
	private Instant latestAccess;

	/** The idle timeout until the client's second request, where it is another one. */
	private @Nullable Duration firstTimeout;

	/** When the session ends however active it is, as far as is known here. */
	private @Nullable Instant end;

	private boolean stored;

	/**
	 * Reads the session of another node's event when a listener first asks for what it
	 * holds; null for others, and afterwards.
	 */
	private @Nullable Supplier<@Nullable SessionRecord> content;

	private boolean temporary;

	/** Whether the last save was refused because its index entries can't be told. */
	private boolean indexesRefused;

	/** Whether the request has failed because its index entries can't be told. */
	private boolean indexesLeftOut;

	/** Whether it was made for a crawler. */
	private final boolean bot;

	/** The lock of the request that it belongs to, if that has one. */
	private @Nullable HeldLock lock;

	private final Lock saving = new ReentrantLock();

	/** Undoes the last save, of which Redis may have applied it without a reply. */
	private @Nullable Compensation<?> compensation;

	/** Makes a new session. */
	public StoredSession(AtomicRedisSessionRepository repository, SessionAttributes attributes, SessionSeal seal,
			SessionId id, Instant now, Duration maxInactiveInterval, boolean bot) {
		this.repository = repository;
		this.attributes = attributes;
		this.seal = seal;
		this.storedDigest = SessionHeader.digest(id.secret());
		this.handle = id.handle();
		this.secret = id.secret();
		this.storedSecret = id.secret();
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.storedAccess = now;
		this.latestAccess = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.storedInterval = maxInactiveInterval;
		this.accessNoted = true;
		this.bot = bot;
		maskIds();
	}

	/** Makes a session of what was read. */
	public StoredSession(AtomicRedisSessionRepository repository, SessionAttributes attributes, SessionRecord session,
			@Nullable String secret, boolean byId, boolean accessNoted, Instant now) {
		this.repository = repository;
		this.attributes = attributes;
		this.handle = session.handle();
		this.secret = secret;
		this.storedSecret = secret;
		this.eventSecret = session.secret();
		this.loadedDigest = byId ? session.header().digest() : null;
		this.creationTime = session.header().created();
		this.lastAccessedTime = now.minus(session.age());
		this.storedAccess = this.lastAccessedTime;
		this.firstTimeout = firstTimeout(session);
		this.latestAccess = (accessNoted && repository.isTouchDue(session.age(), session.header().idleTimeout())) ? now
				: this.lastAccessedTime;
		this.end = session.header().deadline();
		this.maxInactiveInterval = normalize(session.header().lastingIdleTimeout());
		this.storedInterval = this.maxInactiveInterval;
		this.accessNoted = accessNoted;
		this.stored = true;
		this.bot = false;
		this.storedDigest = session.header().digest();
		this.seal = session.seal();
		this.sealField = session.sealField();
		this.deadline = session.header().deadline();
		this.record = session;
		attributes.load(session);
		maskIds();
	}

	/** Makes the session of another node's event, which is read when it is needed. */
	public StoredSession(AtomicRedisSessionRepository repository, SessionAttributes attributes, String handle,
			@Nullable String secret, Instant now, Duration maxInactiveInterval,
			Supplier<@Nullable SessionRecord> content) {
		this.repository = repository;
		this.attributes = attributes;
		this.handle = handle;
		this.secret = secret;
		this.storedSecret = secret;
		this.storedDigest = new byte[0];
		this.seal = SessionSeal.none(handle);
		this.creationTime = now;
		this.lastAccessedTime = now;
		this.storedAccess = now;
		this.latestAccess = now;
		this.maxInactiveInterval = maxInactiveInterval;
		this.storedInterval = maxInactiveInterval;
		this.accessNoted = true;
		this.stored = true;
		this.bot = false;
		this.content = content;
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
			this.lastAccessedTime = this.repository.now().minus(session.age());
			this.storedAccess = this.lastAccessedTime;
			refresh(session);
		}
	}

	/** Keeps the ids by which the session is known out of what is written. */
	private void maskIds() {
		List<SessionIdMask> masks = (this.secret != null) ? List.of(new SessionIdMask(this.handle, this.secret))
				: List.of();
		if (this.storedSecret != null && this.secret != null && !this.storedSecret.equals(this.secret)) {
			masks = List.of(masks.get(0), new SessionIdMask(this.handle, this.storedSecret));
		}
		this.attributes.setIds(masks);
	}

	private static @Nullable Duration firstTimeout(SessionRecord session) {
		return (session.header().laterIdleTimeout() != null) ? session.header().idleTimeout() : null;
	}

	private static Duration normalize(Duration interval) {
		return (interval.isZero() || interval.isNegative()) ? NEVER : interval;
	}

	/**
	 * The handle: the session's name in Redis, in logs, in events and in answers. It
	 * never changes, and is no cookie.
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
			this.alias = this.repository.names().alias(this.handle);
		}
		return this.alias;
	}

	/** Whether an id with this secret is the session's, in Redis or in this request. */
	public synchronized boolean hasId(String secret) {
		return isKnownBy(secret) || MessageDigest.isEqual(SessionHeader.digest(secret), this.storedDigest);
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
		this.repository.requireLasting(this);
		String id;
		synchronized (this) {
			this.secret = this.repository.newSecret();
			if (this.stored) {
				this.repository.newId(this.handle, this.secret);
			}
			maskIds();
			id = getId();
		}
		flushIfImmediate();
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
			flushIfImmediate();
			return;
		}
		Attribute before;
		synchronized (this) {
			read();
			before = this.attributes.set(attributeName, attributeValue);
		}
		try {
			flushIfImmediate();
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
		if (!this.accessNoted && this.repository.isTouchDue(Duration.between(this.lastAccessedTime, lastAccessedTime),
				this.maxInactiveInterval)) {
			this.accessed = true;
		}
		this.lastAccessedTime = lastAccessedTime;
	}

	/** Whether the application has set the last access back. */
	public synchronized boolean isBackdated() {
		return this.lastAccessedTime.isBefore(this.storedAccess.truncatedTo(ChronoUnit.MILLIS));
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
			this.maxInactiveInterval = normalize(this.repository.bounded(interval));
		}
		flushIfImmediate();
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
				&& !this.repository.now().isBefore(this.lastAccessedTime.plus(this.maxInactiveInterval));
	}

	/**
	 * Returns whether the session was not accessed for longer than its idle timeout, as
	 * far as is known here: other requests may have accessed it.
	 */
	public synchronized boolean isIdleTooLong() {
		Duration timeout = (this.firstTimeout != null) ? normalize(this.firstTimeout) : this.storedInterval;
		return !timeout.isNegative() && !this.repository.now().isBefore(this.latestAccess.plus(timeout));
	}

	/** Returns whether the session has lived for as long as it may. */
	public synchronized boolean isPastDeadline() {
		return this.end != null && !this.repository.now().isBefore(this.end);
	}

	private void flushIfImmediate() {
		if (this.repository.getFlushMode() == FlushMode.IMMEDIATE) {
			this.repository.save(this);
		}
	}

	/**
	 * Held while a save is on its way, so that another thread of the request begins its
	 * own from what Redis has by then.
	 */
	public Lock saving() {
		return this.saving;
	}

	/** Sets what undoes a save that got no reply. */
	public synchronized void compensation(Compensation<?> compensation) {
		this.compensation = compensation;
	}

	/** Returns what must have undone the last save before the next one; or null. */
	public synchronized @Nullable Compensation<?> takeCompensation() {
		Compensation<?> taken = this.compensation;
		this.compensation = null;
		return taken;
	}

	/** The lock without which saves of this session are refused; null for none. */
	public synchronized @Nullable HeldLock lock() {
		return this.lock;
	}

	/** Ties the session to a lock, so that any thread saves it under that. */
	public synchronized void lock(@Nullable HeldLock lock) {
		if (lock != null) {
			this.lock = lock;
		}
	}

	/** The digest under which the session was loaded; null when by its handle. */
	public synchronized byte @Nullable [] loadedDigest() {
		return this.loadedDigest;
	}

	/**
	 * Takes what was read anew, since another request may have changed it before this one
	 * had the lock. What was changed here and is not yet saved stays.
	 */
	public synchronized void refresh(SessionRecord session) {
		this.attributes.refresh(session);
		Duration interval = normalize(session.header().lastingIdleTimeout());
		if (this.maxInactiveInterval.equals(this.storedInterval)) {
			this.maxInactiveInterval = interval;
		}
		this.storedInterval = interval;
		if (this.storedSecret != null
				&& !Arrays.equals(SessionHeader.digest(this.storedSecret), session.header().digest())) {
			// Found by its handle, and another request has changed its id
			this.secret = this.storedSecret.equals(this.secret) ? null : this.secret;
			this.storedSecret = null;
			maskIds();
		}
		this.storedDigest = session.header().digest();
		this.seal = session.seal();
		this.sealField = session.sealField();
		this.deadline = session.header().deadline();
		this.end = this.deadline;
		this.firstTimeout = firstTimeout(session);
		Instant access = this.repository.now().minus(session.age());
		this.latestAccess = access.isAfter(this.latestAccess) ? access : this.latestAccess;
		this.record = session;
	}

	/** Whether Redis has it. */
	public synchronized boolean isStored() {
		return this.stored;
	}

	/** Makes it one of this request only: Redis can't be asked. */
	public synchronized void becomeTemporary() {
		this.temporary = true;
	}

	/** Whether it is of this request only, and never saved. */
	public synchronized boolean isTemporary() {
		return this.temporary;
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
		return secret.equals(this.secret) || secret.equals(this.storedSecret);
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

	/**
	 * What a save has to write, all of it as of one moment; null for nothing.
	 * @param leaveOut whether to leave out what has failed the request before
	 * @throws IllegalArgumentException if the value of an attribute can't be stored
	 */
	public synchronized @Nullable PendingSave pendingSave(SessionIndexes indexes, boolean inPlace, boolean leaveOut,
			SessionSettings settings, SessionSeals seals) {
		this.indexesRefused = false;
		Changes changes = this.attributes.changes(inPlace, leaveOut);
		Set<IndexEntry> entries = null;
		if (!this.stored || (!changes.isEmpty() && changes.names().anyMatch(indexes::dependOn))
				|| (isChanged(changes) && areOutdated(indexes))) {
			entries = resolve(indexes, changes, leaveOut);
			if (this.attributes.hasUnknown(indexes::isIndexed)) {
				keepUnresolved(entries, indexes);
			}
		}
		if (!this.stored) {
			return create(changes, settings, entries, seals);
		}
		Set<String> changed = (entries != null) ? changedIndexes(changes, entries, indexes) : Set.of();
		return isChanged(changes) ? change(changes, changed, entries, indexes, settings, seals) : null;
	}

	/**
	 * Resolves the index entries. The application's own resolver may throw anything: then
	 * the attributes are refused that are known to be indexed, since a session must be
	 * found under the principal that it has.
	 */
	private Set<IndexEntry> resolve(SessionIndexes indexes, Changes changes, boolean leaveOut) {
		try {
			return indexes.requireFew(
					leaveOut ? this.attributes.withoutLeftOut(() -> indexes.resolve(this)) : indexes.resolve(this));
		}
		catch (RuntimeException ex) {
			if (leaveOut && this.indexesLeftOut) {
				return new LinkedHashSet<>(entries());
			}
			this.indexesRefused = true;
			this.attributes.refuse(changes, indexes::isIndexed);
			throw ex;
		}
	}

	/**
	 * The indexes whose entries a save replaces: those that are other than before, and
	 * those of attributes that it writes though they seem unchanged, since another's save
	 * may have replaced them meanwhile.
	 */
	private Set<String> changedIndexes(Changes changes, Set<IndexEntry> entries, SessionIndexes indexes) {
		Set<String> changed = new LinkedHashSet<>();
		changes.names().map(indexes::index).filter(Objects::nonNull).forEach(changed::add);
		entries().stream().filter((entry) -> !entries.contains(entry)).map(IndexEntry::name).forEach(changed::add);
		entries.stream().filter((entry) -> !entries().contains(entry)).map(IndexEntry::name).forEach(changed::add);
		return changed;
	}

	/** What of an index a save adds to the session that it didn't have. */
	public synchronized Set<IndexEntry> gained(PendingSave save, String index) {
		if (save.entries() == null) {
			return Set.of();
		}
		return save.entries()
			.stream()
			.filter((entry) -> entry.name().equals(index) && !entries().contains(entry))
			.collect(Collectors.toSet());
	}

	/**
	 * Whether the session's own attributes confirm an index entry. Whoever can write to
	 * Redis can add the session to any index, but can't change what it holds. An
	 * attribute that is authentic but can't be deserialized here is taken to confirm its
	 * entries.
	 */
	public synchronized boolean confirms(SessionIndexes indexes, IndexEntry entry) {
		try {
			if (indexes.resolve(this).contains(entry)) {
				return true;
			}
		}
		catch (UnreadableValueException ex) {
			logger.debug("An index entry is taken as it is, because an attribute can't be read", ex);
		}
		return this.attributes.hasUndeserializable((name) -> entry.name().equals(indexes.index(name)));
	}

	/** Under what the session can be found in Redis, as far as is known here. */
	private Set<IndexEntry> entries() {
		if (this.record != null) {
			this.entries = this.record.entries();
			this.record = null;
		}
		return this.entries;
	}

	/**
	 * Whether the session is found by entries of another form than the one that is
	 * written, as after encryption was switched on. Whatever save comes next moves them.
	 */
	private boolean areOutdated(SessionIndexes indexes) {
		return indexes.values().mayDiffer() && !indexes.values().areCurrent(entries());
	}

	/** What can't be read here still tells under what the session is to be found. */
	private void keepUnresolved(Set<IndexEntry> entries, SessionIndexes indexes) {
		Set<String> resolved = entries.stream().map(IndexEntry::name).collect(Collectors.toSet());
		entries().stream()
			.filter((entry) -> !resolved.contains(entry.name()))
			// In a sealed session one in plain text was not written by this application
			.filter((entry) -> !this.seal.isSealed() || indexes.values().areCurrent(Set.of(entry))
					|| IndexValues.original(entry) == null)
			.map(indexes.values()::renew)
			.forEach(entries::add);
	}

	private PendingSave create(Changes changes, SessionSettings settings, @Nullable Set<IndexEntry> entries,
			SessionSeals seals) {
		String secret = requireSecret();
		Duration first = settings.lifetimes().first(this.bot, this.maxInactiveInterval);
		Duration absolute = settings.lifetimes().absolute();
		// The seal proves the deadline, so it can't be computed by the script
		Instant end = (this.seal.isSealed() && !absolute.isZero())
				? this.repository.now().plus(absolute).truncatedTo(ChronoUnit.MILLIS) : null;
		SessionHeader header = new SessionHeader(SessionHeader.digest(secret), this.creationTime,
				(first != null) ? first : this.maxInactiveInterval, settings.grace(), end,
				(first != null) ? this.maxInactiveInterval : null);
		NewSession session = new NewSession(this.handle, header, absolute, (entries != null) ? entries : Set.of(),
				settings.protectIds() ? null : secret);
		Map<String, SealedValue> values = this.attributes.seal(changes, this.seal);
		values.forEach((name, value) -> session.write(name, value.sealed()));
		byte[] field = this.seal.isSealed() ? seals.field(this.seal, header.proven()) : null;
		if (field != null) {
			session.seal(field);
		}
		this.deadline = end;
		this.firstTimeout = first;
		this.end = absolute.isZero() ? null : this.repository.now().plus(absolute);
		return new PendingSave(changes, values, session, null, entries, secret, this.maxInactiveInterval,
				header.digest(), this.seal, field);
	}

	private String requireSecret() {
		if (this.secret == null) {
			throw new IllegalStateException("The id of session " + this.handle + " is not known here");
		}
		return this.secret;
	}

	private PendingSave change(Changes changes, Set<String> changedIndexes, @Nullable Set<IndexEntry> entries,
			SessionIndexes indexes, SessionSettings settings, SessionSeals seals) {
		boolean idChanged = isIdChanged();
		boolean intervalChanged = isIntervalChanged();
		boolean backdated = isBackdated();
		SessionChange change = new SessionChange(this.handle, this.loadedDigest);
		byte[] digest = this.storedDigest;
		if (idChanged) {
			String secret = requireSecret();
			digest = SessionHeader.digest(secret);
			change.changeId(digest, settings.protectIds() ? null : secret);
		}
		Duration age = Duration.between(this.lastAccessedTime, this.repository.now());
		if (backdated) {
			change.backdateAccess(age);
			if (!this.maxInactiveInterval.isNegative()) {
				Duration left = this.maxInactiveInterval.minus(age);
				// Zero means for ever
				Duration due = left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left;
				change.changeIdleTimeout(this.maxInactiveInterval, due, entries());
			}
		}
		else if (intervalChanged) {
			change.changeIdleTimeout(this.maxInactiveInterval, sooner(this.storedInterval, this.maxInactiveInterval),
					entries());
		}
		if (this.accessed && !backdated) {
			change.access(age.isNegative() ? Duration.ZERO : age);
		}
		if (entries != null && !changedIndexes.isEmpty()) {
			change.index(changedIndexes,
					entries.stream()
						.filter((entry) -> changedIndexes.contains(entry.name()))
						.collect(Collectors.toCollection(LinkedHashSet::new)),
					this.maxInactiveInterval);
		}
		if (seals.hasKeys()) {
			change.expectSeal(this.sealField);
		}
		boolean sealAnew = this.seal.isSealed() ? idChanged || changesPrincipal(changes, entries, indexes)
				: seals.areWritten();
		// A new epoch, so that nothing of the id or the principal before is accepted
		SessionSeal newSeal = sealAnew ? seals.renew(this.seal) : this.seal;
		Map<String, SealedValue> values = this.attributes.seal(changes, newSeal);
		values.forEach((name, value) -> change.write(name, value.sealed()));
		byte[] field = this.sealField;
		if (newSeal != this.seal) {
			change.expectAttributes(this.attributes.stored());
			field = seals.field(newSeal, new SessionSeals.Header(digest, this.creationTime, this.deadline));
			change.seal(field);
		}
		changes.removed().forEach(change::remove);
		return new PendingSave(changes, values, null, change, entries, this.secret, this.maxInactiveInterval, digest,
				newSeal, field);
	}

	/**
	 * Whether a save changes who is logged in, or what they may do. The entries in Redis
	 * are not proven, so that they can't tell alone.
	 */
	private boolean changesPrincipal(Changes changes, @Nullable Set<IndexEntry> entries, SessionIndexes indexes) {
		return this.attributes.changesContent(changes,
				(name) -> FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME.equals(indexes.index(name)))
				|| (entries != null && changes.names().anyMatch(indexes::dependOn)
						&& !principals(entries).equals(principals(entries())));
	}

	private static Set<IndexEntry> principals(Set<IndexEntry> entries) {
		return entries.stream()
			.filter((entry) -> entry.name().equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME))
			.collect(Collectors.toSet());
	}

	private boolean isChanged(Changes changes) {
		return !changes.isEmpty() || isIdChanged() || isIntervalChanged() || this.accessed || isBackdated();
	}

	private boolean isIntervalChanged() {
		return !this.maxInactiveInterval.equals(this.storedInterval);
	}

	private boolean isIdChanged() {
		return this.secret != null && !this.secret.equals(this.storedSecret);
	}

	/**
	 * Returns the change that undoes a save if Redis has applied it, under whose new id
	 * it must find the session: everything that the save writes becomes what it was.
	 * @return the change; null for a save that doesn't change the id
	 */
	public synchronized @Nullable SessionChange inverse(PendingSave save, boolean protectIds) {
		if (!changesId(save)) {
			return null;
		}
		SessionChange inverse = new SessionChange(this.handle, save.digest());
		String secret = (this.storedSecret != null) ? this.storedSecret : this.eventSecret;
		inverse.changeId(this.storedDigest, protectIds ? null : secret);
		Map<String, byte[]> before = this.attributes.stored();
		Stream.concat(save.values().keySet().stream(), save.changes().removed().stream()).distinct().forEach((name) -> {
			byte[] stored = before.get(name);
			if (stored != null) {
				inverse.write(name, stored);
			}
			else {
				inverse.remove(name);
			}
		});
		if (!save.interval().equals(this.storedInterval)) {
			inverse.changeIdleTimeout(this.storedInterval, sooner(save.interval(), this.storedInterval), entries());
		}
		SessionChange change = save.change();
		if (change != null && !change.indexes().isEmpty()) {
			inverse.index(change.indexes(),
					entries().stream()
						.filter((entry) -> change.indexes().contains(entry.name()))
						.collect(Collectors.toCollection(LinkedHashSet::new)),
					this.storedInterval);
		}
		if (save.seal() != this.seal) {
			inverse.expectSeal(save.sealField());
			if (this.sealField != null) {
				inverse.seal(this.sealField);
			}
			else {
				inverse.unseal();
			}
		}
		return inverse;
	}

	/** Whether a save gives a session that is stored another id. */
	public synchronized boolean changesId(PendingSave save) {
		return save.change() != null && !Arrays.equals(save.digest(), this.storedDigest);
	}

	/** The new idle timeout if it ends the session earlier than the old one; or null. */
	private static @Nullable Duration sooner(Duration before, Duration after) {
		return (!after.isNegative() && (before.isNegative() || after.compareTo(before) < 0)) ? after : null;
	}

	/** Takes what was written for the state in Redis. */
	public synchronized void saved(PendingSave save) {
		this.attributes.saved(save.changes(), save.values(), save.seal());
		String secret = save.secret();
		if (secret != null && (!this.stored || (this.loadedDigest != null && !secret.equals(this.storedSecret)))) {
			this.loadedDigest = save.digest();
		}
		this.storedSecret = secret;
		this.storedDigest = save.digest();
		this.storedInterval = save.interval();
		this.seal = save.seal();
		this.sealField = save.sealField();
		if (save.entries() != null) {
			this.record = null;
			this.entries = save.entries();
		}
		if (save.change() != null) {
			this.storedAccess = this.lastAccessedTime;
			if (save.change().isAccess()) {
				this.latestAccess = this.lastAccessedTime;
				this.firstTimeout = null;
			}
		}
		this.accessed = false;
		this.stored = true;
		maskIds();
	}

	/**
	 * Takes a change of id back that was refused, so that no client is sent an id that
	 * opens nothing.
	 */
	public synchronized void refused() {
		this.secret = this.storedSecret;
		maskIds();
	}

	/** The seal of the session as it is in Redis. */
	synchronized SessionSeal seal() {
		return this.seal;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof StoredSession session && this.handle.equals(session.handle));
	}

	@Override
	public int hashCode() {
		return this.handle.hashCode();
	}

	/** Names the session by its handle, which is no secret. */
	@Override
	public String toString() {
		return this.handle;
	}

	/**
	 * What a save writes.
	 *
	 * @param changes what has changed of the attributes
	 * @param values the attributes that are written
	 * @param creation the session, when it is new
	 * @param change what has changed of it, when it is not
	 * @param entries its index entries, when they may have changed
	 * @param secret the secret of its id
	 * @param interval its idle timeout
	 * @param digest the digest of its id
	 * @param seal its seal
	 * @param sealField the field of the seal; null when the session is not sealed
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	public record PendingSave(Changes changes, Map<String, SealedValue> values, @Nullable NewSession creation,
			@Nullable SessionChange change, @Nullable Set<IndexEntry> entries, @Nullable String secret,
			Duration interval, byte[] digest, SessionSeal seal, byte @Nullable [] sealField) {
	}

}
