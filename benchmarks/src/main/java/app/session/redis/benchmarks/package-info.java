/**
 * Measures the sessions against those of others, one class for each kind of measurement.
 */
@NullMarked
package app.session.redis.benchmarks;

import org.jspecify.annotations.NullMarked;
