package app.session.redis.store;

import java.util.List;

/**
 * What became of a list of handles. A session that is damaged or of a newer format is in
 * no list, so that it doesn't hide the others and nothing that leads to it is taken for
 * dangling.
 *
 * @param sessions the sessions that live, in the order of their handles
 * @param gone the handles of those that don't
 * @param large sessions that live but are too large to be read together with others
 */
public record LoadedSessions(List<SessionRecord> sessions, List<String> gone, List<Large> large) {

	/**
	 * A session that was not read because of its size.
	 *
	 * @param handle the session
	 * @param bytes its fields and values, in bytes
	 */
	public record Large(String handle, long bytes) {
	}

}
