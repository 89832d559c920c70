/**
 * Limits the log messages that clients can trigger.
 */
@NullMarked
package app.session.redis.log;

import org.jspecify.annotations.NullMarked;
