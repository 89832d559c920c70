/**
 * Results, and the page that is made of them.
 */
@NullMarked
package app.session.redis.benchmarks.report;

import org.jspecify.annotations.NullMarked;
