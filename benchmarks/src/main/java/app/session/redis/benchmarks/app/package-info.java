/**
 * The application under test.
 */
@NullMarked
package app.session.redis.benchmarks.app;

import org.jspecify.annotations.NullMarked;
