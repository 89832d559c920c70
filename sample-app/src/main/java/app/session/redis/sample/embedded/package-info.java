/**
 * An embedded Redis for machines without a Redis server.
 */
@NullMarked
package app.session.redis.sample.embedded;

import org.jspecify.annotations.NullMarked;
