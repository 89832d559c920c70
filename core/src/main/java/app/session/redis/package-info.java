/**
 * HTTP sessions in Redis: session ids, exceptions, and the names of options.
 */
@NullMarked
package app.session.redis;

import org.jspecify.annotations.NullMarked;
