package app.session.redis.cache;

import java.security.MessageDigest;
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
 * The last known contents of sessions that this node has served, as they are stored. A
 * copy is never used without asking Redis: a lookup sends its header, and the script that
 * checks the id and records the access also tells whether the session still has that
 * header, which contains a revision. So a copy can't be stale, whatever happened to Redis
 * or to other nodes' messages; it only saves the transfer of the content.
 *
 * <p>
 * Thread-safe. Threads that use the cache also maintain it.
 */
public final class NearCache {

	/** An entry takes at most this fraction of the cache. */
	private static final int MAX_SHARE = 16;

	/** The number of lookups that are remembered, a power of two. */
	private static final int REMEMBERED = 1 << 14;

	private final @Nullable Cache<String, SessionContent> copies;

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
		counts.nearCache(this::memory, this::size);
	}

	private Cache<String, SessionContent> create(long maxSize) {
		return Caffeine.newBuilder()
			.maximumWeight(maxSize)
			.weigher((String handle, SessionContent content) -> (int) Math.min(content.memory(), Integer.MAX_VALUE))
			.evictionListener((handle, content, cause) -> evicted(cause))
			.executor(Runnable::run)
			.build();
	}

	private void evicted(RemovalCause cause) {
		if (cause == RemovalCause.SIZE) {
			this.counts.increment(SessionCounter.NEAR_CACHE_EVICTED);
		}
	}

	/**
	 * Returns the copy of a client's session.
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent
	 * @return the copy, or null if there is none under this id
	 */
	public @Nullable SessionContent find(String handle, byte[] digest) {
		SessionContent copy = (this.copies != null) ? this.copies.getIfPresent(handle) : null;
		return (copy != null && MessageDigest.isEqual(digest, copy.header().digest())) ? copy : null;
	}

	/**
	 * Records the result of a lookup.
	 * @param handle the session
	 * @param copy the copy that was compared, or null
	 * @param found the content that was found, or null
	 * @return whether a copy of the content should be kept: from the second lookup on
	 */
	public boolean read(String handle, @Nullable SessionContent copy, @Nullable SessionContent found) {
		if (this.copies == null) {
			return false;
		}
		if (copy != null && copy == found) {
			this.counts.increment(SessionCounter.NEAR_CACHE_HIT);
			return false;
		}
		if (copy == null) {
			this.counts.increment(SessionCounter.NEAR_CACHE_MISS);
			return found != null && isLookedUpAgain(handle);
		}
		this.counts.increment(SessionCounter.NEAR_CACHE_STALE);
		this.copies.asMap().remove(handle, copy);
		return found != null;
	}

	/**
	 * Keeps a copy, unless it would take too much of the cache.
	 * @param content the content
	 */
	public void put(SessionContent content) {
		if (this.copies != null && content.memory() <= this.maxEntry) {
			this.copies.put(content.handle(), content);
		}
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
		return this.copies != null && this.copies.getIfPresent(content.handle()) == content;
	}

	/**
	 * Replaces a copy after a save, unless it was replaced or removed meanwhile.
	 * @param before the copy with which the session was compared by the save
	 * @param after the content after the save
	 */
	public void replace(SessionContent before, SessionContent after) {
		if (this.copies == null) {
			return;
		}
		if (after.memory() <= this.maxEntry) {
			this.copies.asMap().replace(before.handle(), before, after);
		}
		else {
			this.copies.asMap().remove(before.handle(), before);
		}
	}

	/**
	 * Removes the copy of a session that has changed in an unknown way or has ended.
	 * @param handle the session
	 */
	public void remove(String handle) {
		if (this.copies != null) {
			this.copies.invalidate(handle);
		}
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
