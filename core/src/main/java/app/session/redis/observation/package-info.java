/**
 * What is observed and counted of the store.
 */
@NullMarked
package app.session.redis.observation;

import org.jspecify.annotations.NullMarked;
