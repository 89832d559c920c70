package app.session.redis.store;

import java.util.List;

/**
 * What became of a list of handles. A session of a newer format is in neither list, so
 * that it doesn't hide the others and nothing that leads to it is taken for dangling.
 *
 * @param sessions the sessions that live, in the order of their handles
 * @param gone the handles of those that don't
 */
public record LoadedSessions(List<SessionRecord> sessions, List<String> gone) {
}
