package app.session.redis.session;

import app.session.redis.store.IndexEntry;

/**
 * A place among the sessions of an index value that is kept for a session until it is
 * saved.
 *
 * @param entry the index value
 * @param handle the session
 * @param score by which the reservation is known, as Redis writes it; it is this one no
 * more once the session is saved, or another request has reserved the place anew
 */
public record Reservation(IndexEntry entry, String handle, String score) {
}
