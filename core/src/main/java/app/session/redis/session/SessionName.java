package app.session.redis.session;

import app.session.redis.SessionId;
import app.session.redis.store.SessionHeader;
import org.jspecify.annotations.Nullable;

/**
 * The name by which a caller refers to a session: its id, or its handle or alias, which
 * don't authorize access.
 *
 * @param handle the handle of the session
 * @param id the id; null if the name is a handle or an alias
 */
public record SessionName(String handle, @Nullable SessionId id) {

	/**
	 * Returns the digest that the session must have, or null if the name contains no
	 * secret.
	 * @return the digest that the session must have, or null if the name contains no
	 * secret
	 */
	public byte @Nullable [] digest() {
		return (this.id != null) ? SessionHeader.digest(this.id.secret()) : null;
	}

	/** Returns only the handle, because ids must not appear in logs. */
	@Override
	public String toString() {
		return this.handle;
	}

}
