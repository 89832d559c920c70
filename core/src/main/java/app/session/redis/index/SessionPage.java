package app.session.redis.index;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Some of the living sessions.
 *
 * @param sessions the sessions of this page, of which there may be none though more
 * follow
 * @param next where the next page begins; null: this was the last
 */
public record SessionPage(List<SessionDescription> sessions, @Nullable String next) {
}
