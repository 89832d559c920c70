/**
 * What sends requests and takes the time.
 */
@NullMarked
package app.session.redis.benchmarks.load;

import org.jspecify.annotations.NullMarked;
