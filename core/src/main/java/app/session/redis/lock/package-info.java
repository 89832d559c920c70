/**
 * Locks that serialize the requests of a session.
 */
@NullMarked
package app.session.redis.lock;

import org.jspecify.annotations.NullMarked;
