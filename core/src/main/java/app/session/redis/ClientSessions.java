package app.session.redis;

import app.session.redis.store.SessionId;
import app.session.redis.web.RequestLocks;
import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionRepository;

/**
 * The sessions as clients may ask for them. What a client sends is an id or nothing: a
 * handle, which stands in logs and answers, opens no session.
 */
final class ClientSessions implements SessionRepository<StoredSession>, RequestLocks {

	private final AtomicRedisSessionRepository repository;

	ClientSessions(AtomicRedisSessionRepository repository) {
		this.repository = repository;
	}

	@Override
	public StoredSession createSession() {
		return this.repository.createSession();
	}

	@Override
	public void save(StoredSession session) {
		this.repository.save(session);
	}

	/**
	 * Finds the session of a client, which counts as an access: one round trip, or none
	 * for what can't be an id.
	 */
	@Override
	public @Nullable StoredSession findById(String id) {
		return this.repository.findForClient(id);
	}

	@Override
	public void deleteById(String id) {
		if (SessionId.parse(id) != null) {
			this.repository.deleteById(id);
		}
	}

	@Override
	public boolean lock(SessionId id) {
		return this.repository.lockForClient(id);
	}

}
