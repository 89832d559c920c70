/**
 * The indexes of sessions, and the listing of sessions.
 */
@NullMarked
package app.session.redis.index;

import org.jspecify.annotations.NullMarked;
