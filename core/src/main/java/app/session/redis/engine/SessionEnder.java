package app.session.redis.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.cache.NearCache;
import app.session.redis.client.Stages;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.event.SessionEvents;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.KnownIds;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Ends sessions and publishes their ends.
 */
public final class SessionEnder {

	private static final int DELETE_CHUNK = 250;

	private final StoreCalls calls;

	private final SessionStore store;

	private final SessionReader reader;

	private final SessionSearch search;

	private final StoredSessions sessions;

	private final SessionNames names;

	private final KnownIds knownIds;

	private final NearCache nearCache;

	private final SessionEvents events;

	private final UnknownOutcomes outcomes;

	private final SessionCounts counts;

	SessionEnder(EngineContext context, SessionReader reader, SessionSearch search, SessionEvents events,
			UnknownOutcomes outcomes) {
		this.calls = context.calls();
		this.store = context.store();
		this.reader = reader;
		this.search = search;
		this.sessions = context.sessions();
		this.names = context.names();
		this.knownIds = context.knownIds();
		this.nearCache = context.nearCache();
		this.events = events;
		this.outcomes = outcomes;
		this.counts = context.counts();
	}

	/**
	 * Deletes a session by its id, alias or handle: one round trip.
	 * @param scope the request
	 * @param id the id, alias or handle; null for none
	 * @param reason the reason
	 * @return whether a living session was deleted
	 */
	public CompletionStage<Boolean> delete(SessionScope scope, @Nullable String id, DeletionReason reason) {
		SessionName name = this.names.parse(id);
		return (name != null) ? delete(scope, name.handle(), name.id(), reason)
				: CompletableFuture.completedFuture(false);
	}

	/** Deletes a session by its id or handle. Completes with whether it existed. */
	CompletionStage<Boolean> delete(SessionScope scope, String handle, @Nullable SessionId sessionId,
			DeletionReason reason) {
		if (scope.hasEnded(handle)) {
			return CompletableFuture.completedFuture(false);
		}
		StoredSession present = scope.session(handle);
		StoredSession known = (present != null && (sessionId == null || present.isKnownBy(sessionId.secret())))
				? present : null;
		if (known != null) {
			// A log-out must not appear to have succeeded
			known.saving().requireLasting();
			// A save in progress may be creating it
			return known.saving().turns().run(this.calls.caller(), () -> {
				if (known.isStored() && !scope.hasEnded(handle)) {
					return deleteStored(scope, handle, sessionId, known, reason);
				}
				scope.end(handle);
				return CompletableFuture.completedFuture(false);
			});
		}
		return deleteStored(scope, handle, sessionId, null, reason);
	}

	private CompletionStage<Boolean> deleteStored(SessionScope scope, String handle, @Nullable SessionId sessionId,
			@Nullable StoredSession known, DeletionReason reason) {
		// A session that the request has loaded can be deleted even if its id has changed
		byte[] digest = (sessionId != null && known == null) ? SessionHeader.digest(sessionId.secret()) : null;
		return delete(scope, handle, digest, known, reason).thenCompose((deleted) -> {
			if (deleted == null) {
				if (known != null) {
					scope.end(handle);
				}
				return CompletableFuture.completedFuture(false);
			}
			return this.calls.confirm(scope, handle).thenApply((confirmed) -> {
				deleted((known != null) ? known : this.sessions.forEvent(deleted), reason);
				scope.end(handle);
				return true;
			});
		});
	}

	private CompletionStage<@Nullable SessionRecord> delete(SessionScope scope, String handle, byte @Nullable [] digest,
			@Nullable StoredSession known, DeletionReason reason) {
		CompletionStage<@Nullable SessionRecord> deletion = this.calls
			.observe(scope, StoreOperation.DELETE,
					() -> this.calls.receive(scope, this.store.delete(handle, digest, known == null)))
			.whenComplete((deleted, failure) -> this.nearCache.remove(handle));
		return Stages.recover(deletion, (failure) -> {
			deletionFailed(handle, digest, known, reason, failure);
			return CompletableFuture.failedFuture(failure);
		});
	}

	/** Completes a deletion and publishes its event in the background. */
	private void deletionFailed(String handle, byte @Nullable [] digest, @Nullable StoredSession known,
			DeletionReason reason, Throwable failure) {
		if (!(failure instanceof SessionStoreUnavailableException unavailable)) {
			return;
		}
		this.outcomes.deletionFailed(handle, digest, known == null, unavailable, (record) -> {
			if (known != null) {
				deleted(known, reason);
			}
			else if (record != null) {
				deleted(this.sessions.forEvent(record), reason);
			}
			else {
				// It is unknown whether the first attempt deleted it or it didn't exist
				deleted(this.sessions.forMessage(handle, () -> null), reason);
			}
		});
	}

	/** Counts and publishes the deletion of a session. */
	void deleted(StoredSession session, DeletionReason reason) {
		this.outcomes.deleted(session.getHandle());
		this.nearCache.remove(session.getHandle());
		this.counts.increment(SessionCounter.deleted(reason));
		session.ended(this.knownIds.last(session.getHandle()));
		this.events.publish(Kind.DELETED, session);
	}

	/** Counts and publishes the deletion of a session that couldn't be restored. */
	void deletedInstead(SessionRecord record) {
		deleted(this.sessions.forEvent(record), DeletionReason.APPLICATION);
	}

	/** Counts and publishes the expiry of a session. */
	void expired(SessionRecord record) {
		this.nearCache.remove(record.handle());
		this.counts.increment(SessionCounter.EXPIRED);
		this.events.publish(Kind.EXPIRED, this.sessions.forEvent(record));
	}

	/**
	 * Deletes all sessions of an index value: two round trips to find 500 of them, and
	 * one for each 250 to delete them, with the removal of their hints in between.
	 * @param scope the request
	 * @param indexName the index
	 * @param indexValue the value
	 * @param reason the reason
	 * @return the number of deleted sessions
	 */
	public CompletionStage<Integer> deleteByIndex(SessionScope scope, @Nullable String indexName,
			@Nullable String indexValue, DeletionReason reason) {
		return this.reader.findByIndex(scope, indexName, indexValue)
			.thenCompose((found) -> deleteAll(scope, List.copyOf(found.values()), reason));
	}

	/**
	 * Deletes all sessions that have all of several index values.
	 * @param scope the request
	 * @param wanted the index values by the names of the indexes
	 * @param reason the reason
	 * @return the number of deleted sessions
	 * @throws IllegalArgumentException if there are no values
	 */
	public CompletionStage<Integer> deleteByIndexes(SessionScope scope, Map<String, String> wanted,
			DeletionReason reason) {
		return this.search.find(scope, wanted)
			.thenCompose((found) -> deleteAll(scope, List.copyOf(found.values()), reason));
	}

	/**
	 * Deletes sessions that were found: one round trip for each 250, with the removal of
	 * their hints in between. Tries to delete all of them, even if some deletions fail.
	 * @param scope the request
	 * @param found the sessions
	 * @param reason the reason
	 * @return the number of deleted sessions. Fails if a deletion has failed
	 */
	public CompletionStage<Integer> deleteAll(SessionScope scope, List<StoredSession> found, DeletionReason reason) {
		if (found.isEmpty()) {
			return CompletableFuture.completedFuture(0);
		}
		List<StoredSession> deleted = new ArrayList<>(found.size());
		CompletionStage<@Nullable Void> deletions = Stages.start(() -> this.calls.observe(scope, StoreOperation.DELETE,
				() -> deleteChunks(scope, found, deleted, reason)));
		// Also publishes the deletions before one that got no reply
		return Stages
			.recover(deletions,
					(failure) -> published(scope, deleted, reason)
						.thenCompose((done) -> CompletableFuture.failedFuture(failure)))
			.thenCompose((done) -> published(scope, deleted, reason))
			.thenApply((done) -> deleted.size());
	}

	/**
	 * Deletes sessions in chunks, and fails at the end if one deletion has failed.
	 */
	private CompletionStage<@Nullable Void> deleteChunks(SessionScope scope, List<StoredSession> found,
			List<StoredSession> deleted, DeletionReason reason) {
		List<Throwable> failures = new ArrayList<>();
		return Stages.forEach(SessionReader.chunks(found, DELETE_CHUNK), (chunk) -> {
			// The client's queue must not fill up with several commands for each session
			CompletionStage<?> ready = !deleted.isEmpty() ? this.calls.receive(scope, this.store.backgroundDone())
					: Stages.done();
			return ready.thenCompose((done) -> deleteChunk(scope, chunk, deleted, failures, reason));
		})
			.thenCompose((done) -> failures.isEmpty() ? Stages.done()
					: CompletableFuture.failedFuture(failures.get(failures.size() - 1)));
	}

	private CompletionStage<@Nullable Void> published(SessionScope scope, List<StoredSession> deleted,
			DeletionReason reason) {
		return Stages.forEach(deleted,
				(session) -> this.calls.confirm(scope, session.getHandle()).thenAccept((confirmed) -> {
					deleted(session, reason);
					scope.end(session.getHandle());
				}));
	}

	/** Deletes sessions in one round trip. */
	private CompletionStage<@Nullable Void> deleteChunk(SessionScope scope, List<StoredSession> sessions,
			List<StoredSession> deleted, List<Throwable> failures, DeletionReason reason) {
		List<CompletionStage<@Nullable SessionRecord>> deletions = new ArrayList<>(sessions.size());
		for (StoredSession session : sessions) {
			deletions.add(this.store.delete(session.getHandle(), null, false));
		}
		Stream<Integer> numbers = Stream.iterate(0, (number) -> number < sessions.size(), (number) -> number + 1);
		return Stages.forEach(numbers::iterator, (number) -> {
			StoredSession session = sessions.get(number);
			return this.calls.receive(scope, deletions.get(number)).handle((record, failure) -> {
				this.nearCache.remove(session.getHandle());
				if (failure != null) {
					failures.add(failure);
					deletionFailed(session.getHandle(), null, session, reason, Stages.unwrap(failure));
				}
				else if (record != null) {
					deleted.add(session);
				}
				else {
					scope.end(session.getHandle());
				}
				return record;
			});
		});
	}

}
