package app.session.redis.sample.device;

import org.springframework.session.Session;

/**
 * Names a session without giving access to it. A session's id is 16 characters that say
 * where the session is, followed by its secret; only those 16 may be shown in a page. A
 * session that other instances serve is known here by its handle alone.
 *
 * @param value the first 16 characters of the session's id
 */
public record SessionHandle(String value) {

	private static final int LENGTH = 16;

	static SessionHandle of(Session session) {
		return ofId(session.getId());
	}

	/**
	 * The handle of a session.
	 * @param idOrHandle the session's id, or its handle
	 * @return the handle
	 */
	public static SessionHandle ofId(String idOrHandle) {
		return new SessionHandle(idOrHandle.substring(0, LENGTH));
	}

}
