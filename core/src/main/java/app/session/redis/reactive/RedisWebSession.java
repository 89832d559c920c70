package app.session.redis.reactive;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import reactor.core.publisher.Mono;

import org.springframework.web.server.WebSession;

/**
 * A session of a reactive application. It behaves like a session of Spring's
 * {@code InMemoryWebSessionStore}, with these differences: {@link #save()} of a session
 * that another request has ended writes nothing, and after {@link #invalidate()} the
 * attributes are those that were set since then.
 */
final class RedisWebSession implements WebSession {

	private final StoredSession session;

	private final SessionScope scope;

	private final ReactiveSessions sessions;

	/** Whether the response is committed. */
	private final BooleanSupplier committed;

	private final AtomicReference<State> state;

	/** The names of the attributes that the session had when it was created. */
	private final Set<String> initial;

	private volatile Map<String, Object> attributes;

	RedisWebSession(StoredSession session, SessionScope scope, ReactiveSessions sessions, BooleanSupplier committed,
			boolean started) {
		this.session = session;
		this.scope = scope;
		this.sessions = sessions;
		this.committed = committed;
		this.state = new AtomicReference<>(started ? State.STARTED : State.NEW);
		this.attributes = new SessionAttributeMap(session);
		this.initial = started ? Set.of() : Set.copyOf(session.getAttributeNames());
	}

	StoredSession stored() {
		return this.session;
	}

	@Override
	public String getId() {
		return this.session.getId();
	}

	@Override
	public Map<String, Object> getAttributes() {
		return this.attributes;
	}

	@Override
	public void start() {
		this.state.compareAndSet(State.NEW, State.STARTED);
	}

	/**
	 * Returns whether the session was started, or has an attribute that it didn't have
	 * when it was created: new sessions can have attributes that describe their client.
	 */
	@Override
	public boolean isStarted() {
		return this.state.get() == State.STARTED || !this.initial.containsAll(this.attributes.keySet());
	}

	/**
	 * Writes the changes: nothing, or one script; one round trip. Fails with an
	 * {@link IllegalStateException} if the session was invalidated and attributes were
	 * set since then.
	 */
	@Override
	public Mono<Void> save() {
		return Mono.defer(() -> {
			if (!isStarted()) {
				return Mono.empty();
			}
			start();
			return (this.state.get() == State.EXPIRED) ? Mono.error(invalidated())
					: this.sessions.save(this.scope, this.session);
		});
	}

	/**
	 * Changes the id, and writes the changes of a session that was started: one script,
	 * one round trip. The previous id is invalid from then on. If this fails, the next
	 * save tries again. Fails with an {@link IllegalStateException} once the response is
	 * committed, because the client would lose its session. Also fails if the exchange
	 * continues without its session because the store is unavailable: a log-in or log-out
	 * must not seem to succeed. Has no effect after {@link #invalidate()}.
	 */
	@Override
	public Mono<Void> changeSessionId() {
		return Mono.defer(() -> {
			if (this.scope.isAnonymous()) {
				return Mono.error(failure());
			}
			if (this.state.get() == State.EXPIRED) {
				return Mono.empty();
			}
			if (this.committed.getAsBoolean() && isStarted()) {
				return Mono.error(new IllegalStateException(
						"The id can't be changed, because the response is committed and the client would not receive it"));
			}
			this.session.changeSessionId();
			if (!isStarted()) {
				return Mono.empty();
			}
			start();
			return this.sessions.saveWithNewId(this.scope, this);
		});
	}

	/**
	 * Deletes the session, if it is stored: one script, one round trip. Fails if the
	 * exchange continues without the session of its client because the store is
	 * unavailable: a log-out must not seem to succeed.
	 */
	@Override
	public Mono<Void> invalidate() {
		return Mono.defer(() -> {
			if (this.scope.isAnonymous() && !this.scope.clientIds().isEmpty()) {
				return Mono.error(failure());
			}
			if (this.state.getAndSet(State.EXPIRED) == State.EXPIRED && this.scope.hasEnded(this.session.getHandle())) {
				return Mono.empty();
			}
			this.attributes = new ConcurrentHashMap<>();
			return this.sessions.delete(this.scope, this.session.getHandle());
		});
	}

	private RuntimeException failure() {
		SessionStoreUnavailableException failure = this.scope.failure();
		return (failure != null) ? failure : new IllegalStateException("The session is not available in this exchange");
	}

	private static IllegalStateException invalidated() {
		return new IllegalStateException("The session was invalidated");
	}

	@Override
	public boolean isExpired() {
		return hasEnded() || (isStarted() && this.session.isExpired());
	}

	/**
	 * Returns whether the exchange knows that the session has ended. A session that has
	 * not been used by this exchange for its idle timeout may have been used by others.
	 */
	boolean hasEnded() {
		return this.state.get() == State.EXPIRED || this.scope.hasEnded(this.session.getHandle());
	}

	@Override
	public Instant getCreationTime() {
		return this.session.getCreationTime();
	}

	@Override
	public Instant getLastAccessTime() {
		return this.session.getLastAccessedTime();
	}

	/**
	 * Sets the idle timeout. As for Spring's sessions, a session with a negative one
	 * never expires. One of zero expires at once; it is stored as a millisecond, because
	 * zero means never in a {@link StoredSession}.
	 */
	@Override
	public void setMaxIdleTime(Duration maxIdleTime) {
		this.session.setMaxInactiveInterval(maxIdleTime.isZero() ? Duration.ofMillis(1) : maxIdleTime);
	}

	@Override
	public Duration getMaxIdleTime() {
		return this.session.getMaxInactiveInterval();
	}

	private enum State {

		NEW, STARTED, EXPIRED

	}

}
