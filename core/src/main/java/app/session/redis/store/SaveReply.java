package app.session.redis.store;

import org.jspecify.annotations.Nullable;

/**
 * The reply to a save.
 *
 * @param result the result
 * @param content the content of the session after the save, if the save was to
 * {@linkplain SessionChange#compare compare} the session and found the expected content;
 * else null
 * @param overtaken whether the save was to compare the session, and another save has
 * changed it since it was read
 */
public record SaveReply(SaveResult result, @Nullable SessionContent content, boolean overtaken) {
}
