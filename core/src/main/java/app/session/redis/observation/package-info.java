/**
 * The observations and counters of the store.
 */
@NullMarked
package app.session.redis.observation;

import org.jspecify.annotations.NullMarked;
