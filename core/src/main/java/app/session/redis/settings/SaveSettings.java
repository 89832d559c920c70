package app.session.redis.settings;

import java.time.Duration;

import org.springframework.session.FlushMode;

/**
 * The settings of saves.
 *
 * @param mode which attributes a save writes
 * @param flushMode when changes are written
 * @param afterDelete how a save with changes is handled if the session has ended in the
 * meantime
 * @param confirmReplicas how many replicas must acknowledge a log-in, a change of the
 * session id or a log-out; zero for none
 * @param confirmTimeout how long to wait for them
 */
public record SaveSettings(SaveMode mode, FlushMode flushMode, SaveAfterDelete afterDelete, int confirmReplicas,
		Duration confirmTimeout) {
}
