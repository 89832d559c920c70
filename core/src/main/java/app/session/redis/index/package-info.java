/**
 * The indexes by which sessions are found, and their listing.
 */
@NullMarked
package app.session.redis.index;

import org.jspecify.annotations.NullMarked;
