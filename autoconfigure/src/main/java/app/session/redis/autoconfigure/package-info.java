/**
 * Spring Boot auto-configuration of sessions that are kept in Redis.
 */
@NullMarked
package app.session.redis.autoconfigure;

import org.jspecify.annotations.NullMarked;
