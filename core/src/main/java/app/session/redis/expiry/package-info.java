/**
 * Finds expired sessions, publishes their expiry and removes them.
 */
@NullMarked
package app.session.redis.expiry;

import org.jspecify.annotations.NullMarked;
