package app.session.redis.session;

import java.security.MessageDigest;
import java.util.Base64;

import app.session.redis.SessionId;
import app.session.redis.codec.Digests;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * The names of the sessions in a namespace. Code that has not provided the id of a
 * session gets an <em>alias</em> instead: it has the length of an ordinary id, ends with
 * the 16 characters of the handle, by which it differs from other aliases, and is the
 * same on every node. It begins with a character that ids don't contain, so that it
 * doesn't authorize access. The characters in between are a digest of the namespace and
 * the handle, so that aliases of other namespaces are rejected.
 */
public final class SessionNames {

	/**
	 * The length of an id whose secret has the default length, regardless of the
	 * settings.
	 */
	private static final int ALIAS_LENGTH = SessionId.HANDLE_LENGTH + 43;

	private static final char ALIAS_MARK = '!';

	private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

	private final String namespace;

	/**
	 * Creates the parser.
	 * @param namespace the prefix of all keys
	 */
	public SessionNames(String namespace) {
		this.namespace = namespace;
	}

	/** Returns the alias of a session. */
	String alias(String handle) {
		String filler = BASE64.encodeToString(Digests.sha256(this.namespace + handle));
		return ALIAS_MARK + filler.substring(0, ALIAS_LENGTH - SessionId.HANDLE_LENGTH - 1) + handle;
	}

	/**
	 * Parses an id, a handle or an alias.
	 * @param text the text, or null
	 * @return the name, or null if the text is none of these, or the alias of a session
	 * in another namespace
	 */
	public @Nullable SessionName parse(@Nullable String text) {
		if (text == null) {
			return null;
		}
		SessionId id = SessionId.parse(text);
		if (id != null) {
			return new SessionName(id.handle(), id);
		}
		if (SessionId.isHandle(text)) {
			return new SessionName(text, null);
		}
		if (text.length() == ALIAS_LENGTH && text.charAt(0) == ALIAS_MARK) {
			String handle = text.substring(ALIAS_LENGTH - SessionId.HANDLE_LENGTH);
			return (SessionId.isHandle(handle) && alias(handle).equals(text)) ? new SessionName(handle, null) : null;
		}
		return null;
	}

	/**
	 * Returns the secret of a session that was found, if the request's client has sent
	 * it, or else null. Within a request, only the client's own session is referred to by
	 * its id.
	 */
	static @Nullable String ownSecret(SessionScope scope, SessionRecord session) {
		for (SessionId id : scope.clientIds()) {
			if (id.handle().equals(session.handle())
					&& MessageDigest.isEqual(SessionHeader.digest(id.secret()), session.header().digest())) {
				return id.secret();
			}
		}
		return null;
	}

}
