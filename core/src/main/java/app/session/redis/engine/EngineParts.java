package app.session.redis.engine;

import app.session.redis.cache.ChangeMessages;
import app.session.redis.client.CallSender;
import app.session.redis.codec.ValueCodec;
import app.session.redis.event.SessionEvents;
import app.session.redis.expiry.Collector;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.index.IndexValues;
import app.session.redis.session.SessionNames;
import app.session.redis.session.StoredSessions;
import app.session.redis.store.Compensations;
import app.session.redis.store.SessionStore;

/**
 * The parts of the engine.
 *
 * @param sender sends calls to Redis
 * @param store reads and writes sessions
 * @param codec reads and writes values
 * @param sessions creates session objects
 * @param names the names of sessions
 * @param calls sends the calls of the use cases
 * @param reader reads sessions without recording an access
 * @param search searches by several index values
 * @param finder finds single sessions
 * @param saver creates and saves sessions
 * @param ender ends sessions
 * @param locking locks sessions
 * @param indexValues the forms of index values
 * @param events publishes events
 * @param changes receives the changes of sessions if copies are trusted
 * @param compensations undoes or completes writes that got no reply
 * @param expiry the expiry of sessions in Redis
 * @param collector collects expired sessions
 */
public record EngineParts(CallSender sender, SessionStore store, ValueCodec codec, StoredSessions sessions,
		SessionNames names, StoreCalls calls, SessionReader reader, SessionSearch search, SessionFinder finder,
		SessionSaver saver, SessionEnder ender, SessionLocking locking, IndexValues indexValues, SessionEvents events,
		ChangeMessages changes, Compensations compensations, ExpiryStore expiry, Collector collector) {
}
