/**
 * Limits on the number of sessions, per principal and in total.
 */
@NullMarked
package app.session.redis.limit;

import org.jspecify.annotations.NullMarked;
