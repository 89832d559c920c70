package app.session.redis.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.Option;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
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
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * Takes the locks of sessions for requests, and decides what a request may still save.
 */
public final class SessionLocking {

	private final StoreCalls calls;

	private final SessionReader reader;

	private final SessionFinder finder;

	private final SessionNames names;

	private final @Nullable SessionLocks locks;

	private final SessionSettings settings;

	private final SessionCounts counts;

	SessionLocking(EngineContext context, SessionReader reader, SessionFinder finder, @Nullable SessionLocks locks) {
		this.calls = context.calls();
		this.reader = reader;
		this.finder = finder;
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
	 * Takes the lock of the session of a request's client, and reads the session:
	 * {@code EVALSHA lock}, one round trip, and as long as another request has the lock.
	 * @param scope the request
	 * @param id what the client has sent
	 * @return whether the client has such a session. Fails if the request is to be
	 * refused
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
			if (this.settings.onUnavailable() == OnUnavailable.ANONYMOUS) {
				scope.anonymous();
				return CompletableFuture.completedFuture(false);
			}
			scope.clientUnknown();
			return CompletableFuture.failedFuture(failure);
		});
	}

	/**
	 * Takes the lock of a session for a request, which keeps it until its end:
	 * {@code EVALSHA lock}, one round trip, and as long as another request has the lock.
	 * If the request has loaded the session already it is read again in place. Does
	 * nothing when the request has the lock, or goes on without.
	 * @param scope the request
	 * @param id the session's id, alias or handle
	 * @return whether there is such a session. Fails if there is no reply, or if the lock
	 * is not available and the request is to be refused then
	 * @throws IllegalStateException if sessions are not locked
	 */
	public CompletionStage<Boolean> lock(SessionScope scope, String id) {
		SessionName name = this.names.parse(id);
		return (name != null) ? lock(requireLocks(), scope, name.handle(), name.id(), false)
				: CompletableFuture.completedFuture(false);
	}

	private SessionLocks requireLocks() {
		if (this.locks == null) {
			throw new IllegalStateException("Sessions are not locked: locking is not configured ("
					+ this.settings.optionNames().name(Option.LOCK_ENABLED) + ")");
		}
		return this.locks;
	}

	/**
	 * Takes the lock of a session, unless the request has it, and reads the session.
	 * @param id the id that the session is known by; null for its handle alone
	 * @param access whether this counts as an access
	 */
	private CompletionStage<Boolean> lock(SessionLocks locks, SessionScope scope, String handle, @Nullable SessionId id,
			boolean access) {
		return scope.locking().run(this.calls.caller(), () -> lockAlone(locks, scope, handle, id, access));
	}

	private CompletionStage<Boolean> lockAlone(SessionLocks locks, SessionScope scope, String handle,
			@Nullable SessionId id, boolean access) {
		if (scope.hasEnded(handle) || (id != null && scope.isUnknown(id.value()))) {
			return CompletableFuture.completedFuture(false);
		}
		StoredSession known = scope.session(handle);
		if (scope.lock(handle) != null || (known != null && !known.isStored())) {
			return CompletableFuture.completedFuture(true);
		}
		scope.rethrowFailure();
		byte[] digest = (known != null) ? known.loadedDigest()
				: (id != null) ? SessionHeader.digest(id.secret()) : null;
		return this.calls
			.observe(StoreOperation.LOCK,
					() -> locks.acquire(handle, digest, access ? this.settings.touchInterval() : null))
			.thenCompose((acquired) -> acquired(scope, known, id, digest, acquired, access));
	}

	private CompletionStage<Boolean> acquired(SessionScope scope, @Nullable StoredSession known, @Nullable SessionId id,
			byte @Nullable [] digest, @Nullable Acquisition acquired, boolean access) {
		if (acquired == null) {
			if (known == null && id != null) {
				scope.addUnknown(id.value());
			}
			return CompletableFuture.completedFuture(false);
		}
		if (!scope.addLock(acquired.lock())) {
			acquired.lock().release();
			throw new IllegalStateException("The request has ended, so nobody would release the lock");
		}
		SessionRecord session = acquired.session();
		if (session != null && (known != null || id == null)) {
			this.counts.increment(SessionCounter.LOOKUP_HIT);
		}
		if (known != null) {
			return refresh(scope, known, digest, acquired).thenApply((refreshed) -> true);
		}
		return (id != null && session != null)
				? this.finder.found(scope, id, session, access, access).thenApply((found) -> found != null)
				: CompletableFuture.completedFuture(true);
	}

	/** Holds up saves by other threads, which take what they write for what Redis has. */
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
	 * Whether the request goes on without the lock that another has. It saves nothing;
	 * but a log-in must not be lost without notice, nor a change under a lock that was
	 * lost.
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

	/** Has a save prove the lock of its request, if that has one. */
	static void fence(StoredSession session, SessionChange change) {
		HeldLock lock = session.saving().lock();
		String token = (lock != null) ? lock.fence() : null;
		if (token != null) {
			change.fence(token);
		}
	}

	/** The failure of a save that was refused because the lock was lost. */
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
