/**
 * Results, and the page that is generated from them.
 */
@NullMarked
package app.session.redis.benchmarks.report;

import org.jspecify.annotations.NullMarked;
