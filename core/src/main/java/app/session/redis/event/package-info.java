/**
 * Publishes the creation and the end of sessions to the application and to other nodes.
 */
@NullMarked
package app.session.redis.event;

import org.jspecify.annotations.NullMarked;
