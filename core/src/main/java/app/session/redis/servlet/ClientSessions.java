package app.session.redis.servlet;

import app.session.redis.SessionId;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionRepository;

/**
 * The sessions as clients may ask for them. What a client sends is an id or nothing: a
 * handle, which stands in logs and answers, opens no session.
 */
final class ClientSessions implements SessionRepository<StoredSession>, RequestLocks {

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
	 * and at the end of each dispatch. A value that can't be stored makes it fail once:
	 * nothing is written then, and the exception fails the request. Later saves of the
	 * request, such as that of its error page, leave this value out and write everything
	 * else, as Tomcat does when it persists a session. So a log-in and what the error
	 * page sets are not lost. The request sees the value until it ends; Redis keeps what
	 * it had. Another object that is set in its place is saved, or refused, anew.
	 *
	 * <p>
	 * If asynchronous processing goes on after the dispatch, nothing is written and it is
	 * the save of the next dispatch, or that at completion, which fails: only there can
	 * an error page follow.
	 *
	 * <p>
	 * Saves that the application asks for itself, and those of
	 * {@code FlushMode.IMMEDIATE}, don't count as this failure: the application may catch
	 * their exceptions, and the request must not succeed as if everything was saved.
	 * @throws IllegalArgumentException if a value can't be stored
	 */
	@Override
	public void save(StoredSession session) {
		try {
			this.repository.save(session, true);
		}
		catch (RuntimeException ex) {
			RequestBinding binding = RequestBinding.current();
			// Another thread may have set another object since, which has yet to be
			// refused
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
	 * for what can't be an id.
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

	@Override
	public boolean lock(SessionId id) {
		return BlockingCaller.result(this.engine.locking().lockForClient(RequestBinding.currentScope(), id));
	}

}
