package app.session.redis.store;

import java.util.ArrayList;
import java.util.List;

/**
 * The result of reading a list of sessions. A session that is damaged or of a newer
 * format is in none of the lists, so that it doesn't hide the others and its index
 * entries and hints aren't taken for dangling.
 *
 * @param sessions the live sessions, in the order of their handles
 * @param gone the handles of sessions that have ended
 * @param large live sessions that are too large to be read together with others
 */
public record LoadedSessions(List<SessionRecord> sessions, List<String> gone, List<Large> large) {

	static LoadedSessions none() {
		return new LoadedSessions(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
	}

	/**
	 * A session that was not read because of its size.
	 *
	 * @param handle the session
	 * @param bytes the size of its fields and values in bytes
	 */
	public record Large(String handle, long bytes) {
	}

}
