/**
 * The sample application: its start, its security, and what every page shows.
 */
@NullMarked
package app.session.redis.sample;

import org.jspecify.annotations.NullMarked;
