package app.session.redis.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import app.session.redis.DeletionReason;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.engine.UnknownOutcomes;
import app.session.redis.index.SessionDescription;
import app.session.redis.limit.LimitStore.Attempt;
import app.session.redis.limit.LimitStore.Holder;
import app.session.redis.limit.LimitStore.Occupants;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.Reservation;
import app.session.redis.session.SessionScope;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the number of sessions within limits. A log-in first reserves a place among its
 * principal's sessions, which is exact whoever else logs in meanwhile; where there is
 * none, it is found out which of those that have the places are dead, and then who is to
 * go.
 */
public final class SessionLimits {

	/**
	 * Who leads nowhere is taken for dead when a look this much later finds the same:
	 * another node may be about to write the session. One that takes longer writes its
	 * entry once more, and is one too many then; on one server, which gets both in one
	 * flush, none takes that long.
	 */
	private static final long SECOND_LOOK_NANOS = Duration.ofMillis(100).toNanos();

	/**
	 * How long a log-in waits for those that are under way to get a session that can be
	 * evicted, or to give up.
	 */
	private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

	/** After so many the places change hands faster than can be followed. */
	private static final int MAX_ROUNDS = 500;

	private static final int MIN_PAUSE_MILLIS = 5;

	private static final int MAX_PAUSE_MILLIS = 25;

	private static final Comparator<SessionDescription> LONGEST_UNUSED = Comparator.comparing(SessionDescription::idle)
		.reversed()
		.thenComparing(SessionDescription::created);

	private final AtomicRedisSessionRepository repository;

	private final LimitStore store;

	private final UnknownOutcomes outcomes;

	private final SessionSettings settings;

	private final SessionStatistics statistics;

	public SessionLimits(AtomicRedisSessionRepository repository, LimitStore store, UnknownOutcomes outcomes,
			SessionSettings settings, SessionStatistics statistics) {
		this.repository = repository;
		this.store = store;
		this.outcomes = outcomes;
		this.settings = settings;
		this.statistics = statistics;
	}

	/** Whether log-ins need a place. */
	public boolean arePerPrincipal() {
		return this.settings.limitPerPrincipal() > 0;
	}

	/** Whether new sessions must be let in. */
	public boolean isTotal() {
		return this.settings.limitTotal() > 0;
	}

	/**
	 * Reserves a place for a session among those of each of its principals, or throws.
	 * Returns what is to be given back when the session isn't saved.
	 */
	public List<Reservation> reserve(@Nullable SessionScope scope, String handle, Collection<IndexEntry> principals) {
		if (principals.isEmpty()) {
			return List.of();
		}
		List<Reservation> reservations = new ArrayList<>(principals.size());
		try {
			for (IndexEntry principal : principals) {
				Reservation reservation = reserve(scope, handle, principal);
				if (reservation != null) {
					reservations.add(reservation);
				}
			}
			return reservations;
		}
		catch (RuntimeException ex) {
			giveBack(scope, reservations);
			throw ex;
		}
	}

	/** Reserves a place; null: the session is there already. */
	private @Nullable Reservation reserve(@Nullable SessionScope scope, String handle, IndexEntry principal) {
		Reservation before = (scope != null) ? scope.reservation(principal) : null;
		String replaced = (before != null && !before.handle().equals(handle)) ? before.handle() : null;
		Map<Holder, Long> doubted = new HashMap<>();
		long began = System.nanoTime();
		for (int round = 0; round < MAX_ROUNDS; round++) {
			Attempt attempt = attempt(principal, handle, replaced);
			if (attempt.granted()) {
				if (scope != null && attempt.reservation() != null) {
					scope.reserved(attempt.reservation(), this::giveBack);
				}
				return attempt.reservation();
			}
			boolean late = round > 0 && System.nanoTime() - began > PATIENCE_NANOS;
			if (!makeRoom(principal, attempt.holders(), doubted, late)) {
				break;
			}
		}
		throw refuse(scope, principal);
	}

	private Attempt attempt(IndexEntry principal, String handle, @Nullable String replaced) {
		try {
			return this.repository
				.ask(this.store.reserve(principal, handle, this.settings.limitPerPrincipal(), replaced));
		}
		catch (SessionStoreUnavailableException ex) {
			this.outcomes.reservationFailed(this.store, principal, handle, ex);
			throw ex;
		}
	}

	private void giveBack(Reservation reservation) {
		this.outcomes.giveBack(this.store, reservation);
	}

	/**
	 * Whether it is worth another attempt. However late it is, it is where somebody may
	 * be dead.
	 */
	private boolean makeRoom(IndexEntry principal, List<Holder> holders, Map<Holder, Long> doubted, boolean late) {
		Occupants occupants = this.repository.ask(this.store.ask(principal, holders));
		List<Holder> nowhere = occupants.nowhere();
		long now = System.nanoTime();
		nowhere.forEach((holder) -> doubted.putIfAbsent(holder, now));
		List<Holder> dead = nowhere.stream()
			.filter((holder) -> now - doubted.getOrDefault(holder, now) >= SECOND_LOOK_NANOS)
			.toList();
		if (!dead.isEmpty()) {
			this.repository.ask(this.store.free(principal, dead));
			return true;
		}
		int excess = holders.size() - this.settings.limitPerPrincipal() + 1 - nowhere.size();
		if (excess > 0 && (late || this.settings.onExceeded() == OnExceeded.REJECT)) {
			return false;
		}
		List<SessionDescription> sessions = occupants.sessions();
		if (excess > 0 && excess <= sessions.size()) {
			sessions.stream().sorted(LONGEST_UNUSED).limit(excess).forEach(this::evict);
			return true;
		}
		pause();
		return true;
	}

	private void evict(SessionDescription session) {
		this.repository.delete(session.handle(), null, DeletionReason.LIMIT);
	}

	/**
	 * At random, so that those who wait for the same place don't all come at once.
	 */
	private static void pause() {
		try {
			Thread.sleep(ThreadLocalRandom.current().nextInt(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS + 1));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SessionStoreUnavailableException(Reason.FAILED, "interrupted while waiting", ex);
		}
	}

	/** Counted once per request, which may ask again when it ends. */
	private SessionLimitExceededException refuse(@Nullable SessionScope scope, IndexEntry principal) {
		if (scope == null || scope.addRefused(principal)) {
			this.statistics.rejectedLogIns.increment();
		}
		return new SessionLimitExceededException(Limit.PER_PRINCIPAL, this.settings.limitPerPrincipal());
	}

	/** Lets a new session in, or throws when there are too many. */
	public void admit(@Nullable SessionScope scope, String handle) {
		if (!this.repository.ask(this.store.admit(handle, this.settings.limitTotal()))) {
			if (scope == null || scope.addRefused(handle)) {
				this.statistics.rejectedSessions.increment();
			}
			throw new SessionLimitExceededException(Limit.TOTAL, this.settings.limitTotal());
		}
	}

	/** Gives back what was reserved for a save that has failed. */
	public void giveBack(@Nullable SessionScope scope, List<Reservation> reservations) {
		for (Reservation reservation : reservations) {
			giveBack(reservation);
			takenUp(scope, List.of(reservation.entry()));
		}
	}

	/** Notes that places which the request has reserved are its no more. */
	public void takenUp(@Nullable SessionScope scope, Collection<IndexEntry> principals) {
		if (scope != null) {
			principals.forEach(scope::takenUp);
		}
	}

}
