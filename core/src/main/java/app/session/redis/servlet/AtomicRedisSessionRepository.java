package app.session.redis.servlet;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import app.session.redis.DeletionReason;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SaveOptions;
import app.session.redis.engine.SessionEngine;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionOperationsProvider;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.SaveAfterDelete;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.SessionRepository;

/**
 * Stores sessions in Redis, each in one key, with one script for each operation.
 *
 * <p>
 * The commands, with the keys of the namespace {@code app:session}:
 *
 * <pre>
 * findById         EVALSHA load   1 app:session:session:{handle} digest touch copy
 *                  HGETALL app:session:session:{handle}  if large and not copied
 * save, new        EVALSHA hint   1 app:session:expiry:n handle delay ""
 *                  EVALSHA index  1 app:session:index:principal:name handle delay 0 0
 *                  EVALSHA create 1 app:session:session:{handle} header 0 field value ...
 * log-in, limited  EVALSHA reserve 1 app:session:index:principal:name handle limit 30000 ""
 * new, limited     EVALSHA admit  16 app:session:expiry:0 ... limit handle n 30000
 * save, changed    EVALSHA save   1 app:session:session:{handle} digest "" "" "" "" "" 0 field value ...
 * deleteById       EVALSHA delete 1 app:session:session:{handle} digest 1
 * findByIndex...   ZRANGE app:session:index:name:value 0 -1
 *                  EVALSHA load   1 app:session:session:{handle} "" -1 bytes  for each
 * lock             EVALSHA lock   3 app:session:lock:{handle} app:session:waiters:{handle}
 *                                   app:session:session:{handle} token digest touch lease ...
 * end of request   EVALSHA unlock 2 app:session:lock:{handle} app:session:waiters:{handle} token ...
 * </pre>
 *
 * Each line, or group of lines, is one round trip; on a cluster, {@code create} and
 * {@code save} wait for the hints before them. Limits are checked beforehand, in a
 * separate round trip, and on a cluster with one {@code admit} for each part. Within a
 * request a session is read once, and a save without changes sends no command.
 *
 * <p>
 * Methods with an id parameter also accept an alias or a handle. Values from clients must
 * not be passed to them: a filter must use {@link #clientSessions()}. All methods throw a
 * {@link SessionStoreUnavailableException} if Redis doesn't reply within the command
 * timeout, or refuses a command.
 *
 * <p>
 * This class is the servlet face of the {@link SessionEngine}: each method starts a use
 * case for the calling thread's request and waits for it on this thread.
 */
public final class AtomicRedisSessionRepository
		implements FindByIndexNameSessionRepository<StoredSession>, SessionOperationsProvider {

	private final SessionEngine engine;

	private final boolean immediate;

	private final ClientSessions clientSessions;

	/**
	 * Creates a repository.
	 * @param engine the engine, which must be assembled
	 */
	public AtomicRedisSessionRepository(SessionEngine engine) {
		this.engine = engine;
		engine.setEventSource(this);
		this.immediate = engine.settings().saves().flushMode() == FlushMode.IMMEDIATE;
		if (this.immediate) {
			engine.setChangeListener(this::save);
		}
		this.clientSessions = new ClientSessions(this, engine);
	}

	/**
	 * Returns the repository for requests of clients, which accepts full ids only.
	 * Finding a session in it counts as an access. A filter must use this repository.
	 * @return the repository for clients
	 */
	public SessionRepository<StoredSession> clientSessions() {
		return this.clientSessions;
	}

	ClientSessions clients() {
		return this.clientSessions;
	}

	/** Returns the current time by the clock of this node's sessions. */
	Instant now() {
		return this.engine.settings().clock().instant();
	}

	/**
	 * Returns whether the creation and the end of sessions are published on this node.
	 */
	boolean publishesEvents() {
		return this.engine.settings().events() != EventDelivery.NONE;
	}

	@Override
	public SessionOperations operations() {
		return new SessionOperations(this.engine, RequestBinding::currentScope);
	}

	/**
	 * Returns the counters of this node since its start.
	 * @return the statistics
	 */
	public SessionStatistics getStatistics() {
		return this.engine.statistics();
	}

	/**
	 * Creates a session, which is written to Redis by its first save.
	 */
	@Override
	public StoredSession createSession() {
		StoredSession session = this.engine.saver().create(RequestBinding.currentScope());
		if (this.immediate) {
			save(session);
		}
		return session;
	}

	/**
	 * Writes the changes of a session: nothing, or one script with the changes only. The
	 * first save creates the session and publishes its event; changes by its listeners
	 * are written with one more script before this method returns. A save with changes to
	 * a session that has ended or got another id since it was read is refused and handled
	 * according to {@link SaveAfterDelete}; a save without changes sends no command. If
	 * the value of an attribute can't be stored, nothing is written and each further
	 * attempt fails as well. However, once a request has failed because of a value, its
	 * later saves leave this value out, so that its error page can be rendered.
	 * @throws IllegalArgumentException if the value of an attribute can't be stored; the
	 * message names the attribute
	 * @throws SessionLimitExceededException if a limit on the number of sessions is
	 * reached; nothing is saved
	 */
	@Override
	public void save(StoredSession session) {
		save(session, RequestBinding.current() != null);
	}

	/**
	 * Saves a session.
	 * @param leaveOut whether to leave out values because of which the request has
	 * already failed
	 */
	void save(StoredSession session, boolean leaveOut) {
		BlockingCaller.result(this.engine.saver()
			.save(RequestBinding.currentScope(), session, leaveOut ? AtomicRedisSessionRepository::withoutRefused
					: AtomicRedisSessionRepository::everything));
	}

	private static SaveOptions everything(StoredSession session) {
		return SaveOptions.of(maySearchInPlace(session), false);
	}

	private static SaveOptions withoutRefused(StoredSession session) {
		return SaveOptions.of(maySearchInPlace(session), true);
	}

	/** Asynchronous processing may be changing the objects of the session. */
	private static boolean maySearchInPlace(StoredSession session) {
		RequestBinding binding = RequestBinding.current();
		return binding == null || !binding.deferIfAsync(session);
	}

	/**
	 * Reserves a place for a log-in that is about to succeed, if the sessions of a
	 * principal are limited, so that an authentication mechanism can refuse the log-in
	 * before the save does: {@code EVALSHA reserve}, one round trip, and more only if no
	 * place is free. The place is released at the end of the request, including
	 * asynchronous processing, unless the session has got the principal; outside of
	 * requests, after 30 seconds.
	 * @param id the id, alias or handle of the session
	 * @param attributes the attributes that the log-in will set, from which the principal
	 * is resolved as in a session: {@link #PRINCIPAL_NAME_INDEX_NAME} or
	 * {@code SPRING_SECURITY_CONTEXT}, for example
	 * @throws SessionLimitExceededException if the principal has as many sessions as are
	 * allowed, and none is evicted for this one
	 */
	public void reserve(String id, Map<String, ?> attributes) {
		BlockingCaller.result(this.engine.saver().reserve(RequestBinding.currentScope(), id, attributes));
	}

	/**
	 * Finds a session by its id, alias or handle. Does not count as an access. A session
	 * that is found by its alias or handle has its alias as its id, unless it is the
	 * session of the current request's client.
	 * @return the session, or null if there is no living one
	 */
	@Override
	public @Nullable StoredSession findById(@Nullable String id) {
		return BlockingCaller.result(this.engine.finder().findById(RequestBinding.currentScope(), id));
	}

	/**
	 * Acquires the lock of a session for the current request, which holds it until the
	 * request ends: {@code EVALSHA lock}, one round trip, and waits while another request
	 * holds it. If the request has already loaded the session, the same object is
	 * refreshed: it then contains the changes of other requests, and keeps the unsaved
	 * changes of this one. Does nothing if the request already holds the lock, or
	 * continues without it.
	 *
	 * <p>
	 * Two requests that each hold the lock of a session and then lock the other's session
	 * wait for each other until one of them reaches its timeout.
	 * @param id the session's id, alias or handle
	 * @return whether the session exists
	 * @throws SessionStoreUnavailableException if no reply arrives, or if the lock is not
	 * available and the request must be refused
	 * @throws IllegalStateException outside of requests, where the lock would never be
	 * released, and if locking is not configured
	 */
	public boolean lock(String id) {
		SessionScope scope = RequestBinding.currentScope();
		if (!scope.isRequest()) {
			throw new IllegalStateException("There is no request at whose end the lock would be released");
		}
		return BlockingCaller.result(this.engine.locking().lock(scope, id));
	}

	/**
	 * Runs a task while the current request holds the lock of a session, saves the
	 * session, and releases the lock, unless the request held it before: {@code EVALSHA
	 * lock}, one round trip, which waits while another request holds the lock and
	 * refreshes the session if the request has already loaded it, and the round trip of
	 * the save. If the task fails, its changes are saved, too. The task must not call
	 * {@link #lock}.
	 * @param <T> the type of the result
	 * @param id the session's id, alias or handle
	 * @param task the task
	 * @return the result of the task
	 * @throws SessionStoreUnavailableException if no reply arrives, or if the lock is not
	 * available. The task is not run then
	 * @throws IllegalStateException outside of requests, and if locking is not configured
	 */
	public <T extends @Nullable Object> T whileLocked(String id, Supplier<T> task) {
		SessionScope scope = RequestBinding.currentScope();
		if (!scope.isRequest()) {
			throw new IllegalStateException("There is no request that could hold the lock of a session");
		}
		return BlockingCaller.result(this.engine.locking().whileLocked(scope, id, () -> {
			T result;
			try {
				result = task.get();
			}
			catch (RuntimeException | Error ex) {
				saveAfter(ex, id);
				throw ex;
			}
			saveById(id);
			return CompletableFuture.completedFuture(result);
		}));
	}

	private void saveAfter(Throwable failure, String id) {
		try {
			saveById(id);
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	private void saveById(String id) {
		StoredSession session = findById(id);
		if (session != null) {
			save(session);
		}
	}

	/**
	 * Deletes a session by its id, alias or handle, if it exists.
	 */
	@Override
	public void deleteById(@Nullable String id) {
		BlockingCaller
			.result(this.engine.ender().delete(RequestBinding.currentScope(), id, DeletionReason.APPLICATION));
	}

	/**
	 * Finds the sessions of an index value: two round trips, and one more for each 4 MB
	 * of large sessions, which are read over a separate connection. A sealed session is
	 * included only if its own attributes confirm the index value.
	 *
	 * <p>
	 * The key of the session of the current request's client is its id; all other keys
	 * are, on every node, aliases that give no access. {@code get}, {@code containsKey},
	 * {@code remove} and {@code keySet().contains} of the map accept the id, the alias
	 * and the handle of a session, as do the methods of this repository.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value; null finds no sessions
	 * @return a modifiable map of the sessions by {@link StoredSession#getId()}, in the
	 * order of the index
	 */
	@Override
	public Map<String, StoredSession> findByIndexNameAndIndexValue(@Nullable String indexName,
			@Nullable String indexValue) {
		return BlockingCaller
			.result(this.engine.reader().findByIndex(RequestBinding.currentScope(), indexName, indexValue));
	}

	/**
	 * Finds the sessions that have all of several index values, for example
	 * {@code Map.of("tenant", "x", "product", "42")}: {@code ZCARD} of each value, then
	 * two round trips for each 1,000 sessions of the value with the fewest, and the
	 * sessions that have all of the values are read as by
	 * {@link #findByIndexNameAndIndexValue}.
	 * @param values the index values by the names of the indexes
	 * @return a modifiable map of the sessions by {@link StoredSession#getId()}
	 * @throws IllegalArgumentException if there are no values
	 */
	public Map<String, StoredSession> find(Map<String, String> values) {
		return BlockingCaller.result(this.engine.search().find(RequestBinding.currentScope(), values));
	}

	/**
	 * Deletes all sessions of an index value: two round trips to find 500 of them, and
	 * one for each 250 to delete them, with the removal of their hints in between.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return the number of deleted sessions
	 */
	public int deleteByIndexNameAndIndexValue(@Nullable String indexName, @Nullable String indexValue) {
		return BlockingCaller.result(this.engine.ender()
			.deleteByIndex(RequestBinding.currentScope(), indexName, indexValue, DeletionReason.INDEX));
	}

	/**
	 * Deletes all sessions of a principal, on all devices.
	 * @param principalName the name of the principal
	 * @return the number of deleted sessions
	 */
	public int deleteByPrincipalName(@Nullable String principalName) {
		return deleteByIndexNameAndIndexValue(PRINCIPAL_NAME_INDEX_NAME, principalName);
	}

}
