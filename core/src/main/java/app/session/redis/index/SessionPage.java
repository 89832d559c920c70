package app.session.redis.index;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A page of live sessions.
 *
 * @param sessions the sessions of this page; can be empty even if more follow
 * @param next the cursor of the next page; null if this is the last page
 */
public record SessionPage(List<SessionDescription> sessions, @Nullable String next) {
}
