package app.session.redis.settings;

import java.time.Duration;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.jspecify.annotations.Nullable;

/**
 * The settings for times at which Redis is slow or unavailable.
 *
 * @param commandTimeout how long to wait for a reply of Redis
 * @param circuitBreaker decides whether commands are sent; null if they always are
 * @param onUnavailable how a request is handled if its session can't be read because
 * Redis is unavailable
 */
public record AvailabilitySettings(Duration commandTimeout, @Nullable CircuitBreaker circuitBreaker,
		OnUnavailable onUnavailable) {

	/**
	 * Returns whether requests continue without a session if Redis is unavailable.
	 * @return whether they continue
	 */
	public boolean isAnonymous() {
		return this.onUnavailable == OnUnavailable.ANONYMOUS;
	}

}
