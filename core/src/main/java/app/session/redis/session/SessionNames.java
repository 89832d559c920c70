package app.session.redis.session;

import java.security.MessageDigest;
import java.util.Base64;

import app.session.redis.SessionId;
import app.session.redis.codec.Digests;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * The names of the sessions of a namespace. Where a session is named to code that has not
 * shown its id, an <em>alias</em> takes the place of the id: it has the length of an
 * ordinary id, differs from other aliases in its last 16 characters, which are the
 * handle, and is the same on every node. It begins with a character that no id has, so
 * that it opens nothing. The characters in between are a digest of the namespace and the
 * handle: the alias of a session in another namespace names no session here.
 */
public final class SessionNames {

	/** The length of an id whose secret has the default length, whatever the settings. */
	private static final int ALIAS_LENGTH = SessionId.HANDLE_LENGTH + 43;

	private static final char ALIAS_MARK = '!';

	private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

	private final String namespace;

	public SessionNames(String namespace) {
		this.namespace = namespace;
	}

	/** The alias of a session. */
	String alias(String handle) {
		String filler = BASE64.encodeToString(Digests.sha256(this.namespace + handle));
		return ALIAS_MARK + filler.substring(0, ALIAS_LENGTH - SessionId.HANDLE_LENGTH - 1) + handle;
	}

	/**
	 * Reads an id, a handle or an alias.
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
	 * The secret of a session that was found, if the request's client has sent it: its
	 * own session is the only one that a request names by its id.
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
