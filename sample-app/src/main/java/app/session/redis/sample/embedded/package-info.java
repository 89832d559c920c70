/**
 * A Redis for those who have none at hand.
 */
@NullMarked
package app.session.redis.sample.embedded;

import org.jspecify.annotations.NullMarked;
