/**
 * A gateway in front of the sample application, which shares its sessions.
 */
@NullMarked
package app.session.redis.sample.gateway;

import org.jspecify.annotations.NullMarked;
