package app.session.redis.cache;

/**
 * A lookup that Redis has answered, which validates the copy of the session.
 *
 * @param sentAt when the lookup was sent, as {@link System#nanoTime()} returns it
 * @param changes the number of changes in the session's group that this node knew about
 * before
 * @param interruptions the number of interruptions that this node knew about before
 */
public record Validation(long sentAt, int changes, int interruptions) {
}
