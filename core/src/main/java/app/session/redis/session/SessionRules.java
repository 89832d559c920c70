package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;

import app.session.redis.SessionId;
import app.session.redis.settings.SessionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionIdGenerator;

/**
 * Provides sessions with the time, new secrets, the bounds of timeouts and aliases. Does
 * no I/O.
 */
public final class SessionRules {

	private final SessionSettings settings;

	private final SessionNames names;

	private final KnownIds knownIds;

	/**
	 * Creates the rules.
	 * @param settings the options
	 * @param names the names of sessions
	 * @param knownIds records the ids that sessions get on this node
	 */
	public SessionRules(SessionSettings settings, SessionNames names, KnownIds knownIds) {
		this.settings = settings;
		this.names = names;
		this.knownIds = knownIds;
	}

	Instant now() {
		return this.settings.clock().instant();
	}

	/** Returns a new secret, from the application's generator if there is one. */
	public String newSecret() {
		SessionIdGenerator generator = this.settings.idGenerator();
		return (generator != null) ? SessionId.checkSecret(generator.generate(), generator.getClass())
				: SessionId.newSecret(this.settings.idBytes());
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
		return this.settings.lifetimes().bounded(interval);
	}

	/** Returns whether an access is recorded, given the time since the last one. */
	boolean isTouchDue(Duration age, Duration idleTimeout) {
		Duration interval = this.settings.touchInterval();
		if (!idleTimeout.isNegative() && interval.compareTo(idleTimeout.dividedBy(10)) > 0) {
			interval = idleTimeout.dividedBy(10);
		}
		return age.compareTo(interval) >= 0;
	}

	String alias(String handle) {
		return this.names.alias(handle);
	}

}
