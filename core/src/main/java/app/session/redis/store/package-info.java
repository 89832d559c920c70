/**
 * The engine: keys, scripts and pipelines. The only package that talks to Redis, and it
 * never blocks.
 */
@NullMarked
package app.session.redis.store;

import org.jspecify.annotations.NullMarked;
