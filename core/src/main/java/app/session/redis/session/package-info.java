/**
 * A session and its attributes, and the state of sessions in one request.
 */
@NullMarked
package app.session.redis.session;

import org.jspecify.annotations.NullMarked;
