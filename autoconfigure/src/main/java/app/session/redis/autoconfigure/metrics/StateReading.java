package app.session.redis.autoconfigure.metrics;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;

import app.session.redis.client.BackgroundThreads;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state of the store for the meters that all nodes share: one round trip for
 * all of them, at most every five seconds, however often they are read. A separate thread
 * sends the commands, so that a request that reads meters waits no longer than the
 * command timeout and isn't treated as a request for which Redis is unavailable. No
 * commands are sent unless the circuit breaker is closed.
 */
final class StateReading {

	private static final Log logger = LogFactory.getLog(StateReading.class);

	private static final long MAX_AGE_NANOS = Duration.ofSeconds(5).toNanos();

	private final SessionOperations operations;

	private final Duration timeout;

	private @Nullable Reading last;

	StateReading(SessionOperations operations, Duration timeout) {
		this.operations = operations;
		this.timeout = timeout;
	}

	/** Returns a value of the state, or NaN if Redis doesn't reply in time. */
	double get(ToDoubleFunction<SessionStoreState> value) {
		Reading reading = reading();
		if (reading == null) {
			return Double.NaN;
		}
		try {
			long left = Math.max(reading.requestedAt() + this.timeout.toNanos() - System.nanoTime(), 0);
			return value.applyAsDouble(reading.state().get(left, TimeUnit.NANOSECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.debug("Reading the state of the session store failed", ex);
		}
		return Double.NaN;
	}

	private synchronized @Nullable Reading reading() {
		State breaker = this.operations.breaker();
		if (breaker != null && breaker != State.CLOSED) {
			return null;
		}
		Reading current = this.last;
		long now = System.nanoTime();
		if (current == null || (current.state().isDone() && now - current.requestedAt() >= MAX_AGE_NANOS)) {
			current = new Reading(CompletableFuture.supplyAsync(this.operations::state, StateReading::start), now);
			this.last = current;
		}
		return current;
	}

	private static void start(Runnable task) {
		BackgroundThreads.create("redis-session-meters", task).start();
	}

	/** A pending or completed reply and the time of its request. */
	private record Reading(CompletableFuture<SessionStoreState> state, long requestedAt) {
	}

}
