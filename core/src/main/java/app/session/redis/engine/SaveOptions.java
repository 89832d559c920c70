package app.session.redis.engine;

/**
 * The options of a save.
 *
 * @param inPlace whether to detect objects that were changed in place; they must not be
 * read while asynchronous processing may be changing them
 * @param leaveOut whether to leave out values because of which the request has already
 * failed
 */
public record SaveOptions(boolean inPlace, boolean leaveOut) {

}
