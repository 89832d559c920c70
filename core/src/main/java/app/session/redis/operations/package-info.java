/**
 * The operations for operators: counting, listing, describing and ending sessions, and
 * checking the server.
 */
@NullMarked
package app.session.redis.operations;

import org.jspecify.annotations.NullMarked;
