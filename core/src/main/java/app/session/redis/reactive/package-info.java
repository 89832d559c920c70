/**
 * The face for reactive web applications (Spring WebFlux): nothing in it waits for Redis,
 * and no application code runs on a thread of the Redis client.
 */
@NullMarked
package app.session.redis.reactive;

import org.jspecify.annotations.NullMarked;
