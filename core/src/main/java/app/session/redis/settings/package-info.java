/**
 * The options of the store.
 */
@NullMarked
package app.session.redis.settings;

import org.jspecify.annotations.NullMarked;
