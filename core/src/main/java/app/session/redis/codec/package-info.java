/**
 * Serialization, compression and encryption of attribute values.
 */
@NullMarked
package app.session.redis.codec;

import org.jspecify.annotations.NullMarked;
