/**
 * The servlet face: Spring Session's repository and filter, which wait for the engine on
 * the request thread.
 */
@NullMarked
package app.session.redis.servlet;

import org.jspecify.annotations.NullMarked;
