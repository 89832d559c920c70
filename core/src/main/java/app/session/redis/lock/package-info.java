/**
 * Locks that let one request at a time work on a session.
 */
@NullMarked
package app.session.redis.lock;

import org.jspecify.annotations.NullMarked;
