package app.session.redis.engine;

import app.session.redis.cache.NearCache;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.KnownIds;
import app.session.redis.session.SessionNames;
import app.session.redis.session.StoredSessions;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionStore;

/**
 * The objects that all use cases share.
 *
 * @param calls sends the calls of the use cases
 * @param store reads and writes sessions
 * @param sessions creates session objects
 * @param names the names of sessions
 * @param knownIds the ids of sessions that this node has served
 * @param nearCache the copies of sessions
 * @param settings the options
 * @param counts the counters of this node
 */
record EngineContext(StoreCalls calls, SessionStore store, StoredSessions sessions, SessionNames names,
		KnownIds knownIds, NearCache nearCache, SessionSettings settings, SessionCounts counts) {
}
