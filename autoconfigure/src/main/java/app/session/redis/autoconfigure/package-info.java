/**
 * Spring Boot auto-configuration for sessions in Redis.
 */
@NullMarked
package app.session.redis.autoconfigure;

import org.jspecify.annotations.NullMarked;
