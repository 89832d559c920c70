/**
 * "Your devices": the sessions of one user, wherever they were started.
 */
@NullMarked
package app.session.redis.sample.device;

import org.jspecify.annotations.NullMarked;
