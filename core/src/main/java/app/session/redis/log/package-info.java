/**
 * Bounds what clients can make an application log.
 */
@NullMarked
package app.session.redis.log;

import org.jspecify.annotations.NullMarked;
