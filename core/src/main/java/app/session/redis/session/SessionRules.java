package app.session.redis.session;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import app.session.redis.SessionId;
import app.session.redis.settings.IdSettings;
import app.session.redis.settings.Lifetimes;
import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionIdGenerator;

/**
 * Provides sessions with the time, new secrets, the bounds of timeouts and aliases. Does
 * no I/O.
 */
public final class SessionRules {

	private final Clock clock;

	private final IdSettings ids;

	private final Lifetimes lifetimes;

	private final SessionNames names;

	private final KnownIds knownIds;

	/**
	 * Creates the rules.
	 * @param clock the clock
	 * @param ids the options of session ids
	 * @param lifetimes the timeouts
	 * @param names the names of sessions
	 * @param knownIds records the ids that sessions get on this node
	 */
	public SessionRules(Clock clock, IdSettings ids, Lifetimes lifetimes, SessionNames names, KnownIds knownIds) {
		this.clock = clock;
		this.ids = ids;
		this.lifetimes = lifetimes;
		this.names = names;
		this.knownIds = knownIds;
	}

	Instant now() {
		return this.clock.instant();
	}

	/**
	 * Returns a new secret, from the application's generator if there is one.
	 * @return a new secret, from the application's generator if there is one
	 */
	public String newSecret() {
		SessionIdGenerator generator = this.ids.generator();
		return (generator != null) ? SessionId.checkSecret(generator.generate(), generator.getClass())
				: SessionId.newSecret(this.ids.bytes());
	}

	/** Records a new id of a session on this node, before it is saved. */
	void idAssigned(String handle, String secret) {
		this.knownIds.register(handle, secret);
	}

	/**
	 * Returns the secret of the id under which this node last served a session, or null.
	 */
	@Nullable String lastSecret(String handle) {
		return this.knownIds.last(handle);
	}

	/** Returns an idle timeout, limited to the configured bounds. */
	Duration bounded(Duration interval) {
		return this.lifetimes.bounded(interval);
	}

	/** Returns whether an access is recorded, given the time since the last one. */
	boolean isTouchDue(Duration age, Duration idleTimeout) {
		long interval = this.lifetimes.touchInterval().toMillis();
		if (!idleTimeout.isNegative()) {
			// Duration's own division uses big decimals
			interval = Math.min(interval, idleTimeout.toMillis() / 10);
		}
		return age.compareTo(Duration.ofMillis(interval)) >= 0;
	}

	String alias(String handle) {
		return this.names.alias(handle);
	}

}
