package app.session.redis.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.cache.NearCache;
import app.session.redis.client.Stages;
import app.session.redis.event.SessionEvents;
import app.session.redis.limit.SessionLimits;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.KnownIds;
import app.session.redis.session.LateSaves;
import app.session.redis.session.PendingSave;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveReply;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Writes a save to Redis: creates the session, or changes it.
 */
final class SessionWriter {

	/**
	 * How often a save is repeated because the session was sealed again in the meantime.
	 */
	private static final int SEAL_ATTEMPTS = 100;

	private final StoreCalls calls;

	private final SessionStore store;

	private final SessionReader reader;

	private final SessionEnder ender;

	private final PendingSaves pendingSaves;

	private final LateSaves lateSaves;

	private final KnownIds knownIds;

	private final NearCache nearCache;

	private final SessionLimits limits;

	private final SessionEvents events;

	private final UnknownOutcomes outcomes;

	private final SessionSettings settings;

	private final SessionCounts counts;

	private final RefusedSaves refusedSaves;

	SessionWriter(EngineContext context, SessionReader reader, SessionEnder ender, PendingSaves pendingSaves,
			SessionLimits limits, SessionEvents events, UnknownOutcomes outcomes) {
		this.calls = context.calls();
		this.store = context.store();
		this.reader = reader;
		this.ender = ender;
		this.pendingSaves = pendingSaves;
		this.lateSaves = pendingSaves.late();
		this.knownIds = context.knownIds();
		this.nearCache = context.nearCache();
		this.limits = limits;
		this.events = events;
		this.outcomes = outcomes;
		this.settings = context.settings();
		this.counts = context.counts();
		this.refusedSaves = new RefusedSaves(this.settings, this.counts);
	}

	/**
	 * Writes a save.
	 * @return whether it has created the session
	 */
	CompletionStage<Boolean> write(SessionScope scope, StoredSession session, PendingSave save, SaveOptions options) {
		NewSession creation = save.creation();
		if (creation == null) {
			return change(scope, session, save, options, 0);
		}
		return Stages.then(create(scope, session, save, creation), (created) -> {
			PendingSave access = (created && session.isBackdated())
					? this.pendingSaves.of(session, false, options.leaveOut()) : null;
			return (access != null) ? change(scope, session, access, SaveOptions.of(false, options.leaveOut()), 0)
				.thenApply((changed) -> created) : Stages.completed(created);
		});
	}

	private CompletionStage<Boolean> create(SessionScope scope, StoredSession session, PendingSave save,
			NewSession creation) {
		CompletionStage<@Nullable Void> admitted = this.limits.isTotal()
				? this.calls.observe(scope, StoreOperation.ADMIT, () -> this.limits.admit(scope, session.getHandle()))
				: Stages.done();
		CompletionStage<Boolean> created = admitted
			.thenCompose((in) -> this.calls.observe(scope, StoreOperation.CREATE,
					() -> this.calls.receive(scope, this.store.create(creation))))
			.thenCompose((written) -> {
				this.counts.saved(creation::bytes);
				saved(scope, session, save, null);
				return (save.hasPrincipal() ? this.calls.confirm(scope, session.getHandle()) : Stages.done())
					.thenApply((confirmed) -> true);
			});
		return Stages.recover(created, (failure) -> creationFailed(scope, session, save, creation, failure));
	}

	private CompletionStage<Boolean> creationFailed(SessionScope scope, StoredSession session, PendingSave save,
			NewSession creation, Throwable failure) {
		if (!(failure instanceof SessionStoreUnavailableException unavailable)) {
			return CompletableFuture.failedFuture(failure);
		}
		this.outcomes.creationFailed(session, creation, unavailable);
		// A log-in must not be lost silently
		if (!scope.isRequest() || !this.settings.availability().isAnonymous() || save.hasPrincipal()) {
			return CompletableFuture.failedFuture(failure);
		}
		scope.anonymous();
		session.saving().becomeTemporary(unavailable);
		return Stages.completed(false);
	}

	/** Changes a session that is stored; never creates it. */
	private CompletionStage<Boolean> change(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options, int attempt) {
		SessionChange change = save.change();
		if (change == null) {
			throw new IllegalStateException("The session " + session.getHandle() + " has no change to save");
		}
		SessionLocking.fence(session, change);
		SessionContent copy = change.comparable();
		boolean trusted = session.isTrusted();
		if (trusted || (copy != null && this.nearCache.holds(copy))) {
			change.compare();
		}
		CompletionStage<SaveReply> reply = this.calls.observe(scope, StoreOperation.SAVE,
				() -> this.calls.receive(scope, this.store.save(change)));
		if (!Stages.hasSucceeded(reply)) {
			reply = Stages.recover(reply, (failure) -> {
				this.nearCache.remove(session.getHandle());
				if (failure instanceof SessionStoreUnavailableException unavailable) {
					this.outcomes.saveFailed(session, save, unavailable, this.ender::deletedInstead);
				}
				return CompletableFuture.failedFuture(failure);
			});
		}
		return Stages.then(reply, (saved) -> {
			SaveResult outcome = saved.result();
			if (saved.content() == null && !(outcome == SaveResult.SAVED && change.isAccessOnly())) {
				this.nearCache.remove(session.getHandle());
			}
			if (outcome == SaveResult.SEAL_CHANGED && attempt < SEAL_ATTEMPTS) {
				return changeUnderNewSeal(scope, session, save, options, attempt + 1);
			}
			if (outcome == SaveResult.ID_CHANGED && this.lateSaves.mayBeAccepted(session)) {
				return changeLate(scope, session, save, 0);
			}
			if (outcome != SaveResult.SAVED) {
				return refused(session, save, outcome);
			}
			this.counts.saved(change::bytes);
			if (trusted && saved.overtaken()) {
				this.counts.increment(SessionCounter.NEAR_CACHE_OVERTAKEN);
			}
			if (copy != null && saved.content() != null) {
				this.nearCache.replace(copy, saved.content());
			}
			saved(scope, session, save, saved.content());
			return change.isOfIdentity(PRINCIPAL_NAME_INDEX_NAME)
					? this.calls.confirm(scope, session.getHandle()).thenApply((confirmed) -> false)
					: Stages.completed(false);
		});
	}

	/**
	 * Repeats a change with the new seal after another request has sealed the session
	 * again.
	 */
	private CompletionStage<Boolean> changeUnderNewSeal(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options, int attempt) {
		return this.reader.load(scope, session.getHandle(), session.loadedDigest()).thenCompose((present) -> {
			if (present == null) {
				return refused(session, save, SaveResult.GONE);
			}
			session.refresh(present);
			PendingSave pending = this.pendingSaves.of(session, options.inPlace(), options.leaveOut());
			return (pending != null) ? change(scope, session, pending, options, attempt) : Stages.completed(false);
		});
	}

	/**
	 * Writes the part of a change that is accepted although another request has changed
	 * the id: two round trips.
	 */
	private CompletionStage<Boolean> changeLate(SessionScope scope, StoredSession session, PendingSave save,
			int attempt) {
		return this.reader.load(scope, session.getHandle(), null).thenCompose((present) -> {
			SessionChange change = (present != null) ? this.lateSaves.of(session, save, present) : null;
			if (change == null) {
				return refused(session, save, (present != null) ? SaveResult.ID_CHANGED : SaveResult.GONE);
			}
			SessionLocking.fence(session, change);
			return this.calls
				.observe(scope, StoreOperation.SAVE, () -> this.calls.receive(scope, this.store.save(change)))
				.thenCompose((saved) -> {
					SaveResult outcome = saved.result();
					this.nearCache.remove(session.getHandle());
					if (outcome == SaveResult.SEAL_CHANGED && attempt < SEAL_ATTEMPTS) {
						return changeLate(scope, session, save, attempt + 1);
					}
					if (outcome != SaveResult.SAVED) {
						return refused(session, save, outcome);
					}
					this.counts.saved(change::bytes);
					discardNewId(session, save);
					this.lateSaves.saved(session, save);
					return Stages.completed(false);
				});
		});
	}

	private CompletionStage<Boolean> refused(StoredSession session, PendingSave save, SaveResult result) {
		discardNewId(session, save);
		this.refusedSaves.refused(session, result);
		return Stages.completed(false);
	}

	private void saved(SessionScope scope, StoredSession session, PendingSave save, @Nullable SessionContent content) {
		boolean idAssigned = save.creation() != null || session.changesId(save);
		session.saved(save, content);
		if (idAssigned) {
			scope.idConfirmed(session.getHandle(), session.getId());
		}
		if (save.secret() != null) {
			if (save.hasPrincipal()) {
				this.knownIds.addLoggedIn(session.getHandle(), save.secret());
			}
			else {
				this.knownIds.add(session.getHandle(), save.secret());
			}
		}
	}

	/**
	 * Notifies registries on this node that the id of a log-in never reaches the client.
	 */
	void discardNewId(StoredSession session, PendingSave save) {
		if (session.changesId(save) || (save.creation() != null && save.hasPrincipal())) {
			this.events.discard(session.getHandle(), save.secret());
		}
	}

}
