package app.session.redis.event;

import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.Failures;
import app.session.redis.client.LuaScript;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads sessions, including those that have just ended, for listeners of other nodes'
 * events. Uses a separate connection, so that requests don't wait for a large session.
 */
final class EndedSessions {

	private final SessionStore store;

	private final CallSender separate;

	/**
	 * Creates the reader.
	 * @param store the store, which must keep ended sessions
	 */
	EndedSessions(SessionStore store) {
		this.store = store;
		this.separate = store.engine().separate();
	}

	/**
	 * Reads a session that exists, has been claimed as expired, or is kept after its end:
	 * {@code EVALSHA ended}, one round trip over a separate connection. Doesn't count as
	 * an access.
	 * @param handle the session
	 * @return the session, or null if it is gone, not authentic or damaged
	 */
	CompletionStage<@Nullable SessionRecord> read(String handle) {
		Call call = Call.of(LuaScript.ENDED, this.store.keys().session(handle)).also(this.store.keys().ended(handle));
		return this.separate.send(call).whenComplete((reply, failure) -> {
			if (failure != null && Failures.translate(failure).getReason() == Reason.TIMEOUT) {
				this.separate.drop();
			}
		}).thenApply((reply) -> {
			if (reply.isBytes(0)) {
				return this.store.replies().found(handle, null, reply);
			}
			if (reply.integer(0) == SessionReplies.DAMAGED) {
				this.store.replies().addDamaged(handle);
			}
			return null;
		});
	}

	/**
	 * Closes the separate connection, and prevents opening it until {@link #allow()} is
	 * called.
	 */
	void close() {
		this.separate.close();
	}

	/** Allows opening the separate connection again after {@link #close()}. */
	void allow() {
		this.separate.allow();
	}

}
