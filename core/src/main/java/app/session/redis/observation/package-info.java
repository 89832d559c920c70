/**
 * What is asked of the store, as Micrometer observes it.
 */
@NullMarked
package app.session.redis.observation;

import org.jspecify.annotations.NullMarked;
