package app.session.redis.engine;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Stages;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.event.SessionEvents;
import app.session.redis.limit.SessionLimits;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.ClientBinding;
import app.session.redis.session.PendingSave;
import app.session.redis.session.PendingSaves;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.store.Compensations.Compensation;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * Creates sessions and saves their changes.
 */
public final class SessionSaver {

	private final StoreCalls calls;

	private final StoredSessions sessions;

	private final PendingSaves pendingSaves;

	private final SessionNames names;

	private final SessionLimits limits;

	private final SessionEvents events;

	private final SessionCounts counts;

	private final ClientBinding binding;

	private final SessionWriter writer;

	SessionSaver(EngineContext context, SessionReader reader, SessionEnder ender, PendingSaves pendingSaves,
			SessionLimits limits, SessionEvents events, UnknownOutcomes outcomes) {
		this.calls = context.calls();
		this.sessions = context.sessions();
		this.pendingSaves = pendingSaves;
		this.names = context.names();
		this.limits = limits;
		this.events = events;
		this.counts = context.counts();
		this.binding = new ClientBinding(context.settings().clientBinding());
		this.writer = new SessionWriter(context, reader, ender, pendingSaves, limits, events, outcomes);
	}

	/**
	 * Creates a session, which is written to Redis by its first save.
	 * @param scope the request
	 * @return the session
	 * @throws SessionStoreUnavailableException if the store has already failed during the
	 * request
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
	 * Writes the changes of a session: nothing, or one script with the changes only. The
	 * first save creates the session and publishes its event; changes by its listeners
	 * are written with one more script.
	 * @param scope the request
	 * @param session the session
	 * @param options supplies the options before each write
	 * @return a stage that completes when the changes are written. Fails with an
	 * {@link IllegalArgumentException} if the value of an attribute can't be stored, with
	 * a {@link SessionLimitExceededException} if a limit on the number of sessions is
	 * reached, and with a {@link SessionStoreUnavailableException} if no reply arrives
	 */
	public CompletionStage<@Nullable Void> save(SessionScope scope, StoredSession session,
			Function<StoredSession, SaveOptions> options) {
		if (scope.hasEnded(session.getHandle())) {
			return Stages.done();
		}
		CompletionStage<Boolean> written = writeAlone(scope, session, options);
		if (written == Stages.completed(false)) {
			return Stages.done();
		}
		return Stages.then(written, (created) -> {
			if (!created) {
				return Stages.done();
			}
			this.counts.increment(SessionCounter.CREATED);
			this.events.publish(Kind.CREATED, session);
			if (scope.hasEnded(session.getHandle())) {
				return Stages.done();
			}
			// Save the listeners' changes, because the request may not save the session
			// again
			return writeAlone(scope, session, options).thenCompose((again) -> Stages.done());
		});
	}

	/** Writes a session while saves by other threads of the request wait. */
	private CompletionStage<Boolean> writeAlone(SessionScope scope, StoredSession session,
			Function<StoredSession, SaveOptions> options) {
		SaveOptions present = options.apply(session);
		return session.saving().turns().run(this.calls.caller(), () -> write(scope, session, present));
	}

	/** Writes the changes. Completes with whether this has created the session. */
	private CompletionStage<Boolean> write(SessionScope scope, StoredSession session, SaveOptions options) {
		PendingSave save = pendingSave(scope, session, options);
		if (save == null) {
			return Stages.completed(false);
		}
		if (session.saving().isTemporary()) {
			if (save.hasPrincipal()) {
				session.saving().requireLasting();
			}
			return Stages.completed(false);
		}
		CompletionStage<Boolean> written;
		try {
			written = write(scope, session, save, options);
		}
		catch (RuntimeException ex) {
			written = CompletableFuture.failedFuture(ex);
		}
		return Stages.hasSucceeded(written) ? written : Stages.recover(written, (failure) -> {
			if (failure instanceof SessionStoreUnavailableException
					|| failure instanceof SessionLimitExceededException) {
				this.writer.discardNewId(session, save);
			}
			return CompletableFuture.failedFuture(failure);
		});
	}

	/**
	 * Returns the save of a session, or null if there is nothing to write. A save that
	 * adds a principal also binds the session to its client, if sessions are bound.
	 */
	private @Nullable PendingSave pendingSave(SessionScope scope, StoredSession session, SaveOptions options) {
		PendingSave save = this.pendingSaves.of(session, options.inPlace(), options.leaveOut());
		if (save == null || !this.binding.isEnabled() || !scope.isRequest()
				|| this.pendingSaves.gainedPrincipals(session, save).isEmpty()) {
			return save;
		}
		session.setDuringSave(ClientBinding.ATTRIBUTE, this.binding.of(scope.client().details()));
		return this.pendingSaves.of(session, options.inPlace(), options.leaveOut());
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
		return Stages.recover(this.calls.receive(scope, compensation.settle()).thenCompose((settled) -> Stages.done()),
				(failure) -> {
					session.saving().compensation(compensation);
					return CompletableFuture.failedFuture(failure);
				})
			.thenCompose((settled) -> writeUnlessForbidden(scope, session, save, options));
	}

	private CompletionStage<Boolean> writeUnlessForbidden(SessionScope scope, StoredSession session, PendingSave save,
			SaveOptions options) {
		if (save.change() != null && SessionLocking.isForbidden(session, save.change())) {
			return Stages.completed(false);
		}
		Set<IndexEntry> principals = this.limits.arePerPrincipal() ? this.pendingSaves.gainedPrincipals(session, save)
				: Set.of();
		if (principals.isEmpty()) {
			return this.writer.write(scope, session, save, options);
		}
		return reserve(scope, session.getHandle(), principals).thenCompose((reservations) -> Stages
			.recover(Stages.start(() -> this.writer.write(scope, session, save, options)), (failure) -> {
				this.limits.release(scope, reservations);
				return CompletableFuture.failedFuture(failure);
			})).thenApply((created) -> {
				this.limits.removeReservations(scope, principals);
				return created;
			});
	}

	private CompletionStage<List<Reservation>> reserve(SessionScope scope, String handle,
			Collection<IndexEntry> principals) {
		return this.calls.observe(scope, StoreOperation.RESERVE, () -> this.limits.reserve(scope, handle, principals));
	}

	/**
	 * Waits for saves of a session that are in progress.
	 * @param session the session
	 * @return a stage that completes when they have ended, whether or not they succeeded
	 */
	public CompletionStage<@Nullable Void> settled(StoredSession session) {
		return session.saving().turns().run(this.calls.caller(), Stages::done);
	}

	/**
	 * Reserves a place for a log-in that is about to succeed, if the sessions of a
	 * principal are limited: {@code EVALSHA reserve}, one round trip, and more only if no
	 * place is free. The place is released at the end of the request, unless the session
	 * has got the principal; outside of requests, after 30 seconds.
	 * @param scope the request
	 * @param id the id, alias or handle of the session
	 * @param attributes the attributes that the log-in will set, which determine the
	 * principal
	 * @return a stage that completes when the place is reserved. Fails with a
	 * {@link SessionLimitExceededException} if the principal has as many sessions as are
	 * allowed, and none is evicted for this one
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
