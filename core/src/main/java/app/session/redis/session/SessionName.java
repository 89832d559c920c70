package app.session.redis.session;

import app.session.redis.SessionId;
import app.session.redis.store.SessionHeader;
import org.jspecify.annotations.Nullable;

/**
 * What a caller names a session by: its id, or one of the names that open nothing, its
 * handle and its alias.
 *
 * @param handle the handle of the session
 * @param id the id; null where the session is named by its handle or alias
 */
public record SessionName(String handle, @Nullable SessionId id) {

	/**
	 * The digest that the session must have, or null where the name contains no secret.
	 */
	public byte @Nullable [] digest() {
		return (this.id != null) ? SessionHeader.digest(this.id.secret()) : null;
	}

	/** The handle alone: an id is not for logs. */
	@Override
	public String toString() {
		return this.handle;
	}

}
