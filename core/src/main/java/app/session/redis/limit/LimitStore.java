package app.session.redis.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.index.ListingStore;
import app.session.redis.index.SessionDescription;
import app.session.redis.session.Reservation;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.RedisKeys;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Reserves places for sessions if their number is limited. A reserved place is an index
 * entry that is written before its session, so that one script on one key is enough for
 * atomicity, on a cluster too. Every stage fails with a
 * {@link SessionStoreUnavailableException} if Redis is unavailable.
 */
public final class LimitStore {

	/**
	 * How long a place stays reserved: enough for a request that logs a user in to
	 * finish. If the node dies in the meantime, the place becomes free after this time.
	 */
	public static final Duration HOLD = Duration.ofSeconds(30);

	private static final int CHUNK = 500;

	private final SessionStore store;

	private final CallSender engine;

	private final ListingStore listing;

	/**
	 * Creates a limit store.
	 * @param store the store of the sessions
	 */
	public LimitStore(SessionStore store) {
		this.store = store;
		this.engine = store.engine();
		this.listing = new ListingStore(store, List.of());
	}

	/**
	 * Reserves a place among the sessions of an index value: {@code EVALSHA reserve}, one
	 * round trip. A session that is already in the index has its place.
	 * @param entry the index value
	 * @param handle the session
	 * @param limit the maximum number of sessions
	 * @param replaced a session whose reservation is replaced, or null
	 * @return the result of the attempt
	 */
	public CompletionStage<Attempt> reserve(IndexEntry entry, String handle, int limit, @Nullable String replaced) {
		Call call = Call.of(LuaScript.RESERVE, this.store.keys().index(entry))
			.arg(handle)
			.arg(limit)
			.arg(HOLD.toMillis())
			.arg((replaced != null) ? replaced : "");
		return this.engine.send(call).thenApply((reply) -> {
			if (reply.integer(0) == 0) {
				List<Holder> holders = new ArrayList<>(reply.size() / 2);
				for (int i = 1; i + 1 < reply.size(); i += 2) {
					holders.add(new Holder(reply.text(i), reply.text(i + 1)));
				}
				return new Attempt(false, null, holders);
			}
			Reservation reservation = (reply.size() > 1) ? new Reservation(entry, handle, reply.text(1)) : null;
			return new Attempt(true, reservation, List.of());
		});
	}

	/**
	 * Reads the sessions that hold the places of an index value: {@code EVALSHA describe}
	 * for each 50 sessions, or on a cluster for each session, in one round trip for 500.
	 * Reservations and sessions that can't be read on this node count as living sessions.
	 * @param entry the index value
	 * @param holders the holders of the places
	 * @return the sessions, and the holders without a session
	 */
	public CompletionStage<Occupants> readOccupants(IndexEntry entry, List<Holder> holders) {
		List<Holder> sessions = holders.stream().filter((holder) -> !holder.isReservation()).toList();
		Occupants occupants = new Occupants(new ArrayList<>(sessions.size()), new ArrayList<>());
		CompletableFuture<Void> reading = CompletableFuture.completedFuture(null);
		for (int from = 0; from < sessions.size(); from += CHUNK) {
			List<Holder> chunk = sessions.subList(from, Math.min(from + CHUNK, sessions.size()));
			reading = reading.thenCompose((before) -> readOccupants(entry, chunk, occupants));
		}
		return reading.thenApply((ignored) -> occupants);
	}

	private CompletionStage<Void> readOccupants(IndexEntry entry, List<Holder> holders, Occupants occupants) {
		return this.listing.describe(holders.stream().map(Holder::handle).toList()).thenAccept((described) -> {
			Set<String> withoutSession = new HashSet<>(described.gone());
			for (SessionDescription session : described.sessions()) {
				if (session.indexEntries().contains(entry)) {
					occupants.sessions().add(session);
				}
				else {
					withoutSession.add(session.handle());
				}
			}
			holders.stream()
				.filter((holder) -> withoutSession.contains(holder.handle()))
				.forEach(occupants.withoutSession()::add);
		});
	}

	/**
	 * Frees places without a session, unless they have been taken again:
	 * {@code EVALSHA remove} for each, in one round trip.
	 * @param entry the index value
	 * @param holders the holders, with the scores that were read
	 * @return a stage that completes when the places are free
	 */
	public CompletionStage<Void> free(IndexEntry entry, List<Holder> holders) {
		List<Call> calls = holders.stream()
			.map((holder) -> this.store.hints().removeUnchanged(entry, holder.handle(), holder.score()))
			.toList();
		this.engine.send(calls);
		return Call.all(calls);
	}

	/**
	 * Releases a reservation, unless its session has been saved: {@code EVALSHA remove},
	 * one round trip, which the caller needn't wait for.
	 * @param reservation the reservation
	 * @return a stage that completes when it is released
	 */
	public CompletionStage<?> release(Reservation reservation) {
		Call call = this.store.hints().removeUnchanged(reservation.entry(), reservation.handle(), reservation.score());
		CompletionStage<?> reply = this.engine.send(call);
		this.engine.background(reply, "Releasing a reservation");
		return reply;
	}

	/**
	 * Releases the place that {@link #reserve} may have reserved although no reply
	 * arrived: {@code EVALSHA remove}, one round trip. If another request of the same
	 * session has reserved a place in the meantime, that reservation is released too.
	 * @param entry the index value
	 * @param handle the session
	 * @return a stage that completes when it is released
	 */
	public CompletionStage<?> undoReservation(IndexEntry entry, String handle) {
		return this.engine.send(this.store.hints().removeReserved(entry, handle));
	}

	/**
	 * Checks whether one more session can be created: {@code EVALSHA admit}, one round
	 * trip. On a single server, the script also records the session, so that the check is
	 * exact under concurrency. On a cluster, the script runs for each part of the hints,
	 * and concurrent checks don't count each other's sessions. If the session is not
	 * written afterwards, the collector detects this once a reservation would have
	 * expired.
	 * @param handle the session
	 * @param limit the maximum number of sessions
	 * @return whether the session can be created
	 */
	public CompletionStage<Boolean> admit(String handle, int limit) {
		RedisKeys keys = this.store.keys();
		List<byte[]> parts = new ArrayList<>(RedisKeys.HINT_PARTS);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			parts.add(keys.hints(part));
		}
		if (!this.engine.isCluster()) {
			Call call = Call.of(LuaScript.ADMIT, parts.get(0))
				.also(parts.subList(1, parts.size()))
				.arg(limit)
				.arg(handle)
				.arg(RedisKeys.hintPart(handle) + 1)
				.arg(HOLD.toMillis());
			return this.engine.send(call).thenApply((reply) -> reply.integer(0) == 1);
		}
		List<Call> calls = parts.stream().map((part) -> Call.of(LuaScript.ADMIT, part).arg(0)).toList();
		this.engine.send(calls);
		return Call.all(calls)
			.thenApply((ignored) -> calls.stream().mapToLong((call) -> call.received().integer(1)).sum() < limit);
	}

	/**
	 * The result of an attempt to reserve a place.
	 *
	 * @param granted whether the session has a place
	 * @param reservation the reservation; null if the session was already in the index,
	 * or if no place is free
	 * @param holders the holders of the places if none is free, or else empty
	 */
	public record Attempt(boolean granted, @Nullable Reservation reservation, List<Holder> holders) {
	}

	/**
	 * A holder of a place.
	 *
	 * @param handle the session
	 * @param score the score of the index entry, as Redis formats it
	 */
	public record Holder(String handle, String score) {

		/** Returns whether the session isn't saved yet. */
		boolean isReservation() {
			return this.score.indexOf('.') >= 0;
		}

	}

	/**
	 * The holders of places, except reservations and sessions that can't be read on this
	 * node.
	 *
	 * @param sessions the living sessions
	 * @param withoutSession the holders without a session under this index value: their
	 * entries are left over, or their sessions are about to be written
	 */
	public record Occupants(List<SessionDescription> sessions, List<Holder> withoutSession) {
	}

}
