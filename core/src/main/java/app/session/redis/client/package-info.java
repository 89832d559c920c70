/**
 * Connections to Redis, calls and replies, scripts, the circuit breaker, and the
 * translation of failures. The only package that uses Lettuce.
 */
@NullMarked
package app.session.redis.client;

import org.jspecify.annotations.NullMarked;
