/**
 * Tells the application, and the other nodes, that sessions were created or have ended.
 */
@NullMarked
package app.session.redis.event;

import org.jspecify.annotations.NullMarked;
