/**
 * What belongs to one request: its view of the sessions, and its answer when they can't
 * be reached.
 */
@NullMarked
package app.session.redis.web;

import org.jspecify.annotations.NullMarked;
