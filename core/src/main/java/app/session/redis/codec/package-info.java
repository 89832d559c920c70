/**
 * Turns attribute values into bytes and back.
 */
@NullMarked
package app.session.redis.codec;

import org.jspecify.annotations.NullMarked;
