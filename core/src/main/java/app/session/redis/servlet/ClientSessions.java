package app.session.redis.servlet;

import app.session.redis.SessionId;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionRepository;

/**
 * The repository for requests of clients. It accepts full ids only: a handle, which
 * appears in logs and reports, gives no access to a session.
 */
final class ClientSessions implements SessionRepository<StoredSession> {

	private final AtomicRedisSessionRepository repository;

	private final SessionEngine engine;

	ClientSessions(AtomicRedisSessionRepository repository, SessionEngine engine) {
		this.repository = repository;
		this.engine = engine;
	}

	@Override
	public StoredSession createSession() {
		return this.repository.createSession();
	}

	/**
	 * Saves the session of a request, as the filter does before the response is committed
	 * and at the end of each dispatch. If a value can't be stored, the save fails once:
	 * nothing is written, and the request fails with the exception. Later saves of the
	 * request, such as the one of its error page, leave this value out and write
	 * everything else, as Tomcat does when it persists a session. A log-in and the
	 * attributes that the error page sets are therefore not lost. The request sees the
	 * value until it ends; Redis keeps the previous value. If another object replaces the
	 * value, it is saved or refused again.
	 *
	 * <p>
	 * If asynchronous processing continues after the dispatch, nothing is written and the
	 * save of the next dispatch, or the one at completion, fails instead, because only
	 * then an error page can follow.
	 *
	 * <p>
	 * Explicit saves by the application, and those of {@code FlushMode.IMMEDIATE}, don't
	 * count as this failure: the application may catch their exceptions, and the request
	 * must not succeed as if everything had been saved.
	 * @throws IllegalArgumentException if a value can't be stored
	 */
	@Override
	public void save(StoredSession session) {
		try {
			this.repository.save(session, true);
		}
		catch (RuntimeException ex) {
			RequestBinding binding = RequestBinding.current();
			// Another thread may have replaced the object, which isn't refused yet
			boolean refused = ex instanceof IllegalArgumentException || session.isRefused();
			if (binding != null && refused) {
				if (binding.isLeavingToAsync()) {
					return;
				}
				session.leaveOutRefused();
			}
			throw ex;
		}
	}

	/**
	 * Finds the session of a client, which counts as an access: one round trip, or none
	 * if the value can't be an id.
	 */
	@Override
	public @Nullable StoredSession findById(String id) {
		return BlockingCaller.result(this.engine.finder().findForClient(RequestBinding.currentScope(), id));
	}

	@Override
	public void deleteById(String id) {
		if (SessionId.parse(id) != null) {
			this.repository.deleteById(id);
		}
	}

	/** Deletes a session that a request has used, even if its id has changed since. */
	void delete(StoredSession session) {
		this.repository.deleteById(session.getHandle());
	}

	/**
	 * Acquires the lock of a client's session for the current request, which keeps it
	 * until it ends. Waits for it if necessary.
	 * @return whether the session exists
	 * @throws app.session.redis.SessionStoreUnavailableException if the request has to be
	 * refused
	 */
	boolean lock(SessionId id) {
		return BlockingCaller.result(this.engine.locking().lockForClient(RequestBinding.currentScope(), id));
	}

}
