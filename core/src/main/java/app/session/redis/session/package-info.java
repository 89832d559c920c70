/**
 * A session and its attributes, and what one request knows of sessions.
 */
@NullMarked
package app.session.redis.session;

import org.jspecify.annotations.NullMarked;
