/**
 * Migrates sessions that Spring Session's own repositories have stored.
 */
@NullMarked
package app.session.redis.migration;

import org.jspecify.annotations.NullMarked;
