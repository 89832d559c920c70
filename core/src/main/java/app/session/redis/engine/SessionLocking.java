package app.session.redis.engine;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.lock.HeldLock;
import app.session.redis.lock.SessionLocks;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.LookupResult;
import app.session.redis.observation.StoreOperation;
import app.session.redis.servlet.AtomicRedisSessionRepository;
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
 * Takes the locks of sessions for requests, and tells what a request may still save.
 */
public final class SessionLocking {

	private final AtomicRedisSessionRepository repository;

	private final SessionLocks locks;

	private final SessionSettings settings;

	public SessionLocking(AtomicRedisSessionRepository repository, SessionLocks locks, SessionSettings settings) {
		this.repository = repository;
		this.locks = locks;
		this.settings = settings;
	}

	public void start() {
		this.locks.start();
	}

	public void stop() {
		this.locks.stop();
	}

	/** Takes the lock of the session of a request's client. */
	public boolean lockForClient(SessionScope scope, SessionId id) {
		if (scope.isAnonymous()) {
			return false;
		}
		try {
			SessionId here = this.repository.here(scope, id);
			return here != null && lock(scope, here.handle(), here, true);
		}
		catch (SessionStoreUnavailableException ex) {
			if (ex.getReason().isOfLock()) {
				throw ex;
			}
			scope.fail(ex);
			if (this.settings.onUnavailable == OnUnavailable.ANONYMOUS) {
				scope.anonymous();
				return false;
			}
			scope.clientUnknown();
			throw ex;
		}
	}

	/**
	 * Takes the lock of a session, unless the request has it, and reads the session.
	 * @param id the id that the session is known by; null for its handle alone
	 * @param access whether this counts as an access
	 */
	public boolean lock(SessionScope scope, String handle, @Nullable SessionId id, boolean access) {
		scope.locking().lock();
		try {
			if (scope.hasEnded(handle) || (id != null && scope.isUnknown(id.value()))) {
				return false;
			}
			StoredSession known = (scope.session(handle) instanceof StoredSession session) ? session : null;
			if (scope.lock(handle) != null || (known != null && !known.isStored())) {
				return true;
			}
			AtomicRedisSessionRepository.failAgain(scope);
			byte[] digest = (known != null) ? known.loadedDigest()
					: (id != null) ? SessionHeader.digest(id.secret()) : null;
			Acquisition acquired = this.repository.observe(StoreOperation.LOCK, () -> BlockingCaller
				.result(this.locks.acquire(handle, digest, access ? this.settings.touchInterval : null)));
			if (acquired == null) {
				if (known == null && id != null) {
					scope.addUnknown(id.value());
				}
				return false;
			}
			if (!scope.addLock(acquired.lock())) {
				acquired.lock().release();
				throw new IllegalStateException("The request has ended, so nobody would release the lock");
			}
			if (acquired.session() != null && (known != null || id == null)) {
				this.repository.getStatistics().store.add(LookupResult.HIT);
			}
			if (known != null) {
				refresh(known, digest, acquired);
			}
			else if (id != null && acquired.session() != null) {
				return this.repository.found(scope, id, acquired.session(), access, access) != null;
			}
			return true;
		}
		finally {
			scope.locking().unlock();
		}
	}

	/** Holds up saves by other threads, which take what they write for what Redis has. */
	private void refresh(StoredSession session, byte @Nullable [] digest, Acquisition acquired) {
		session.saving().lock();
		try {
			session.lock(acquired.lock());
			SessionRecord found = (acquired.session() != null) ? acquired.session()
					: this.repository.load(session.getHandle(), digest);
			if (found != null) {
				session.refresh(found);
			}
		}
		finally {
			session.saving().unlock();
		}
	}

	/**
	 * Whether the request goes on without the lock that another has. It saves nothing;
	 * but a log-in must not be lost in silence, nor a change under a lock that was lost.
	 */
	public static boolean isForbidden(StoredSession session, SessionChange change) {
		HeldLock lock = session.lock();
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

	/** Has a save show the lock of its request, if that has one. */
	public static void fence(StoredSession session, SessionChange change) {
		HeldLock lock = session.lock();
		String token = (lock != null) ? lock.fence() : null;
		if (token != null) {
			change.fence(token);
		}
	}

	/** A save was refused for want of the lock. */
	static SessionStoreUnavailableException lost(StoredSession session) {
		session.refused();
		HeldLock lock = session.lock();
		if (lock != null) {
			lock.lose();
			lock.unsaved();
		}
		return new SessionStoreUnavailableException(Reason.LOCK_LOST, null, null);
	}

}
