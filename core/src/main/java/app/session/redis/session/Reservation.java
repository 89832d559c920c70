package app.session.redis.session;

import app.session.redis.store.IndexEntry;

/**
 * A place among the sessions of an index value that is reserved for a session until it is
 * saved.
 *
 * @param entry the index value
 * @param handle the session
 * @param score the score of the index entry, as Redis formats it, which identifies the
 * reservation. It changes when the session is saved, or when another request reserves the
 * place again
 */
public record Reservation(IndexEntry entry, String handle, String score) {
}
