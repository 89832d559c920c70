package app.session.redis.servlet;

import java.util.Map;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SaveOptions;
import app.session.redis.engine.SessionEngine;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.SessionOperations;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.SessionRepository;

/**
 * Keeps sessions in Redis, each as one key, with one script for each operation.
 *
 * <p>
 * What goes to Redis, with the keys of namespace {@code app:session}:
 *
 * <pre>
 * findById         EVALSHA load   1 app:session:session:{handle} digest touch
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
 * {@code save} wait for the hints before them. What is limited is asked for before, in a
 * round trip of its own, and on a cluster {@code admit} of each part. Within a request a
 * session is read once, and a save that has nothing to write sends nothing.
 *
 * <p>
 * Methods that take an id accept an alias or a handle as well, but not from clients: a
 * filter must be given {@link #clientSessions()}. All methods throw
 * {@link SessionStoreUnavailableException} when Redis doesn't answer within the command
 * timeout, or refuses.
 *
 * <p>
 * This is a face of the {@link SessionEngine}: each method starts a use case and waits
 * for it on the calling thread, on behalf of the request that the thread works for.
 */
public final class AtomicRedisSessionRepository implements FindByIndexNameSessionRepository<StoredSession> {

	private final SessionEngine engine;

	private final boolean immediate;

	private final ClientSessions clientSessions;

	/**
	 * Creates a repository.
	 * @param engine the engine, which is assembled already
	 */
	public AtomicRedisSessionRepository(SessionEngine engine) {
		this.engine = engine;
		engine.setEventSource(this);
		this.immediate = engine.settings().flushMode() == FlushMode.IMMEDIATE;
		if (this.immediate) {
			engine.setChangeListener(this::save);
		}
		this.clientSessions = new ClientSessions(this, engine);
	}

	/**
	 * The sessions as clients may ask for them: by their full ids only. Finding one there
	 * counts as an access. This is what a filter must be given.
	 * @return the sessions of clients
	 */
	public SessionRepository<StoredSession> clientSessions() {
		return this.clientSessions;
	}

	/**
	 * Takes the locks of clients' sessions for requests. This is what a filter must be
	 * given where sessions are locked.
	 * @return takes the locks
	 */
	public RequestLocks clientLocks() {
		return this.clientSessions;
	}

	/**
	 * The operations of those who run the application: to count, list, describe and end
	 * sessions.
	 * @return the operations
	 */
	public SessionOperations operations() {
		return new SessionOperations(this.engine, RequestBinding::currentScope);
	}

	/**
	 * What this node has counted since it started.
	 * @return the statistics
	 */
	public SessionStatistics getStatistics() {
		return this.engine.statistics();
	}

	/**
	 * Makes a session; Redis has it once it is saved.
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
	 * Writes what has changed: nothing, or one script with the changes only. The first
	 * save creates the session and publishes its event; what listeners then change in the
	 * session is written with one more script before this method returns. A save of a
	 * session that has ended or got another id since it was read writes nothing, and is
	 * answered as {@link SaveAfterDelete} says if there was something to write: without a
	 * change Redis isn't asked. If the value of an attribute can't be stored nothing is
	 * written, and each further attempt fails as well; but once a request has failed
	 * because of a value, its further saves leave this value out, so that its error page
	 * can be rendered.
	 * @throws IllegalArgumentException if the value of an attribute can't be stored; the
	 * message names the attribute
	 * @throws SessionLimitExceededException if it would be one too many; nothing is saved
	 */
	@Override
	public void save(StoredSession session) {
		save(session, RequestBinding.current() != null);
	}

	/**
	 * Saves a session.
	 * @param leaveOut whether to leave out what has failed the request before
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
	 * Reserves the place of a log-in that is about to succeed, where the sessions of a
	 * principal are limited: for an authentication mechanism that wants to refuse it
	 * itself rather than have the save refused. {@code EVALSHA reserve}, one round trip,
	 * and more only when there is no place. The place is given back when the request
	 * ends, asynchronous processing included, and the session has not got the principal;
	 * outside of requests, after 30 seconds.
	 * @param id the id, alias or handle of the session
	 * @param attributes the attributes that the log-in is going to set, from which the
	 * principal is resolved as in a session: {@link #PRINCIPAL_NAME_INDEX_NAME} or
	 * {@code SPRING_SECURITY_CONTEXT}, for example
	 * @throws SessionLimitExceededException if the principal has as many sessions as are
	 * allowed, and none is evicted for this one
	 */
	public void reserve(String id, Map<String, ?> attributes) {
		BlockingCaller.result(this.engine.saver().reserve(RequestBinding.currentScope(), id, attributes));
	}

	/**
	 * Finds a session by its id, alias or handle. Does not count as an access. A session
	 * that is found by its alias or handle names itself by its alias, unless it is the
	 * session of the current request's client.
	 * @return the session, or null when there is none that lives
	 */
	@Override
	public @Nullable StoredSession findById(@Nullable String id) {
		return BlockingCaller.result(this.engine.finder().findById(RequestBinding.currentScope(), id));
	}

	/**
	 * Takes the lock of a session for the present request, which keeps it until its end:
	 * {@code EVALSHA lock}, one round trip, and as long as another request has it. If the
	 * request has loaded the session already it is read again in place: what other
	 * requests have written is there then, and what this one has changed and not yet
	 * saved stays. Does nothing when the request has the lock, or goes on without.
	 *
	 * <p>
	 * Two requests that each lock a session of their own and then the other's wait for
	 * each other until one may wait no longer.
	 * @param id the session's id, alias or handle
	 * @return whether there is such a session
	 * @throws SessionStoreUnavailableException if there is no answer, or the lock can't
	 * be had and the request is to be refused then
	 * @throws IllegalStateException outside of requests, where nobody would release the
	 * lock, and when sessions are not locked
	 */
	public boolean lock(String id) {
		SessionScope scope = RequestBinding.currentScope();
		if (!scope.isRequest()) {
			throw new IllegalStateException("There is no request at whose end the lock would be released");
		}
		return BlockingCaller.result(this.engine.locking().lock(scope, id));
	}

	/**
	 * Deletes a session by its id, alias or handle, if it lives.
	 */
	@Override
	public void deleteById(@Nullable String id) {
		BlockingCaller
			.result(this.engine.ender().delete(RequestBinding.currentScope(), id, DeletionReason.APPLICATION));
	}

	/**
	 * Finds sessions by what they are indexed under: two round trips, and one more for
	 * each 4 MB of large sessions, which come over a separate connection. A sealed
	 * session counts only if its own attributes confirm the index value.
	 *
	 * <p>
	 * The session of the current request's client is named by its id; all others, on
	 * every node, by an alias that opens nothing. {@code get}, {@code containsKey},
	 * {@code remove} and {@code keySet().contains} of the map take the id, the alias and
	 * the handle of a session, as do the methods of this repository.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value; null, which no session has, finds none
	 * @return the sessions by what {@link StoredSession#getId()} returns, in the order of
	 * the index; can be modified
	 */
	@Override
	public Map<String, StoredSession> findByIndexNameAndIndexValue(@Nullable String indexName,
			@Nullable String indexValue) {
		return BlockingCaller
			.result(this.engine.reader().findByIndex(RequestBinding.currentScope(), indexName, indexValue));
	}

	/**
	 * Deletes all sessions of an index value: two round trips to find 500 of them, one
	 * for each 250 to delete them, and between these the removal of their hints.
	 * @param indexName the index, for example {@link #PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return how many were deleted
	 */
	public int deleteByIndexNameAndIndexValue(@Nullable String indexName, @Nullable String indexValue) {
		return BlockingCaller.result(this.engine.ender()
			.deleteByIndex(RequestBinding.currentScope(), indexName, indexValue, DeletionReason.INDEX));
	}

	/**
	 * Deletes all sessions of a principal, on all devices.
	 * @param principalName the name of the principal
	 * @return how many were deleted
	 */
	public int deleteByPrincipalName(@Nullable String principalName) {
		return deleteByIndexNameAndIndexValue(PRINCIPAL_NAME_INDEX_NAME, principalName);
	}

}
