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
 * Keeps places for sessions where their number is limited. A place in an index is an
 * entry that is made early, and so all that must be atomic is one script on one key, on a
 * cluster too. Every stage fails with a {@link SessionStoreUnavailableException} when
 * Redis can't be asked.
 */
public final class LimitStore {

	/**
	 * How long a place is kept for a session: the end of a request that has logged a user
	 * in. A node that dies meanwhile leaves it taken for no longer.
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
	 * round trip. A session that is there already has its place.
	 * @param entry the index value
	 * @param handle the session
	 * @param limit how many sessions there may be
	 * @param replaced a session whose reservation this one takes over, or null
	 * @return what became of it
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
	 * Asks the sessions that have the places of an index value: {@code EVALSHA describe}
	 * for each 50, on a cluster for each, in one round trip for 500. A reservation counts
	 * as one that lives, and so does a session that can't be read here.
	 * @param entry the index value
	 * @param holders who has the places
	 * @return what there is to know of them
	 */
	public CompletionStage<Occupants> ask(IndexEntry entry, List<Holder> holders) {
		List<Holder> sessions = holders.stream().filter((holder) -> !holder.isReservation()).toList();
		Occupants occupants = new Occupants(new ArrayList<>(sessions.size()), new ArrayList<>());
		CompletableFuture<Void> asked = CompletableFuture.completedFuture(null);
		for (int from = 0; from < sessions.size(); from += CHUNK) {
			List<Holder> chunk = sessions.subList(from, Math.min(from + CHUNK, sessions.size()));
			asked = asked.thenCompose((before) -> ask(entry, chunk, occupants));
		}
		return asked.thenApply((ignored) -> occupants);
	}

	private CompletionStage<Void> ask(IndexEntry entry, List<Holder> holders, Occupants occupants) {
		return this.listing.describe(holders.stream().map(Holder::handle).toList()).thenAccept((described) -> {
			Set<String> nowhere = new HashSet<>(described.gone());
			for (SessionDescription session : described.sessions()) {
				if (session.indexEntries().contains(entry)) {
					occupants.sessions().add(session);
				}
				else {
					nowhere.add(session.handle());
				}
			}
			holders.stream().filter((holder) -> nowhere.contains(holder.handle())).forEach(occupants.nowhere()::add);
		});
	}

	/**
	 * Frees places that lead nowhere, unless somebody has taken them anew: {@code EVALSHA
	 * remove} for each, in one round trip.
	 * @param entry the index value
	 * @param holders as they were found
	 * @return when that is done
	 */
	public CompletionStage<Void> free(IndexEntry entry, List<Holder> holders) {
		List<Call> calls = holders.stream()
			.map((holder) -> this.store.hints().removeUnchanged(entry, holder.handle(), holder.score()))
			.toList();
		this.engine.send(calls);
		return Call.all(calls);
	}

	/**
	 * Gives a reservation back that is not needed, unless its session is saved:
	 * {@code EVALSHA remove}, one round trip, for which nobody needs to wait.
	 * @param reservation the reservation
	 * @return when it is given back
	 */
	public CompletionStage<?> giveBack(Reservation reservation) {
		Call call = this.store.hints().removeUnchanged(reservation.entry(), reservation.handle(), reservation.score());
		CompletionStage<?> reply = this.engine.send(call);
		this.engine.background(reply, "Giving a reservation back");
		return reply;
	}

	/**
	 * Gives back what {@link #reserve} may have reserved though no reply arrived:
	 * {@code EVALSHA remove}, one round trip. A reservation that another request of the
	 * same session has made meanwhile is given back, too.
	 * @param entry the index value
	 * @param handle the session
	 * @return when it is given back
	 */
	public CompletionStage<?> undoReservation(IndexEntry entry, String handle) {
		return this.engine.send(this.store.hints().removeReserved(entry, handle));
	}

	/**
	 * Finds out whether one more session may be created: {@code EVALSHA admit}, one round
	 * trip. On one server it notes the session among the others in the same script, and
	 * is exact whoever creates others meanwhile. On a cluster it is asked of each part,
	 * and those who ask at the same moment don't see each other. If the session isn't
	 * written then, the collector finds out when a reservation's time has passed.
	 * @param handle the session
	 * @param limit how many sessions there may be
	 * @return whether it may be created
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
	 * What became of an attempt to reserve a place.
	 *
	 * @param granted whether the session has a place
	 * @param reservation what keeps it; null when the session was there already, and when
	 * there is no place
	 * @param holders who has the places, when there is none
	 */
	public record Attempt(boolean granted, @Nullable Reservation reservation, List<Holder> holders) {
	}

	/**
	 * Who has a place.
	 *
	 * @param handle the session
	 * @param score the entry's score, as Redis writes it
	 */
	public record Holder(String handle, String score) {

		/** Whether the session isn't saved yet. */
		boolean isReservation() {
			return this.score.indexOf('.') >= 0;
		}

	}

	/**
	 * Those who have places, apart from reservations and from sessions that can't be read
	 * here.
	 *
	 * @param sessions sessions that live
	 * @param nowhere who has no session, or one that isn't found under that index value:
	 * left over, or about to be written
	 */
	public record Occupants(List<SessionDescription> sessions, List<Holder> nowhere) {
	}

}
