/**
 * Copies of sessions on the node, which Redis validates with each use.
 */
@NullMarked
package app.session.redis.cache;

import org.jspecify.annotations.NullMarked;
