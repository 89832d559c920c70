package app.session.redis.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.Failures;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.store.LoadedSessions.Large;
import org.jspecify.annotations.Nullable;

/**
 * Reads many sessions by their handles without delaying requests. No read counts as an
 * access.
 */
public final class BulkReader {

	/**
	 * The maximum total size of sessions that are read together, in bytes. It limits how
	 * long the replies to other commands are delayed.
	 */
	public static final int FLUSH_BYTES = 4 * 1024 * 1024;

	private static final byte[] NONE = {};

	/** The reply of {@code load.lua} for a session that exceeds the given size. */
	private static final long LARGE = -6;

	private final CallSender engine;

	/** Reads sessions whose size would delay requests. */
	private final CallSender separate;

	private final RedisKeys keys;

	private final SessionReplies replies;

	BulkReader(CallSender engine, RedisKeys keys, SessionReplies replies) {
		this.engine = engine;
		this.separate = engine.separate();
		this.keys = keys;
		this.replies = replies;
	}

	/**
	 * Reads sessions: {@code EVALSHA load} for each, in one round trip. A session that
	 * can't be read hides no other. Sessions that exceed their share of
	 * {@value #FLUSH_BYTES} bytes are left to {@link #loadLarge}, because the replies for
	 * requests use the same connection.
	 * @param handles the sessions
	 * @return the live sessions, and the handles of the others
	 */
	public CompletionStage<LoadedSessions> loadAll(List<String> handles) {
		long share = FLUSH_BYTES / Math.max(handles.size(), 1);
		List<Call> calls = handles.stream().map((handle) -> loading(handle).arg(NONE).arg(share)).toList();
		this.engine.send(calls);
		return loaded(handles, calls);
	}

	/**
	 * Reads sessions that {@link #loadAll} has left out, over a separate connection:
	 * {@code EVALSHA load} and {@code HGETALL} for each, in one round trip.
	 * @param sessions a {@linkplain #batches batch} of the sessions
	 * @return the live sessions, and the handles of the others
	 */
	public CompletionStage<LoadedSessions> loadLarge(List<Large> sessions) {
		List<DirectLoad> loads = sessions.stream()
			.map((session) -> new DirectLoad(this.keys, session.handle(), null, null, null))
			.toList();
		List<Call> calls = loads.stream().flatMap((load) -> load.calls().stream()).toList();
		this.separate.send(calls);
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			LoadedSessions loaded = LoadedSessions.none();
			loads.forEach((load) -> add(loaded, load));
			return loaded;
		}).whenComplete((loaded, failure) -> {
			if (failure != null && Failures.translate(failure).getReason() == Reason.TIMEOUT) {
				this.separate.drop();
			}
		});
	}

	private void add(LoadedSessions loaded, DirectLoad load) {
		if (load.calls().stream().anyMatch(Call::isDamaged)) {
			this.replies.addDamaged(load.handle());
			return;
		}
		try {
			SessionContent content = load.isFound() ? load.content(this.replies) : null;
			if (load.isFound() && content == null) {
				loaded.gone().add(load.handle());
			}
			else {
				add(loaded, load.handle(), content, load.state());
			}
		}
		catch (SessionStoreUnavailableException ex) {
			if (ex.getReason() == Reason.DAMAGED) {
				this.replies.addDamaged(load.handle());
			}
		}
	}

	private Call loading(String handle) {
		return SessionStore.loading(this.keys, handle, null, null);
	}

	/**
	 * Splits sessions into batches of at most {@value #FLUSH_BYTES} bytes; a larger
	 * session is a batch of its own.
	 * @param sessions the sessions
	 * @return the batches
	 */
	public static List<List<Large>> batches(List<Large> sessions) {
		List<List<Large>> batches = new ArrayList<>();
		int from = 0;
		long bytes = 0;
		for (int i = 0; i < sessions.size(); i++) {
			bytes += sessions.get(i).bytes();
			if (i > from && bytes > FLUSH_BYTES) {
				batches.add(sessions.subList(from, i));
				from = i;
				bytes = sessions.get(i).bytes();
			}
		}
		if (from < sessions.size()) {
			batches.add(sessions.subList(from, sessions.size()));
		}
		return batches;
	}

	private CompletionStage<LoadedSessions> loaded(List<String> handles, List<Call> calls) {
		return Call.allButDamaged(calls).thenApply((ignored) -> {
			LoadedSessions loaded = LoadedSessions.none();
			for (int i = 0; i < calls.size(); i++) {
				String handle = handles.get(i);
				if (calls.get(i).isDamaged()) {
					this.replies.addDamaged(handle);
				}
				else {
					add(loaded, handle, null, calls.get(i).received());
				}
			}
			return loaded;
		});
	}

	private void add(LoadedSessions loaded, String handle, @Nullable SessionContent content, Reply reply) {
		if (SessionReplies.isSession(content, reply)) {
			SessionRecord session = this.replies.readable(handle, content, reply);
			if (session != null && this.replies.authentic(session) != null) {
				loaded.sessions().add(session);
			}
		}
		else if (reply.integer(0) == LARGE) {
			loaded.large().add(new Large(handle, reply.integer(1)));
		}
		else if (reply.integer(0) == SessionReplies.DAMAGED) {
			this.replies.addDamaged(handle);
		}
		else if (!SessionReplies.isNewer(reply)) {
			loaded.gone().add(handle);
		}
	}

	/**
	 * Determines which sessions have ended, without reading them: {@code EVALSHA alive}
	 * for every 50 sessions, on a cluster for each session, in one round trip.
	 * @param handles the sessions
	 * @return the sessions that have ended, except those that can't be read here
	 */
	public CompletionStage<List<String>> gone(List<String> handles) {
		List<Call> calls = Call.onAll(LuaScript.ALIVE, handles.stream().map(this.keys::session).toList(),
				this.engine.isCluster());
		this.engine.send(calls);
		return Call.all(calls).thenApply((ignored) -> {
			List<String> gone = new ArrayList<>();
			int number = 0;
			for (Call call : calls) {
				Reply reply = call.received();
				for (int i = 0; i < reply.size(); i++) {
					String handle = handles.get(number++);
					if (reply.integer(i) == 0) {
						gone.add(handle);
					}
				}
			}
			return gone;
		});
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	void close() {
		this.separate.close();
	}

	/** Allows the separate connection to be opened again after {@link #close()}. */
	void allow() {
		this.separate.allow();
	}

}
