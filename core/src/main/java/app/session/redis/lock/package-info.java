/**
 * One request at a time on a session.
 */
@NullMarked
package app.session.redis.lock;

import org.jspecify.annotations.NullMarked;
