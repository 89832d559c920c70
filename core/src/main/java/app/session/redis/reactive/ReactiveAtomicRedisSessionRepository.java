package app.session.redis.reactive;

import java.util.Map;
import java.util.Optional;

import app.session.redis.DeletionReason;
import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.engine.SessionEngine;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionOperationsProvider;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettings;
import reactor.core.publisher.Mono;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.session.FlushMode;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.session.ReactiveSessionRepository;

/**
 * Stores sessions in Redis, with the commands that {@code AtomicRedisSessionRepository}
 * lists, for reactive applications. Nothing is sent before a publisher is subscribed to,
 * and no publisher emits on a thread of the Redis client. Cancelling a subscription
 * doesn't cancel a command that was sent.
 *
 * <p>
 * Within an exchange, the repository knows what the exchange knows about sessions, so
 * that a session is read once. Methods with an id parameter also accept an alias or a
 * handle. Values from clients must not be passed to them: {@link RedisWebSessionManager}
 * finds the session of a client. All publishers fail with a
 * {@link SessionStoreUnavailableException} if Redis doesn't reply within the command
 * timeout, or refuses a command.
 */
public final class ReactiveAtomicRedisSessionRepository implements ReactiveSessionRepository<StoredSession>,
		ReactiveFindByIndexNameSessionRepository<StoredSession>, SessionOperationsProvider {

	private final SessionEngine engine;

	private final ReactiveSessions sessions;

	/**
	 * Creates a repository.
	 * @param engine the engine, which must be assembled, and created by {@link #engine}
	 * @throws IllegalArgumentException if changes are to be written immediately
	 */
	public ReactiveAtomicRedisSessionRepository(SessionEngine engine) {
		if (engine.settings().saves().flushMode() == FlushMode.IMMEDIATE) {
			OptionNames names = engine.settings().optionNames();
			throw new IllegalArgumentException(
					"Reactive sessions can't be written immediately (" + names.name(Option.FLUSH_MODE)
							+ "): setting an attribute has no publisher that could be subscribed to");
		}
		this.engine = engine;
		engine.setEventSource(this);
		this.sessions = new ReactiveSessions(engine, () -> RefusedLogIn.UNCHANGED);
	}

	/**
	 * Creates an engine for reactive applications, whose use cases never block. It must
	 * be assembled ({@link SessionEngine#afterPropertiesSet()}) and started.
	 * @param connectionFactory the source of connections; must be a
	 * {@code LettuceConnectionFactory}
	 * @param settings the options
	 * @return the engine
	 * @throws IllegalArgumentException if the connection factory is of another type
	 */
	public static SessionEngine engine(RedisConnectionFactory connectionFactory, SessionSettings settings) {
		return new SessionEngine(connectionFactory, settings, new ReactiveCaller());
	}

	/** Creates a session, which is written to Redis by its first save. */
	@Override
	public Mono<StoredSession> createSession() {
		return ExchangeScope.current().map((scope) -> this.engine.saver().create(scope));
	}

	/** Writes the changes of a session: nothing, or one script with the changes only. */
	@Override
	public Mono<Void> save(StoredSession session) {
		return ExchangeScope.current().flatMap((scope) -> this.sessions.save(scope, session));
	}

	/**
	 * Finds a session by its id, alias or handle: one round trip. Does not count as an
	 * access.
	 */
	@Override
	public Mono<StoredSession> findById(String id) {
		return ExchangeScope.current().flatMap((scope) -> this.sessions.findById(scope, id));
	}

	/**
	 * Runs a task while the exchange of the Reactor context holds the lock of a session,
	 * saves the session, and releases the lock, unless the exchange held it before:
	 * {@code EVALSHA lock}, one round trip, which waits while another request holds the
	 * lock and refreshes the session if the exchange has already loaded it, and the round
	 * trip of the save. If the task fails, its changes are saved, too. The task must not
	 * lock a session.
	 * @param <T> the type of the result
	 * @param id the session's id, alias or handle
	 * @param task the task
	 * @return the result of the task; fails with a
	 * {@link SessionStoreUnavailableException}, without running the task, if no reply
	 * arrives or the lock is not available, and with an {@link IllegalStateException}
	 * outside of exchanges, and if locking is not configured
	 */
	public <T> Mono<T> whileLocked(String id, Mono<T> task) {
		return Mono.deferContextual((context) -> {
			SessionScope scope = ExchangeScope.of(context);
			if (!scope.isRequest()) {
				return Mono
					.error(new IllegalStateException("There is no exchange that could hold the lock of a session"));
			}
			Mono<T> saved = saving(scope, id, task).contextWrite(context);
			return ReactiveSessions.mono(() -> this.engine.locking().whileLocked(scope, id, saved::toFuture));
		});
	}

	/** Saves a session after a task. */
	private <T> Mono<T> saving(SessionScope scope, String id, Mono<T> task) {
		Mono<Void> save = findById(id).flatMap((session) -> this.sessions.save(scope, session));
		return task
			.onErrorResume(
					(failure) -> save.doOnError(failure::addSuppressed).onErrorComplete().then(Mono.error(failure)))
			.map(Optional::of)
			.defaultIfEmpty(Optional.empty())
			.flatMap((result) -> save.then(Mono.justOrEmpty(result)));
	}

	/** Deletes a session by its id, alias or handle, if it exists: one round trip. */
	@Override
	public Mono<Void> deleteById(String id) {
		return ExchangeScope.current().flatMap((scope) -> this.sessions.delete(scope, id));
	}

	/**
	 * Finds the sessions of an index value: two round trips, and one more for each 4 MB
	 * of large sessions. The keys of the map are, except that of the exchange's own
	 * session, aliases that give no access.
	 */
	@Override
	public Mono<Map<String, StoredSession>> findByIndexNameAndIndexValue(String indexName, String indexValue) {
		return ExchangeScope.current()
			.flatMap((scope) -> ReactiveSessions
				.mono(() -> this.engine.reader().findByIndex(scope, ReactiveSessions.index(indexName), indexValue)));
	}

	/**
	 * Finds the sessions that have all of several index values, for example
	 * {@code Map.of("tenant", "x", "product", "42")}: {@code ZCARD} of each value, then
	 * two round trips for each 1,000 sessions of the value with the fewest, and the
	 * sessions that have all of the values are read as by
	 * {@link #findByIndexNameAndIndexValue}.
	 * @param values the index values by the names of the indexes
	 * @return the sessions by their ids or aliases; fails with an
	 * {@link IllegalArgumentException} if there are no values
	 */
	public Mono<Map<String, StoredSession>> find(Map<String, String> values) {
		Map<String, String> wanted = ReactiveSessions.indexes(values);
		return ExchangeScope.current()
			.flatMap((scope) -> ReactiveSessions.mono(() -> this.engine.search().find(scope, wanted)));
	}

	/**
	 * Deletes all sessions of an index value: two round trips to find 500 of them, and
	 * one for each 250 to delete them.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return the number of deleted sessions
	 */
	public Mono<Integer> deleteByIndexNameAndIndexValue(String indexName, String indexValue) {
		return ExchangeScope.current()
			.flatMap((scope) -> ReactiveSessions.mono(() -> this.engine.ender()
				.deleteByIndex(scope, ReactiveSessions.index(indexName), indexValue, DeletionReason.INDEX)));
	}

	/**
	 * Returns the operations for operators, which wait for Redis and must therefore not
	 * be called on an event loop.
	 */
	@Override
	public SessionOperations operations() {
		return new SessionOperations(this.engine, SessionScope::none);
	}

	/**
	 * Returns a view of the sessions in which the id of each one is its handle, for
	 * Spring Boot's endpoint {@code sessions}. Creates and saves no sessions.
	 * @return the view
	 */
	public ReactiveSessionsByHandle sessionsByHandle() {
		return new ReactiveSessionsByHandle(operations().sessionsByHandle());
	}

	/**
	 * Returns the counters of this node since its start.
	 * @return the statistics
	 */
	public SessionStatistics getStatistics() {
		return this.engine.statistics();
	}

}
