/**
 * Compares this session store with others. Each kind of measurement has its own class.
 */
@NullMarked
package app.session.redis.benchmarks;

import org.jspecify.annotations.NullMarked;
