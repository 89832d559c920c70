package app.session.redis.engine;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSession.PendingSave;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.Compensations;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of writes that Redis may have applied though the caller got no
 * reply. New sessions and changes of the id are undone, because the client never gets the
 * id; deletions are completed, because the user who logs out must not stay logged in.
 * Other changes are left as they are: the client's id opens the session in either case.
 */
public final class UnknownOutcomes {

	private final SessionStore store;

	private final SessionSettings settings;

	private final Compensations compensations;

	public UnknownOutcomes(SessionStore store, SessionSettings settings, Compensations compensations) {
		this.store = store;
		this.settings = settings;
		this.compensations = compensations;
	}

	public void start() {
		this.compensations.open();
	}

	public void stop() {
		this.compensations.close();
	}

	/** Deletes a session that was perhaps created. */
	public void creationFailed(StoredSession session, NewSession creation, SessionStoreUnavailableException failure) {
		if (Compensations.isOutcomeUnknown(failure)) {
			String handle = session.getHandle();
			Set<IndexEntry> entries = creation.entries();
			session.compensation(this.compensations.add("Deleting a session whose creation got no reply",
					session.getMaxInactiveInterval(), () -> this.store.undoCreation(handle, entries), (done) -> {
					}));
		}
	}

	/**
	 * Restores the id that a session had, together with everything else that was perhaps
	 * written with the new one. If another request has sealed the session under the new
	 * id meanwhile, it can't be restored and is deleted.
	 * @param deleted is given the session if it is deleted
	 */
	public void saveFailed(StoredSession session, PendingSave save, SessionStoreUnavailableException failure,
			Consumer<SessionRecord> deleted) {
		SessionChange inverse = session.inverse(save, this.settings.protectIds);
		if (inverse == null || !Compensations.isOutcomeUnknown(failure)) {
			return;
		}
		session.compensation(this.compensations.<@Nullable SessionRecord>add(
				"Restoring a session whose change of the id got no reply", session.getMaxInactiveInterval(),
				() -> this.store.save(inverse)
					.thenCompose((result) -> (result == SaveResult.SEAL_CHANGED)
							? this.store.delete(session.getHandle(), save.digest(), true)
							: CompletableFuture.completedFuture(null)),
				(record) -> {
					if (record != null) {
						deleted.accept(record);
					}
				}));
	}

	/**
	 * Deletes a session of which no reply tells whether it was deleted.
	 * @param digest the digest of the secret that names it, or null
	 * @param content whether the attributes are needed
	 * @param deleted is given the session if it is deleted, or null if it is gone without
	 * having been read
	 */
	public void deletionFailed(String handle, byte @Nullable [] digest, boolean content,
			SessionStoreUnavailableException failure, Consumer<@Nullable SessionRecord> deleted) {
		if (Compensations.isRefusal(failure)) {
			return;
		}
		this.compensations
			.replace("Deleting a session whose deletion got no reply", handle,
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

	/** Notes that a session was deleted, so that its end isn't published again. */
	public void deleted(String handle) {
		this.compensations.cancel(handle);
	}

	/**
	 * What became of a deletion.
	 *
	 * @param session the session, if this attempt has deleted it
	 * @param done whether the session is gone
	 */
	private record Deletion(@Nullable SessionRecord session, boolean done) {
	}

}
