package app.session.redis.autoconfigure.values;

import java.time.Duration;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.session.autoconfigure.SessionTimeout;
import org.springframework.session.MapSession;

/**
 * The time without a request after which a session expires:
 * {@code app.session.redis.timeout}, otherwise Spring Boot's properties, otherwise Spring
 * Session's default.
 */
public final class IdleTimeout {

	private final RedisSessionProperties properties;

	private final ObjectProvider<SessionTimeout> bootTimeout;

	/**
	 * Creates the timeout.
	 * @param properties the properties of the application
	 * @param bootTimeout Spring Boot's timeout
	 */
	public IdleTimeout(RedisSessionProperties properties, ObjectProvider<SessionTimeout> bootTimeout) {
		this.properties = properties;
		this.bootTimeout = bootTimeout;
	}

	/**
	 * Returns the timeout.
	 * @return the timeout; negative if sessions never expire
	 */
	public Duration get() {
		Duration timeout = this.properties.timeout();
		if (timeout == null) {
			SessionTimeout bean = this.bootTimeout.getIfAvailable();
			timeout = (bean != null) ? bean.getTimeout() : null;
		}
		return (timeout != null) ? timeout : MapSession.DEFAULT_MAX_INACTIVE_INTERVAL;
	}

}
