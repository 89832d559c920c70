package app.session.redis.cache;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;

import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.NearCacheSettings;
import app.session.redis.store.SessionContent;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import org.jspecify.annotations.Nullable;

/**
 * The last known contents of sessions that this node has served, as they are stored. By
 * default, a copy is never used without asking Redis: a lookup sends its header, and the
 * script that checks the id and records the access also returns whether the session still
 * has that header, which contains a revision. So a copy can't be stale, whatever happened
 * to Redis or to other nodes' messages; it only saves the transfer of the content. If
 * this is configured, {@link Trust} determines for how long a validated copy is used
 * without asking again.
 *
 * <p>
 * Thread-safe. Threads that use the cache also maintain it.
 */
public final class NearCache {

	/** An entry takes at most this fraction of the cache. */
	private static final int MAX_SHARE = 16;

	/** The number of lookups that are remembered, a power of two. */
	private static final int REMEMBERED = 1 << 14;

	/** The approximate memory of a copy without its content, in bytes. */
	private static final int COPY_BYTES = 80;

	private final @Nullable Cache<String, CachedSession> copies;

	private final Trust trust;

	/**
	 * The hashes of handles that this node has looked up, each at the position that its
	 * last bits determine. Most short-lived sessions are looked up once; copying and
	 * removing them would cost more than it saves.
	 */
	private final AtomicIntegerArray lookedUp;

	private final long maxEntry;

	private final SessionCounts counts;

	/**
	 * Creates a cache.
	 * @param settings its settings
	 * @param counts counts hits, misses and evictions
	 */
	public NearCache(NearCacheSettings settings, SessionCounts counts) {
		this.maxEntry = settings.maxSize() / MAX_SHARE;
		this.counts = counts;
		this.lookedUp = new AtomicIntegerArray(settings.enabled() ? REMEMBERED : 0);
		this.copies = settings.enabled() ? create(settings.maxSize()) : null;
		this.trust = new Trust(settings.isTrusting() ? settings.maxAge() : Duration.ZERO, System::nanoTime);
		counts.nearCache(this::memory, this::size, this.trust::isActive);
	}

	private Cache<String, CachedSession> create(long maxSize) {
		return Caffeine.newBuilder()
			.maximumWeight(maxSize)
			.weigher((String handle, CachedSession copy) -> (int) Math.min(memory(copy.content()), Integer.MAX_VALUE))
			.evictionListener((handle, copy, cause) -> evicted(cause))
			.executor(Runnable::run)
			.build();
	}

	private void evicted(RemovalCause cause) {
		if (cause == RemovalCause.SIZE) {
			this.counts.increment(SessionCounter.NEAR_CACHE_EVICTED);
		}
	}

	private static long memory(SessionContent content) {
		return content.memory() + COPY_BYTES;
	}

	/**
	 * Returns the copy of a client's session.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent
	 * @return the copy, or null if there is none under this id
	 */
	public @Nullable CachedSession find(String handle, byte[] digest) {
		CachedSession copy = (this.copies != null) ? this.copies.getIfPresent(handle) : null;
		return (copy != null && MessageDigest.isEqual(digest, copy.content().header().digest())) ? copy : null;
	}

	/**
	 * Returns whether a copy has been validated, so that {@link #trust} may allow its
	 * use.
	 * @param copy the copy
	 * @return whether it has been validated
	 */
	public boolean isValidated(CachedSession copy) {
		return copy.validation() != null;
	}

	/**
	 * Returns whether a copy may be used without asking Redis, and counts the use.
	 * @param copy the copy
	 * @param access whether the use is an access to the session
	 * @return the time since the last access on this node; null if Redis must validate
	 * the copy
	 */
	public @Nullable Duration trust(CachedSession copy, boolean access) {
		Validation validation = copy.validation();
		if (validation == null) {
			return null;
		}
		long now = this.trust.now();
		if (!this.trust.holds(copy.content().handle(), validation, now)) {
			return null;
		}
		this.counts.increment(SessionCounter.NEAR_CACHE_TRUSTED);
		return copy.accessed(now, access);
	}

	/**
	 * Prepares the validation of a session by a lookup. Must be called before the lookup
	 * is sent.
	 * @param handle the session
	 * @return the validation, or null if copies are not trusted at present
	 */
	public @Nullable Validation prepare(String handle) {
		return this.trust.prepare(handle);
	}

	/**
	 * Records the result of a lookup.
	 * @param handle the session
	 * @param copy the copy that was compared, or null
	 * @param found the content that was found, or null
	 * @return whether a copy of the content should be kept: from the second lookup on
	 */
	public boolean read(String handle, @Nullable CachedSession copy, @Nullable SessionContent found) {
		if (this.copies == null) {
			return false;
		}
		if (copy == null) {
			this.counts.increment(SessionCounter.NEAR_CACHE_MISS);
			return found != null && isLookedUpAgain(handle);
		}
		if (copy.content() == found) {
			this.counts.increment(SessionCounter.NEAR_CACHE_HIT);
			return false;
		}
		this.counts.increment(SessionCounter.NEAR_CACHE_STALE);
		this.copies.asMap().remove(handle, copy);
		return found != null;
	}

	/**
	 * Records content that Redis has returned. If it isn't that of the copy, no copy of
	 * the session that was validated before is trusted, whether or not this content is
	 * kept.
	 * @param content the content
	 * @param validation the validation by the lookup, or null
	 * @return the validation, if it still holds
	 */
	public @Nullable Validation seen(SessionContent content, @Nullable Validation validation) {
		if (this.copies == null || !this.trust.isActive()) {
			return null;
		}
		CachedSession copy = this.copies.getIfPresent(content.handle());
		return (copy != null && copy.hasSameContent(content)) ? validation
				: this.trust.supersede(content.handle(), validation);
	}

	/**
	 * Records that Redis has found no session under an id, so that no copy that was
	 * validated before is trusted.
	 * @param handle the session
	 */
	public void missing(String handle) {
		this.trust.changed(handle);
	}

	/**
	 * Keeps a copy, unless it would take too much of the cache. If another lookup has
	 * just found other content, it isn't known which is newer, so the copy is not
	 * trusted: clients must not see a change and then the state before it.
	 * @param content the content
	 * @param validation the validation by the lookup; null if the copy must be validated
	 * before it is used
	 */
	public void put(SessionContent content, @Nullable Validation validation) {
		if (this.copies == null || memory(content) > this.maxEntry) {
			return;
		}
		CachedSession copy = new CachedSession(content, lasts(content) ? validation : null);
		if (copy.validation() == null) {
			this.copies.put(content.handle(), copy);
		}
		else {
			this.copies.asMap().merge(content.handle(), copy, CachedSession::latest);
		}
	}

	/**
	 * Extends the trust in a copy that a lookup has validated.
	 * @param copy the copy
	 * @param validation the validation by the lookup
	 */
	public void validated(CachedSession copy, Validation validation) {
		if (lasts(copy.content())) {
			copy.validate(validation);
		}
	}

	/**
	 * Returns whether a session lasts so long that it can't expire while it is trusted.
	 */
	private boolean lasts(SessionContent content) {
		return !this.trust.isShort(content.header().idleTimeout());
	}

	private boolean isLookedUpAgain(String handle) {
		int hash = handle.hashCode();
		return this.lookedUp.getAndSet(hash & (REMEMBERED - 1), hash) == hash;
	}

	/**
	 * Returns whether a content is the one of which there is a copy.
	 * @param content the content
	 * @return whether a save can change the copy
	 */
	public boolean holds(SessionContent content) {
		CachedSession copy = (this.copies != null) ? this.copies.getIfPresent(content.handle()) : null;
		return copy != null && copy.content() == content;
	}

	/**
	 * Replaces a copy after a save, unless it was replaced or removed meanwhile. The next
	 * lookup validates it.
	 * @param before the copy with which the session was compared by the save
	 * @param after the content after the save
	 */
	public void replace(SessionContent before, SessionContent after) {
		if (this.copies == null) {
			return;
		}
		this.trust.changed(before.handle());
		this.copies.asMap()
			.computeIfPresent(before.handle(), (handle, copy) -> (copy.content() != before) ? copy
					: (memory(after) <= this.maxEntry) ? new CachedSession(after, null) : null);
	}

	/**
	 * Removes the copy of a session that has changed in an unknown way or has ended.
	 * @param handle the session
	 */
	public void remove(String handle) {
		if (this.copies != null) {
			this.trust.changed(handle);
			this.copies.invalidate(handle);
		}
	}

	/**
	 * Records the message that a session has changed or ended, unless the copy already
	 * has the change.
	 * @param handle the session
	 * @param message the message
	 * @param offset the position of the new revision in the message
	 */
	void changed(String handle, byte[] message, int offset) {
		CachedSession copy = (this.copies != null) ? this.copies.getIfPresent(handle) : null;
		if (copy == null || !copy.content().hasRevision(message, offset)) {
			this.trust.changed(handle);
		}
	}

	/** Records that messages may be missed from now on. */
	void interrupted() {
		this.trust.interrupted();
	}

	/** Records that messages are received from now on. */
	void subscribed() {
		this.trust.subscribed();
	}

	/**
	 * Records whether this node's changes are published.
	 * @return whether this has changed
	 */
	boolean published(boolean published) {
		return this.trust.published(published);
	}

	/** Returns the approximate memory of the copies, in bytes. */
	long memory() {
		return (this.copies != null)
				? this.copies.policy().eviction().map((eviction) -> eviction.weightedSize().orElse(0)).orElse(0L) : 0;
	}

	/** Returns the approximate number of copies. */
	long size() {
		return (this.copies != null) ? this.copies.estimatedSize() : 0;
	}

}
