package app.session.redis.sample.device;

import org.springframework.session.Session;

/**
 * Identifies a session without giving access to it. A session id consists of 16
 * characters that locate the session, followed by its secret; only the 16 characters may
 * appear in a page. Sessions of other browsers are found under aliases, which end with
 * these characters.
 *
 * @param value the first 16 characters of the session's id
 */
public record SessionHandle(String value) {

	private static final int LENGTH = 16;

	private static final char ALIAS_MARK = '!';

	static SessionHandle of(Session session) {
		return ofId(session.getId());
	}

	/**
	 * Returns the handle of a session.
	 * @param id the session's id or alias
	 * @return the handle
	 */
	public static SessionHandle ofId(String id) {
		boolean alias = id.charAt(0) == ALIAS_MARK;
		return new SessionHandle(alias ? id.substring(id.length() - LENGTH) : id.substring(0, LENGTH));
	}

}
