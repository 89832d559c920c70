package app.session.redis.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Stages;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.event.SessionEvents;
import app.session.redis.limit.SessionLimits;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.KnownIds;
import app.session.redis.session.PendingSave;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.Compensations.Compensation;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SaveResult;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Creates sessions and saves what has changed in them.
 */
public final class SessionSaver {

	/** How often a save is repeated because the session was sealed anew meanwhile. */
	private static final int SEAL_ATTEMPTS = 100;

	private final StoreCalls calls;

	private final SessionStore store;

	private final SessionReader reader;

	private final SessionEnder ender;

	private final StoredSessions sessions;

	private final PendingSaves pendingSaves;

	private final SessionNames names;

	private final KnownIds knownIds;

	private final SessionLimits limits;

	private final SessionEvents events;

	private final UnknownOutcomes outcomes;

	private final SessionSettings settings;

	private final SessionStatistics statistics;

	private final RefusedSaves refusedSaves;

	SessionSaver(StoreCalls calls, SessionStore store, SessionReader reader, SessionEnder ender,
			StoredSessions sessions, PendingSaves pendingSaves, SessionNames names, KnownIds knownIds,
			SessionLimits limits, SessionEvents events, UnknownOutcomes outcomes, SessionSettings settings,
			SessionStatistics statistics) {
		this.calls = calls;
		this.store = store;
		this.reader = reader;
		this.ender = ender;
		this.sessions = sessions;
		this.pendingSaves = pendingSaves;
		this.names = names;
		this.knownIds = knownIds;
		this.limits = limits;
		this.events = events;
		this.outcomes = outcomes;
		this.settings = settings;
		this.statistics = statistics;
		this.refusedSaves = new RefusedSaves(settings, statistics);
	}

	/**
	 * Makes a session; Redis has it once it is saved.
	 * @param scope the request
	 * @return the session
	 * @throws SessionStoreUnavailableException if the store has failed in the request
	 * before
	 */
	public StoredSession create(SessionScope scope) {
		boolean temporary = scope.isAnonymous();
		if (!temporary) {
			scope.rethrowFailure();
		}
		StoredSession session = this.sessions.create(scope);
		if (temporary) {
			session.saving().becomeTemporary(scope.failure());
		}
		scope.add(session);
		return session;
	}

	/**
	 * Writes what has changed: nothing, or one script with the changes only. The first
	 * save creates the session and publishes its event; what listeners then change in the
	 * session is written with one more script.
	 * @param scope the request
	 * @param session the session
	 * @param options what to write
	 * @return when it is written. Fails with an {@link IllegalArgumentException} if the
	 * value of an attribute can't be stored, with a {@link SessionLimitExceededException}
	 * if the session would be one too many, and with a
	 * {@link SessionStoreUnavailableException} if there is no reply
	 */
	public CompletionStage<@Nullable Void> save(SessionScope scope, StoredSession session, SaveOptions options) {
		if (scope.hasEnded(session.getHandle())) {
			return Stages.done();
		}
		return writeAlone(scope, session, options).thenCompose((created) -> {
			if (!created) {
				return Stages.done();
			}
			this.statistics.created.increment();
			this.events.publish(Kind.CREATED, session);
			if (scope.hasEnded(session.getHandle())) {
				return Stages.done();
			}
			// What listeners have changed: nothing else in the request may save it
			return writeAlone(scope, session, options).thenCompose((written) -> Stages.done());
		});
	}

	/** Holds up other threads of the request that save the session. */
	private CompletionStage<Boolean> writeAlone(SessionScope scope, StoredSession session, SaveOptions options) {
		return session.saving().turns().run(this.calls.caller(), () -> write(scope, session, options));
	}

	/** Writes what has changed; whether that has created the session. */
	private CompletionStage<Boolean> write(SessionScope scope, StoredSession session, SaveOptions options) {
		PendingSave save = this.pendingSaves.of(session, options.inPlace(), options.leaveOut());
		if (save == null) {
			return CompletableFuture.completedFuture(false);
		}
		if (session.saving().isTemporary()) {
			if (save.hasPrincipal()) {
				session.saving().requireLasting();
			}
			return CompletableFuture.completedFuture(false);
		}
		return Stages.recover(Stages.start(() -> write(scope, session, save, options)), (failure) -> {
			if (failure instanceof SessionStoreUnavailableException
					|| failure instanceof SessionLimitExceededException) {
				discardNewId(session, save);
			}
			return CompletableFuture.failedFuture(failure);
		});
	}

	private CompletionStage<Boolean> write(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options) {
		session.saving().lock(scope.lock(session.getHandle()));
		scope.rethrowFailure();
		Compensation<?> compensation = session.saving().takeCompensation();
		if (compensation == null) {
			return writeUnlessForbidden(scope, session, save, options);
		}
		// An earlier save must be undone before it is repeated
		return Stages.recover(this.calls.ask(scope, compensation.settle()).thenCompose((settled) -> Stages.done()),
				(failure) -> {
					session.saving().compensation(compensation);
					return CompletableFuture.failedFuture(failure);
				})
			.thenCompose((settled) -> writeUnlessForbidden(scope, session, save, options));
	}

	private CompletionStage<Boolean> writeUnlessForbidden(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options) {
		if (save.change() != null && SessionLocking.isForbidden(session, save.change())) {
			return CompletableFuture.completedFuture(false);
		}
		Set<IndexEntry> principals = this.limits.arePerPrincipal() ? this.pendingSaves.gainedPrincipals(session, save)
				: Set.of();
		if (principals.isEmpty()) {
			return send(scope, session, save, options);
		}
		return reserve(scope, session.getHandle(), principals).thenCompose(
				(reservations) -> Stages.recover(Stages.start(() -> send(scope, session, save, options)), (failure) -> {
					this.limits.giveBack(scope, reservations);
					return CompletableFuture.failedFuture(failure);
				}))
			.thenApply((created) -> {
				this.limits.takenUp(scope, principals);
				return created;
			});
	}

	private CompletionStage<List<Reservation>> reserve(SessionScope scope, String handle,
			Collection<IndexEntry> principals) {
		return this.calls.observe(StoreOperation.RESERVE, () -> this.limits.reserve(scope, handle, principals));
	}

	/**
	 * Tells registries on this node of a log-in under an id that the client never gets.
	 */
	private void discardNewId(StoredSession session, PendingSave save) {
		if (session.changesId(save) || (save.creation() != null && save.hasPrincipal())) {
			this.events.discard(session.getHandle(), save.secret());
		}
	}

	private CompletionStage<Boolean> send(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options) {
		NewSession creation = save.creation();
		if (creation == null) {
			return change(scope, session, save, options, 0);
		}
		return create(scope, session, save, creation).thenCompose((created) -> {
			PendingSave access = (created && session.isBackdated())
					? this.pendingSaves.of(session, false, options.leaveOut()) : null;
			return (access != null) ? change(scope, session, access, new SaveOptions(false, options.leaveOut()), 0)
				.thenApply((changed) -> created) : CompletableFuture.completedFuture(created);
		});
	}

	private CompletionStage<Boolean> create(SessionScope scope, StoredSession session, PendingSave save,
			NewSession creation) {
		CompletionStage<@Nullable Void> admitted = this.limits.isTotal()
				? this.calls.observe(StoreOperation.ADMIT, () -> this.limits.admit(scope, session.getHandle()))
				: Stages.done();
		CompletionStage<Boolean> created = admitted
			.thenCompose((in) -> this.calls.observe(StoreOperation.CREATE,
					() -> this.calls.ask(scope, this.store.create(creation))))
			.thenCompose((written) -> {
				this.statistics.saved(creation::bytes);
				saved(scope, session, save);
				return (save.hasPrincipal() ? this.calls.confirm(session.getHandle()) : Stages.done())
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
		// A log-in must not be lost without notice
		if (!scope.isRequest() || this.settings.onUnavailable() != OnUnavailable.ANONYMOUS || save.hasPrincipal()) {
			return CompletableFuture.failedFuture(failure);
		}
		scope.anonymous();
		session.saving().becomeTemporary(unavailable);
		return CompletableFuture.completedFuture(false);
	}

	/** Changes a session that is stored; never creates it. */
	private CompletionStage<Boolean> change(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options, int attempt) {
		SessionChange change = save.change();
		if (change == null) {
			throw new IllegalStateException("The session " + session.getHandle() + " has no change to save");
		}
		SessionLocking.fence(session, change);
		CompletionStage<SaveResult> result = Stages.recover(
				this.calls.observe(StoreOperation.SAVE, () -> this.calls.ask(scope, this.store.save(change))),
				(failure) -> {
					if (failure instanceof SessionStoreUnavailableException unavailable) {
						this.outcomes.saveFailed(session, save, unavailable, this.ender::deletedInstead);
					}
					return CompletableFuture.failedFuture(failure);
				});
		return result.thenCompose((outcome) -> {
			if (outcome == SaveResult.SEAL_CHANGED && attempt < SEAL_ATTEMPTS) {
				return changeUnderNewSeal(scope, session, save, options, attempt + 1);
			}
			if (outcome != SaveResult.SAVED) {
				return refused(session, save, outcome);
			}
			this.statistics.saved(change::bytes);
			saved(scope, session, save);
			return (change.isOfIdentity(PRINCIPAL_NAME_INDEX_NAME) ? this.calls.confirm(session.getHandle())
					: Stages.done())
				.thenApply((confirmed) -> false);
		});
	}

	/**
	 * Repeats a change after another request has sealed the session anew: what this one
	 * writes must be sealed likewise.
	 */
	private CompletionStage<Boolean> changeUnderNewSeal(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options, int attempt) {
		return this.reader.load(scope, session.getHandle(), session.loadedDigest()).thenCompose((present) -> {
			if (present == null) {
				return refused(session, save, SaveResult.GONE);
			}
			session.refresh(present);
			PendingSave pending = this.pendingSaves.of(session, options.inPlace(), options.leaveOut());
			return (pending != null) ? change(scope, session, pending, options, attempt)
					: CompletableFuture.completedFuture(false);
		});
	}

	private CompletionStage<Boolean> refused(StoredSession session, PendingSave save, SaveResult result) {
		discardNewId(session, save);
		this.refusedSaves.refused(session, result);
		return CompletableFuture.completedFuture(false);
	}

	private void saved(SessionScope scope, StoredSession session, PendingSave save) {
		boolean idGiven = save.creation() != null || session.changesId(save);
		session.saved(save);
		if (idGiven) {
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
	 * Reserves the place of a log-in that is about to succeed, where the sessions of a
	 * principal are limited: {@code EVALSHA reserve}, one round trip, and more only when
	 * there is no place. The place is given back when the request ends and the session
	 * has not got the principal; outside of requests, after 30 seconds.
	 * @param scope the request
	 * @param id the id, alias or handle of the session
	 * @param attributes what the log-in is going to set, which determines the principal
	 * @return when it is reserved. Fails with a {@link SessionLimitExceededException} if
	 * the principal has as many sessions as are allowed, and none is evicted for this one
	 */
	public CompletionStage<@Nullable Void> reserve(SessionScope scope, String id, Map<String, ?> attributes) {
		SessionName name = this.names.parse(id);
		if (!this.limits.arePerPrincipal() || name == null) {
			return Stages.done();
		}
		scope.rethrowFailure();
		Set<IndexEntry> principals = this.pendingSaves.principals(scope.session(name.handle()), attributes);
		if (principals.isEmpty()) {
			return Stages.done();
		}
		return reserve(scope, name.handle(), principals).thenCompose((reserved) -> Stages.done());
	}

}
