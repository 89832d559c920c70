/**
 * Limits on the number of sessions, of a principal and in all.
 */
@NullMarked
package app.session.redis.limit;

import org.jspecify.annotations.NullMarked;
