package app.session.redis.servlet;

import java.util.List;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.index.IndexCounts;
import app.session.redis.operations.SessionOperations;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;

/**
 * A registry of the sessions in Redis for Spring Security, for example for its
 * concurrency control. Unlike Spring Session's registry, it can also list the principals.
 */
public class RedisSessionRegistry extends SpringSessionBackedSessionRegistry<StoredSession> {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final SessionOperations operations;

	/**
	 * Creates a registry.
	 * @param repository the repository of the sessions
	 */
	public RedisSessionRegistry(AtomicRedisSessionRepository repository) {
		super(repository);
		this.operations = repository.operations();
	}

	/**
	 * Returns the names of all principals that have sessions. Reads the index entries of
	 * all sessions: two round trips for each 1,000.
	 * @return the names, in the order of {@link String}
	 * @throws IllegalStateException if values are encrypted: Redis then has only digests
	 * of the names
	 * @throws SessionStoreUnavailableException if Redis is unavailable
	 */
	@Override
	public List<Object> getAllPrincipals() {
		return List.copyOf(this.operations.counts(PRINCIPAL, null, Integer.MAX_VALUE).counts().keySet());
	}

	/**
	 * Returns a page of the names of principals that have sessions, with the number of
	 * sessions of each. Reads the index entries of all sessions, as
	 * {@link #getAllPrincipals()} does, but needs memory for one page only.
	 * @param after the name after which the page begins: {@link IndexCounts#next()} of
	 * the previous page, or null for the first
	 * @param limit the maximum number of names on the page
	 * @return the page
	 * @throws IllegalStateException if values are encrypted
	 * @throws SessionStoreUnavailableException if Redis is unavailable
	 */
	public IndexCounts getPrincipals(@Nullable String after, int limit) {
		return this.operations.counts(PRINCIPAL, after, limit);
	}

}
