/**
 * The operator's page.
 */
@NullMarked
package app.session.redis.sample.operator;

import org.jspecify.annotations.NullMarked;
