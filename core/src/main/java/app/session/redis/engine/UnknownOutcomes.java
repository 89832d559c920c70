package app.session.redis.engine;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.session.PendingSave;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.StoredSession;
import app.session.redis.store.Compensations;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Undoes or completes writes that Redis may have applied although the caller got no
 * reply. New sessions and changes of the id are undone, because the client never receives
 * the id; deletions are completed, because a user who logs out must not stay logged in.
 * Other changes are left as they are, because the client's id is valid in either case.
 */
public final class UnknownOutcomes {

	private final SessionStore store;

	private final Compensations compensations;

	private final PendingSaves pendingSaves;

	UnknownOutcomes(SessionStore store, Compensations compensations, PendingSaves pendingSaves) {
		this.store = store;
		this.compensations = compensations;
		this.pendingSaves = pendingSaves;
	}

	/** Deletes a session that may have been created. */
	void creationFailed(StoredSession session, NewSession creation, SessionStoreUnavailableException failure) {
		if (Compensations.isOutcomeUnknown(failure)) {
			String handle = session.getHandle();
			Set<IndexEntry> entries = creation.entries();
			session.saving()
				.compensation(this.compensations.add("Deleting a session whose creation received no reply",
						session.getMaxInactiveInterval(), () -> this.store.undoCreation(handle, entries), (done) -> {
						}));
		}
	}

	/**
	 * Restores the previous id of a session, together with all other values that may have
	 * been written with the new id. If another request has sealed the session under the
	 * new id in the meantime, the session can't be restored and is deleted.
	 * @param deleted receives the session if it is deleted
	 */
	void saveFailed(StoredSession session, PendingSave save, SessionStoreUnavailableException failure,
			Consumer<SessionRecord> deleted) {
		SessionChange inverse = this.pendingSaves.inverse(session, save);
		if (inverse == null || !Compensations.isOutcomeUnknown(failure)) {
			return;
		}
		session.saving()
			.compensation(this.compensations.<@Nullable SessionRecord>add(
					"Restoring a session whose change of id received no reply", session.getMaxInactiveInterval(),
					() -> this.store.save(inverse)
						.thenCompose((reply) -> (reply.result() == SaveResult.SEAL_CHANGED)
								? this.store.delete(session.getHandle(), save.digest(), true)
								: CompletableFuture.completedFuture(null)),
					(record) -> {
						if (record != null) {
							deleted.accept(record);
						}
					}));
	}

	/**
	 * Deletes a session whose deletion got no reply.
	 * @param digest the digest of the secret in its id, or null
	 * @param content whether the attributes are needed
	 * @param deleted receives the session if it is deleted, or null if it is gone without
	 * having been read
	 */
	void deletionFailed(String handle, byte @Nullable [] digest, boolean content,
			SessionStoreUnavailableException failure, Consumer<@Nullable SessionRecord> deleted) {
		if (Compensations.isRefusal(failure)) {
			return;
		}
		this.compensations
			.replace("Deleting a session whose deletion received no reply", handle,
					() -> this.store.delete(handle, digest, content)
						.thenCompose((record) -> (record != null)
								? CompletableFuture.completedFuture(new Deletion(record, true))
								: this.store.isAbsent(handle).thenApply((absent) -> new Deletion(null, absent))),
					(deletion) -> {
						if (deletion.done()) {
							deleted.accept(deletion.session());
						}
					});
	}

	/** Records that a session was deleted, so that its end isn't published again. */
	void deleted(String handle) {
		this.compensations.cancel(handle);
	}

	/**
	 * The result of a deletion.
	 *
	 * @param session the session, if this attempt has deleted it
	 * @param done whether the session is gone
	 */
	private record Deletion(@Nullable SessionRecord session, boolean done) {
	}

}
