/**
 * HTTP sessions in Redis: the repository that applications and Spring Session work with.
 */
@NullMarked
package app.session.redis;

import org.jspecify.annotations.NullMarked;
