package app.session.redis.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;

import app.session.redis.OptionNames;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Caller;
import app.session.redis.client.Failures;
import app.session.redis.client.Stages;
import app.session.redis.index.SessionDescription;
import app.session.redis.limit.LimitStore.Attempt;
import app.session.redis.limit.LimitStore.Holder;
import app.session.redis.limit.LimitStore.Occupants;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionScope;
import app.session.redis.settings.LimitSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.store.Compensations;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the number of sessions within limits. A log-in first reserves a place among its
 * principal's sessions, which is exact regardless of the number of concurrent log-ins. If
 * no place is free, places of ended sessions are freed; if there are none, the least
 * recently used session is evicted or the log-in is refused.
 */
public final class SessionLimits {

	/**
	 * The delay after which a holder that still has no session is treated as left over:
	 * before that, another node may be about to write the session. A node that takes
	 * longer writes the entry again and exceeds the limit by one. On a single server this
	 * doesn't happen, because it receives both writes in one flush.
	 */
	private static final long RECHECK_NANOS = Duration.ofMillis(100).toNanos();

	/**
	 * How long a log-in waits until concurrent log-ins have saved a session that can be
	 * evicted, or have given up.
	 */
	private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

	/**
	 * The number of attempts after which a log-in is refused, because the places change
	 * faster than they can be read.
	 */
	private static final int MAX_ROUNDS = 500;

	private static final int MIN_PAUSE_MILLIS = 5;

	private static final int MAX_PAUSE_MILLIS = 25;

	private static final Comparator<SessionDescription> LONGEST_UNUSED = Comparator.comparing(SessionDescription::idle)
		.reversed()
		.thenComparing(SessionDescription::created);

	private final Caller caller;

	private final LimitStore store;

	private final Compensations compensations;

	private final LimitSettings settings;

	private final OptionNames optionNames;

	private final SessionCounts counts;

	private final Evictor evictor;

	/**
	 * Creates limits.
	 * @param caller receives the replies for requests
	 * @param store reserves the places
	 * @param compensations repeats releases that Redis hasn't confirmed
	 * @param settings the limits
	 * @param optionNames the names of options in messages
	 * @param counts counts refused log-ins and sessions
	 * @param evictor ends the evicted sessions
	 */
	public SessionLimits(Caller caller, LimitStore store, Compensations compensations, LimitSettings settings,
			OptionNames optionNames, SessionCounts counts, Evictor evictor) {
		this.caller = caller;
		this.store = store;
		this.compensations = compensations;
		this.settings = settings;
		this.optionNames = optionNames;
		this.counts = counts;
		this.evictor = evictor;
	}

	/** Returns whether log-ins have to reserve a place. */
	public boolean arePerPrincipal() {
		return this.settings.perPrincipal() > 0;
	}

	/** Returns whether the total number of sessions is limited. */
	public boolean isTotal() {
		return this.settings.total() > 0;
	}

	/**
	 * Reserves a place for a session among those of each of its principals, one after the
	 * other: {@code EVALSHA reserve} for each, one round trip, and more only if no place
	 * is free.
	 * @param scope the request
	 * @param handle the session
	 * @param principals the index values of its principals
	 * @return the reservations, to be released if the session isn't saved. Fails with a
	 * {@link SessionLimitExceededException} if no place is free, and with a
	 * {@link SessionStoreUnavailableException} if Redis is unavailable
	 */
	public CompletionStage<List<Reservation>> reserve(SessionScope scope, String handle,
			Collection<IndexEntry> principals) {
		if (principals.isEmpty()) {
			return CompletableFuture.completedFuture(List.of());
		}
		List<Reservation> reservations = new ArrayList<>(principals.size());
		CompletionStage<@Nullable Void> reserved = Stages.done();
		for (IndexEntry principal : principals) {
			reserved = reserved.thenCompose((before) -> reserve(scope, handle, principal, reservations));
		}
		return reserved.thenApply((ignored) -> reservations).whenComplete((done, failure) -> {
			if (failure != null) {
				release(scope, reservations);
			}
		});
	}

	/** Reserves a place, unless the session already has one. */
	private CompletionStage<@Nullable Void> reserve(SessionScope scope, String handle, IndexEntry principal,
			List<Reservation> reservations) {
		Reservation before = scope.reservation(principal);
		String replaced = (before != null && !before.handle().equals(handle)) ? before.handle() : null;
		Search search = new Search(scope, handle, principal, replaced);
		return Stages.repeat(() -> attempt(search)).thenCompose((granted) -> {
			Reservation reservation = granted.reservation();
			if (reservation != null) {
				scope.reserved(reservation, this::release);
				reservations.add(reservation);
			}
			return Stages.done();
		});
	}

	/** Completes with null if another attempt can succeed. */
	private CompletionStage<@Nullable Attempt> attempt(Search search) {
		if (search.rounds == MAX_ROUNDS) {
			return CompletableFuture.failedFuture(refuse(search.scope, search.principal));
		}
		return place(search).thenCompose((attempt) -> {
			if (attempt.granted()) {
				return CompletableFuture.completedFuture(attempt);
			}
			boolean late = search.rounds > 0 && System.nanoTime() - search.began > PATIENCE_NANOS;
			search.rounds++;
			return makeRoom(search, attempt.holders(), late).thenApply((room) -> {
				if (!room) {
					throw refuse(search.scope, search.principal);
				}
				return null;
			});
		});
	}

	private CompletionStage<Attempt> place(Search search) {
		CompletionStage<Attempt> attempt = this.store.reserve(search.principal, search.handle,
				this.settings.perPrincipal(), search.replaced);
		return receive(search.scope, attempt).whenComplete((reply, failure) -> {
			if (failure != null) {
				reservationFailed(search, Failures.translate(failure));
			}
		});
	}

	/** Releases a place that may have been reserved. */
	private void reservationFailed(Search search, SessionStoreUnavailableException failure) {
		if (!Compensations.isRefusal(failure)) {
			this.compensations.add("Releasing a reservation that received no reply", LimitStore.HOLD,
					() -> this.store.undoReservation(search.principal, search.handle).thenApply((reply) -> true),
					(done) -> {
					});
		}
	}

	/** Releases a place, and repeats this until Redis confirms it. */
	private void release(Reservation reservation) {
		var unused = this.store.release(reservation).whenComplete((reply, failure) -> {
			if (failure != null) {
				this.compensations.add("Releasing a reservation", LimitStore.HOLD,
						() -> this.store.release(reservation).thenApply((done) -> true), (done) -> {
						});
			}
		});
	}

	/**
	 * Receives a reply. After a failure of the store, the request sends no further
	 * commands.
	 */
	private <T extends @Nullable Object> CompletionStage<T> receive(SessionScope scope, CompletionStage<T> reply) {
		return this.caller.receive(reply).whenComplete((value, failure) -> {
			if (failure != null && Stages.unwrap(failure) instanceof SessionStoreUnavailableException unavailable) {
				scope.fail(unavailable);
			}
		});
	}

	/**
	 * Completes with whether another attempt can succeed. Even after the maximum waiting
	 * time, it can if there are holders without a session.
	 */
	private CompletionStage<Boolean> makeRoom(Search search, List<Holder> holders, boolean late) {
		return receive(search.scope, this.store.readOccupants(search.principal, holders))
			.thenCompose((occupants) -> makeRoom(search, holders, occupants, late));
	}

	private CompletionStage<Boolean> makeRoom(Search search, List<Holder> holders, Occupants occupants, boolean late) {
		List<Holder> withoutSession = occupants.withoutSession();
		long now = System.nanoTime();
		withoutSession.forEach((holder) -> search.suspected.putIfAbsent(holder, now));
		List<Holder> dead = withoutSession.stream()
			.filter((holder) -> now - search.suspected.getOrDefault(holder, now) >= RECHECK_NANOS)
			.toList();
		if (!dead.isEmpty()) {
			return receive(search.scope, this.store.free(search.principal, dead)).thenApply((freed) -> true);
		}
		int excess = holders.size() - this.settings.perPrincipal() + 1 - withoutSession.size();
		if (excess > 0 && (late || this.settings.onExceeded() == OnExceeded.REJECT)) {
			return CompletableFuture.completedFuture(false);
		}
		List<SessionDescription> sessions = occupants.sessions();
		if (excess > 0 && excess <= sessions.size()) {
			return evict(search.scope, sessions.stream().sorted(LONGEST_UNUSED).limit(excess).toList());
		}
		return pause();
	}

	private CompletionStage<Boolean> evict(SessionScope scope, List<SessionDescription> sessions) {
		CompletionStage<Boolean> evicted = CompletableFuture.completedFuture(true);
		for (SessionDescription session : sessions) {
			evicted = evicted
				.thenCompose((before) -> this.evictor.evict(scope, session.handle()).thenApply((ended) -> true));
		}
		return evicted;
	}

	/**
	 * Pauses for a random time, so that log-ins that wait for the same place don't all
	 * retry at once.
	 */
	private CompletionStage<Boolean> pause() {
		long millis = ThreadLocalRandom.current().nextInt(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS + 1);
		return this.caller.await(new CompletableFuture<>(), Duration.ofMillis(millis)).thenApply((signal) -> true);
	}

	/**
	 * Counts the refusal once per request, because the request may try again when it
	 * ends.
	 */
	private SessionLimitExceededException refuse(SessionScope scope, IndexEntry principal) {
		if (scope.addRefused(principal)) {
			this.counts.increment(SessionCounter.REJECTED_LOG_INS);
		}
		return new SessionLimitExceededException(Limit.PER_PRINCIPAL, this.settings.perPrincipal(), this.optionNames);
	}

	/**
	 * Admits a new session within the total limit: {@code EVALSHA admit}, one round trip.
	 * @param scope the request
	 * @param handle the session
	 * @return a stage that completes when the session is admitted. Fails with a
	 * {@link SessionLimitExceededException} if the limit is reached, and with a
	 * {@link SessionStoreUnavailableException} if Redis is unavailable
	 */
	public CompletionStage<@Nullable Void> admit(SessionScope scope, String handle) {
		return receive(scope, this.store.admit(handle, this.settings.total())).thenCompose((admitted) -> {
			if (!admitted) {
				if (scope.addRefused(handle)) {
					this.counts.increment(SessionCounter.REJECTED_SESSIONS);
				}
				throw new SessionLimitExceededException(Limit.TOTAL, this.settings.total(), this.optionNames);
			}
			return Stages.done();
		});
	}

	/** Releases the reservations of a failed save. */
	public void release(SessionScope scope, List<Reservation> reservations) {
		for (Reservation reservation : reservations) {
			release(reservation);
			removeReservations(scope, List.of(reservation.entry()));
		}
	}

	/**
	 * Records that the request's reservations for these principals have been used or
	 * released.
	 */
	public void removeReservations(SessionScope scope, Collection<IndexEntry> principals) {
		principals.forEach(scope::removeReservation);
	}

	/**
	 * The state of one search for a place. Its steps run one after the other, possibly on
	 * different threads.
	 */
	private static final class Search {

		private final SessionScope scope;

		private final String handle;

		private final IndexEntry principal;

		private final @Nullable String replaced;

		/** When each holder without a session was first found. */
		private final Map<Holder, Long> suspected = new HashMap<>();

		private final long began = System.nanoTime();

		private int rounds;

		Search(SessionScope scope, String handle, IndexEntry principal, @Nullable String replaced) {
			this.scope = scope;
			this.handle = handle;
			this.principal = principal;
			this.replaced = replaced;
		}

	}

}
