/**
 * Sends requests and measures their latency.
 */
@NullMarked
package app.session.redis.benchmarks.load;

import org.jspecify.annotations.NullMarked;
