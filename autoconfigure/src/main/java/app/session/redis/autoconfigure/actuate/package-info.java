/**
 * What Actuator shows of the sessions: an endpoint and a health.
 */
@NullMarked
package app.session.redis.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
