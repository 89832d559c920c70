package app.session.redis.engine;

/**
 * What a save writes.
 *
 * @param inPlace whether to look for objects that were changed in place; they must not be
 * read while asynchronous processing may be changing them
 * @param leaveOut whether to leave out values because of which the request has failed
 * before
 */
public record SaveOptions(boolean inPlace, boolean leaveOut) {

}
