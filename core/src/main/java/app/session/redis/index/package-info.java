/**
 * Under what a session can be found.
 */
@NullMarked
package app.session.redis.index;

import org.jspecify.annotations.NullMarked;
