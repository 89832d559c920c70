/**
 * One session in Redis: its key, its fields and the scripts that read and write it.
 */
@NullMarked
package app.session.redis.store;

import org.jspecify.annotations.NullMarked;
