package app.session.redis.store;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Reads a large session in one flush of two commands: {@code EVALSHA load} checks it and
 * records the access, {@code HGETALL} returns the content. A script would copy the
 * content field by field. Other commands may be executed between the two, so the content
 * is checked as well.
 */
final class DirectLoad {

	/** Makes {@code load.lua} return no content. */
	private static final byte[] STATE_ONLY = { '*' };

	/** Makes {@code load.lua} read a session of any size. */
	private static final byte[] NO_LIMIT = {};

	private final String handle;

	private final byte @Nullable [] digest;

	private final Call state;

	private final Call fields;

	/**
	 * Creates the calls.
	 * @param keys the names of the keys
	 * @param handle the session
	 * @param digest the digest of the secret that the client sent, or null if the session
	 * is looked up by its handle
	 * @param touchInterval the minimum time since the last access for this read to be
	 * recorded as an access; null if it is not an access
	 * @param maxAge how long a copy of it will be trusted, in milliseconds; null if it
	 * won't be
	 */
	DirectLoad(RedisKeys keys, String handle, byte @Nullable [] digest, @Nullable Duration touchInterval,
			byte @Nullable [] maxAge) {
		this.handle = handle;
		this.digest = digest;
		this.state = SessionStore.loading(keys, handle, digest, touchInterval).arg(STATE_ONLY);
		if (maxAge != null) {
			this.state.arg(NO_LIMIT).arg(maxAge);
		}
		this.fields = Call.fields(keys.session(handle));
	}

	/** Returns the calls in the order in which they must be sent. */
	List<Call> calls() {
		return List.of(this.state, this.fields);
	}

	/**
	 * Returns the result like {@link SessionStore#load}, after the calls were sent.
	 * @param replies reads the session and counts the lookup if there is none
	 * @return the session, or null if there is none that can be returned
	 */
	CompletionStage<@Nullable SessionRecord> loaded(SessionReplies replies) {
		return this.state.reply()
			.thenCompose((state) -> isFound() ? this.fields.reply().thenApply((fields) -> loaded(replies, state))
					: CompletableFuture.completedFuture(replies.loaded(this.handle, null, state)));
	}

	private @Nullable SessionRecord loaded(SessionReplies replies, Reply state) {
		try {
			SessionContent content = content(replies);
			if (content != null) {
				return replies.found(this.handle, content, state);
			}
			replies.count(this.handle, 0);
		}
		catch (SessionStoreUnavailableException ex) {
			if (ex.getReason() != Reason.DAMAGED) {
				throw ex;
			}
			replies.count(this.handle, SessionReplies.DAMAGED);
		}
		return null;
	}

	/** Returns whether the session was found when it was checked. Never waits. */
	boolean isFound() {
		return SessionReplies.isUnchanged(this.state.received());
	}

	/** Returns the reply to the check. Never waits. */
	Reply state() {
		return this.state.received();
	}

	String handle() {
		return this.handle;
	}

	/**
	 * Returns the content of a session that was found. Never waits.
	 * @param replies verifies the content
	 * @return the content, or null if the session has ended or got another id since it
	 * was checked
	 * @throws SessionStoreUnavailableException with {@link Reason#DAMAGED} or
	 * {@link Reason#NEWER_FORMAT} if it can't be read
	 */
	@Nullable SessionContent content(SessionReplies replies) {
		Reply reply = this.fields.received();
		byte[] header = reply.field('m');
		if (header == null) {
			return null;
		}
		if (SessionHeader.isNewer(header)) {
			throw SessionReplies.newer();
		}
		SessionContent content = SessionContent.read(this.handle, reply, reply.size(), replies.seals());
		boolean sameId = this.digest == null || MessageDigest.isEqual(this.digest, content.header().digest());
		return (sameId && !SessionHeader.isClaimed(header)) ? content : null;
	}

}
