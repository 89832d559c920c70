/**
 * The page "Your devices", which shows a user's sessions on all devices.
 */
@NullMarked
package app.session.redis.sample.device;

import org.jspecify.annotations.NullMarked;
