package app.session.redis.settings;

import java.time.Clock;

import app.session.redis.OptionNames;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The options of the session store. Create them with a {@linkplain #builder() builder},
 * which describes each option, has its default, and checks that values are within their
 * bounds and don't contradict each other.
 *
 * @param namespace the prefix of all keys
 * @param ids the session ids
 * @param lifetimes the timeouts of sessions
 * @param saves the saves
 * @param values the serialization of attributes
 * @param types the types that may be stored
 * @param seals the encryption and authentication of sessions
 * @param indexes the indexes by which sessions can be found
 * @param events the nodes on which session events are published
 * @param collector the collector of expired sessions
 * @param limits the limits of the number of sessions
 * @param nearCache the copies of sessions on this node
 * @param locks the locks of sessions; null if sessions are not locked
 * @param availability the behavior while Redis is slow or unavailable
 * @param migrateFrom the namespace from which sessions are migrated; null for none
 * @param recordClient whether a new session records its client's address and user agent
 * @param clientBinding the binding of sessions to clients
 * @param clock the clock for the creation and access times of sessions
 * @param observationRegistry the registry for observations of the store's operations
 * @param optionNames the names of options in messages
 */
public record SessionSettings(String namespace, IdSettings ids, Lifetimes lifetimes, SaveSettings saves,
		ValueSettings values, TypeSettings types, SealSettings seals, IndexSettings indexes, EventDelivery events,
		CollectorSettings collector, LimitSettings limits, NearCacheSettings nearCache, @Nullable LockSettings locks,
		AvailabilitySettings availability, @Nullable String migrateFrom, boolean recordClient,
		ClientBindingSettings clientBinding, Clock clock, ObservationRegistry observationRegistry,
		OptionNames optionNames) {

	/**
	 * Returns a builder with the default of every option.
	 * @return the builder
	 */
	public static SessionSettingsBuilder builder() {
		return new SessionSettingsBuilder();
	}

}
