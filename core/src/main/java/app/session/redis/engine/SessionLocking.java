package app.session.redis.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import app.session.redis.Option;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.cache.CachedSession;
import app.session.redis.cache.NearCache;
import app.session.redis.client.Stages;
import app.session.redis.lock.HeldLock;
import app.session.redis.lock.SessionLocks;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * Acquires the locks of sessions for requests, and determines whether a request can still
 * save.
 */
public final class SessionLocking {

	private final StoreCalls calls;

	private final SessionReader reader;

	private final NearCache nearCache;

	private final SessionFinder finder;

	private final SessionNames names;

	private final @Nullable SessionLocks locks;

	private final SessionSettings settings;

	private final SessionCounts counts;

	SessionLocking(EngineContext context, SessionReader reader, SessionFinder finder, @Nullable SessionLocks locks) {
		this.calls = context.calls();
		this.reader = reader;
		this.finder = finder;
		this.nearCache = context.nearCache();
		this.names = context.names();
		this.locks = locks;
		this.settings = context.settings();
		this.counts = context.counts();
	}

	void start() {
		if (this.locks != null) {
			this.locks.start();
		}
	}

	void stop() {
		if (this.locks != null) {
			this.locks.stop();
		}
	}

	/**
	 * Acquires the lock of the session of a request's client, and reads the session:
	 * {@code EVALSHA lock}, one round trip, and waits while another request holds the
	 * lock.
	 * @param scope the request
	 * @param id the id that the client has sent
	 * @return whether the session exists. Fails if the request must be refused
	 */
	public CompletionStage<Boolean> lockForClient(SessionScope scope, SessionId id) {
		if (!scope.isRequest() || scope.isAnonymous()) {
			return CompletableFuture.completedFuture(false);
		}
		SessionLocks locks = requireLocks();
		CompletionStage<Boolean> locked = Stages.start(() -> this.finder.localId(scope, id)
			.thenCompose((localId) -> (localId != null) ? lock(locks, scope, localId.handle(), localId, true)
					: CompletableFuture.completedFuture(false)));
		return Stages.recover(locked, (failure) -> {
			if (!(failure instanceof SessionStoreUnavailableException unavailable)
					|| unavailable.getReason().isOfLock()) {
				return CompletableFuture.failedFuture(failure);
			}
			scope.fail(unavailable);
			if (this.settings.availability().isAnonymous()) {
				scope.anonymous();
				return CompletableFuture.completedFuture(false);
			}
			scope.clientUnknown();
			return CompletableFuture.failedFuture(failure);
		});
	}

	/**
	 * Acquires the lock of a session for a request, which holds it until the request
	 * ends: {@code EVALSHA lock}, one round trip, and waits while another request holds
	 * the lock. If the request has already loaded the session, the same object is
	 * refreshed. Does nothing if the request already holds the lock, or continues without
	 * it.
	 * @param scope the request
	 * @param id the session's id, alias or handle
	 * @return whether the session exists. Fails if no reply arrives, or if the lock is
	 * not available and the request must be refused
	 * @throws IllegalStateException if sessions are not locked
	 */
	public CompletionStage<Boolean> lock(SessionScope scope, String id) {
		SessionName name = this.names.parse(id);
		return (name != null) ? lock(requireLocks(), scope, name.handle(), name.id(), false)
				: CompletableFuture.completedFuture(false);
	}

	/**
	 * Runs a task while a request holds the lock of a session, and refreshes the session
	 * before: {@code EVALSHA lock}, one round trip, and waits while another request holds
	 * the lock. Releases it after the task, unless the request held it before. Tasks of
	 * the same request run one at a time. The task must not acquire a lock.
	 * @param <T> the type of the result
	 * @param scope the request
	 * @param id the session's id, alias or handle
	 * @param task the task, which also saves the session
	 * @return the result of the task. Fails, without running the task, if no reply
	 * arrives or the lock is not available
	 * @throws IllegalStateException if sessions are not locked
	 */
	public <T extends @Nullable Object> CompletionStage<T> whileLocked(SessionScope scope, String id,
			Supplier<? extends CompletionStage<T>> task) {
		SessionLocks locks = requireLocks();
		SessionName name = this.names.parse(id);
		if (name == null) {
			return Stages.start(task);
		}
		String handle = name.handle();
		return scope.locking().run(this.calls.caller(), () -> {
			boolean held = scope.lock(handle) != null;
			return lockAlone(locks, scope, handle, name.id(), false).thenCompose((exists) -> {
				HeldLock lock = scope.lock(handle);
				if (lock != null && lock.isReadOnly()) {
					throw new SessionStoreUnavailableException(Reason.LOCK_TIMEOUT, null, null);
				}
				return Stages.start(task);
			}).whenComplete((result, failure) -> {
				if (!held) {
					release(scope, handle);
				}
			});
		});
	}

	private static void release(SessionScope scope, String handle) {
		HeldLock lock = scope.removeLock(handle);
		StoredSession session = scope.session(handle);
		if (session != null) {
			session.saving().lock(null);
		}
		if (lock != null) {
			lock.release();
		}
	}

	private SessionLocks requireLocks() {
		if (this.locks == null) {
			throw new IllegalStateException("Sessions are not locked: locking is not configured ("
					+ this.settings.optionNames().name(Option.LOCK_ENABLED) + ")");
		}
		return this.locks;
	}

	/**
	 * Acquires the lock of a session, unless the request already holds it, and reads the
	 * session.
	 * @param id the id of the session; null if only its handle is known
	 * @param ofClient whether the client has sent the id, so that this counts as an
	 * access, unless the request is passive
	 */
	private CompletionStage<Boolean> lock(SessionLocks locks, SessionScope scope, String handle, @Nullable SessionId id,
			boolean ofClient) {
		return scope.locking().run(this.calls.caller(), () -> lockAlone(locks, scope, handle, id, ofClient));
	}

	private CompletionStage<Boolean> lockAlone(SessionLocks locks, SessionScope scope, String handle,
			@Nullable SessionId id, boolean ofClient) {
		if (scope.hasEnded(handle) || (id != null && scope.isUnknown(id))) {
			return CompletableFuture.completedFuture(false);
		}
		StoredSession known = scope.session(handle);
		if (scope.lock(handle) != null || (known != null && !known.isStored())) {
			return CompletableFuture.completedFuture(true);
		}
		scope.rethrowFailure();
		byte[] digest = (known != null) ? known.loadedDigest()
				: (id != null) ? SessionHeader.digest(id.secret()) : null;
		boolean access = ofClient && !scope.client().isPassive();
		SessionId sent = (known == null && ofClient) ? id : null;
		CachedSession copy = (sent != null && digest != null) ? this.nearCache.find(handle, digest) : null;
		SessionContent compared = (copy != null) ? copy.content() : null;
		return this.calls
			.observe(scope, StoreOperation.LOCK,
					() -> locks.acquire(handle, digest, access ? this.settings.lifetimes().touchInterval() : null,
							compared, scope.client().disconnected()))
			.thenCompose((acquired) -> {
				CompletionStage<Boolean> exists = acquired(scope, known, id, digest, acquired, ofClient);
				SessionRecord read = (acquired != null) ? acquired.session() : null;
				if (sent != null && read != null) {
					this.finder.keepCopy(scope, sent, copy, read, null);
				}
				else if (read != null) {
					this.nearCache.seen(read.content(), null);
				}
				else {
					this.nearCache.missing(handle);
				}
				return exists;
			});
	}

	private CompletionStage<Boolean> acquired(SessionScope scope, @Nullable StoredSession known, @Nullable SessionId id,
			byte @Nullable [] digest, @Nullable Acquisition acquired, boolean ofClient) {
		if (acquired == null) {
			if (known == null && id != null) {
				scope.addUnknown(id.value());
			}
			return CompletableFuture.completedFuture(false);
		}
		if (!scope.addLock(acquired.lock())) {
			acquired.lock().release();
			throw new IllegalStateException("The request has ended, so the lock would not be released");
		}
		SessionRecord session = acquired.session();
		if (session != null && (known != null || id == null)) {
			this.counts.increment(SessionCounter.LOOKUP_HIT);
		}
		if (known != null) {
			return refresh(scope, known, digest, acquired).thenApply((refreshed) -> true);
		}
		return (id != null && session != null)
				? this.finder.found(scope, id, session, ofClient, ofClient && !scope.client().isPassive())
					.thenApply((found) -> found != null)
				: CompletableFuture.completedFuture(true);
	}

	/**
	 * Refreshes a session. Saves by other threads wait, because they take the values that
	 * they write as the state in Redis.
	 */
	private CompletionStage<?> refresh(SessionScope scope, StoredSession session, byte @Nullable [] digest,
			Acquisition acquired) {
		return session.saving().turns().run(this.calls.caller(), () -> {
			session.saving().lock(acquired.lock());
			CompletionStage<@Nullable SessionRecord> found = (acquired.session() != null)
					? CompletableFuture.completedFuture(acquired.session())
					: this.reader.load(scope, session.getHandle(), digest);
			return found.thenAccept((record) -> {
				if (record != null) {
					session.refresh(record);
				}
			});
		});
	}

	/**
	 * Returns whether the request continues without the lock and therefore saves nothing.
	 * Throws if it would silently lose a log-in, or a change after it has lost the lock.
	 */
	static boolean isForbidden(StoredSession session, SessionChange change) {
		HeldLock lock = session.saving().lock();
		if (lock == null || !(lock.isReadOnly() || lock.isLost())) {
			return false;
		}
		session.refused();
		lock.unsaved();
		if (lock.isLost()) {
			throw new SessionStoreUnavailableException(Reason.LOCK_LOST, null, null);
		}
		if (change.isOfIdentity(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME)) {
			throw new SessionStoreUnavailableException(Reason.LOCK_TIMEOUT, null, null);
		}
		return true;
	}

	/** Adds the fencing token of the request's lock to a save, if the request has one. */
	static void fence(StoredSession session, SessionChange change) {
		HeldLock lock = session.saving().lock();
		String token = (lock != null) ? lock.fence() : null;
		if (token != null) {
			change.fence(token);
		}
	}

	/** Returns the failure of a save that was refused because the lock was lost. */
	static SessionStoreUnavailableException lost(StoredSession session) {
		session.refused();
		HeldLock lock = session.saving().lock();
		if (lock != null) {
			lock.lose();
			lock.unsaved();
		}
		return new SessionStoreUnavailableException(Reason.LOCK_LOST, null, null);
	}

}
