/**
 * Finds sessions that have expired and sees to it that each expiry is told.
 */
@NullMarked
package app.session.redis.expiry;

import org.jspecify.annotations.NullMarked;
