/**
 * What operators do with sessions: counting, listing, describing and ending them, and
 * checking the server.
 */
@NullMarked
package app.session.redis.operations;

import org.jspecify.annotations.NullMarked;
