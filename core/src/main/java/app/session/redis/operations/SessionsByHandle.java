package app.session.redis.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import app.session.redis.DeletionReason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;

/**
 * A repository for interfaces that display ids: the id of each session is its handle,
 * which gives no access. Sessions can also be found and deleted by their aliases and full
 * ids; the secret of a full id must match.
 */
final class SessionsByHandle implements FindByIndexNameSessionRepository<Session> {

	private final SessionEngine engine;

	private final Supplier<SessionScope> scope;

	SessionsByHandle(SessionEngine engine, Supplier<SessionScope> scope) {
		this.engine = engine;
		this.scope = scope;
	}

	@Override
	public Session createSession() {
		throw readOnly();
	}

	@Override
	public void save(Session session) {
		throw readOnly();
	}

	@Override
	public @Nullable Session findById(String id) {
		StoredSession session = BlockingCaller.result(this.engine.finder().findById(this.scope.get(), id));
		return (session != null) ? new NamedByHandle(session) : null;
	}

	@Override
	public void deleteById(String id) {
		BlockingCaller.result(this.engine.ender().delete(this.scope.get(), id, DeletionReason.OPERATOR));
	}

	@Override
	public Map<String, Session> findByIndexNameAndIndexValue(@Nullable String indexName, @Nullable String indexValue) {
		Map<String, Session> sessions = new LinkedHashMap<>();
		BlockingCaller.result(this.engine.reader().findByIndex(this.scope.get(), indexName, indexValue))
			.values()
			.forEach((session) -> sessions.put(session.getHandle(), new NamedByHandle(session)));
		return sessions;
	}

	private static UnsupportedOperationException readOnly() {
		return new UnsupportedOperationException("This repository finds and deletes sessions, but doesn't change them");
	}

	/** A session whose id is its handle. */
	private record NamedByHandle(StoredSession session) implements Session {

		@Override
		public String getId() {
			return this.session.getHandle();
		}

		@Override
		public String changeSessionId() {
			throw readOnly();
		}

		@Override
		public <T> @Nullable T getAttribute(String attributeName) {
			return this.session.getAttribute(attributeName);
		}

		@Override
		public Set<String> getAttributeNames() {
			return this.session.getAttributeNames();
		}

		@Override
		public void setAttribute(String attributeName, @Nullable Object attributeValue) {
			throw readOnly();
		}

		@Override
		public void removeAttribute(String attributeName) {
			throw readOnly();
		}

		@Override
		public Instant getCreationTime() {
			return this.session.getCreationTime();
		}

		@Override
		public void setLastAccessedTime(Instant lastAccessedTime) {
			throw readOnly();
		}

		@Override
		public Instant getLastAccessedTime() {
			return this.session.getLastAccessedTime();
		}

		@Override
		public void setMaxInactiveInterval(Duration interval) {
			throw readOnly();
		}

		@Override
		public Duration getMaxInactiveInterval() {
			return this.session.getMaxInactiveInterval();
		}

		@Override
		public boolean isExpired() {
			return this.session.isExpired();
		}

	}

}
