package app.session.redis.client;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException.Reason;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerOnStateTransitionEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests fail fast while Redis doesn't answer, and detects by itself when Redis
 * answers again: it sends a {@code PING} every 200 ms while it is open, so that no
 * request has to try. Errors that Redis returns quickly don't open it. Calls that never
 * reached Redis, or failed because this node sends too much at once, don't count.
 */
final class Breaker implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Breaker.class);

	private static final Duration PING_INTERVAL = Duration.ofMillis(200);

	private static final Set<Reason> OUTAGES = EnumSet.of(Reason.DISCONNECTED, Reason.TIMEOUT, Reason.LOADING,
			Reason.BUSY);

	/**
	 * A call that timed out is not a sign of an outage if at least this many others were
	 * answered in time meanwhile.
	 */
	private static final int ANSWERING = 50;

	private final CircuitBreaker circuit;

	/**
	 * The number of answers in a row after which the window contains nothing else: twice
	 * its size, because an answer that is recorded at the same time as a failure can be
	 * counted after it. Zero if answers leave the window with time.
	 */
	private final int settled;

	/**
	 * The number of answers that were recorded since the last failure. Not counted if
	 * answers leave the window with time.
	 */
	private final AtomicInteger inARow = new AtomicInteger();

	private final AtomicLong answers = new AtomicLong();

	private final Supplier<CompletionStage<?>> ping;

	private final AtomicBoolean pinging = new AtomicBoolean();

	// the following fields are guarded by this

	private @Nullable ScheduledExecutorService probe;

	/** Whether the probe must not be started. */
	private boolean closed;

	/**
	 * Creates a breaker.
	 * @param circuit decides whether calls are permitted
	 * @param ping sends a {@code PING} that bypasses this breaker
	 */
	Breaker(CircuitBreaker circuit, Supplier<CompletionStage<?>> ping) {
		this.circuit = circuit;
		this.ping = ping;
		this.settled = isCountBased() ? 2 * window() : 0;
		circuit.getEventPublisher().onStateTransition(this::changed);
		circuit.getEventPublisher().onReset((event) -> assumeAnswers());
		assumeAnswers();
	}

	/**
	 * Fills the window of a closed circuit with answers. Otherwise the rate is that of a
	 * few calls at first, and after a short outage the first answers from Redis would
	 * open the circuit.
	 */
	private void assumeAnswers() {
		for (int i = 0; i < window(); i++) {
			this.circuit.onSuccess(0, TimeUnit.NANOSECONDS);
		}
	}

	private boolean isCountBased() {
		return this.circuit.getCircuitBreakerConfig().getSlidingWindowType() == SlidingWindowType.COUNT_BASED;
	}

	private int window() {
		return this.circuit.getCircuitBreakerConfig().getSlidingWindowSize();
	}

	/**
	 * Returns whether a call may be sent. If so, its outcome must be recorded.
	 * @param call the call
	 * @return whether the call is permitted
	 */
	boolean permits(Call call) {
		call.answersBefore(this.answers.get());
		return this.circuit.tryAcquirePermission();
	}

	/**
	 * Counts the outcome of a command if Redis answered it. Must not be called for an
	 * answer to a command that had already timed out: when Redis is so slow that every
	 * command times out, its late answers don't show that it is available.
	 * @param failure why the command failed; null if it didn't
	 */
	void commandCompleted(@Nullable Throwable failure) {
		if (failure == null || isHealthyAnswer(failure)) {
			this.answers.incrementAndGet();
		}
	}

	/**
	 * Records the outcome of a call that was permitted.
	 * @param call the call
	 * @param failure its failure; null if Redis answered
	 */
	void record(Call call, @Nullable Throwable failure) {
		if (failure == null) {
			recordAnswer();
		}
		else if (isOutage(failure) && !isOverload(call, failure)) {
			this.circuit.onError(0, TimeUnit.NANOSECONDS, failure);
			this.inARow.set(0);
		}
		else if (Failures.isAnswer(failure)) {
			recordAnswer();
		}
		else {
			this.circuit.releasePermission();
		}
	}

	/**
	 * Records an answer, unless the window contains nothing but answers. The window's
	 * entries are linked from old to new, so that the garbage collector would have to
	 * keep those of many requests once an old one has been tenured.
	 */
	private void recordAnswer() {
		if (this.settled == 0) {
			this.circuit.onSuccess(0, TimeUnit.NANOSECONDS);
		}
		else if (this.inARow.get() < this.settled || this.circuit.getState() != State.CLOSED) {
			this.circuit.onSuccess(0, TimeUnit.NANOSECONDS);
			this.inARow.incrementAndGet();
		}
	}

	/**
	 * Returns whether a call timed out while Redis answered others in time. In that case
	 * Redis is available, but this node has sent more at once than Redis can answer in
	 * time.
	 */
	private boolean isOverload(Call call, Throwable failure) {
		return Failures.translate(failure).getReason() == Reason.TIMEOUT
				&& this.answers.get() - call.answersBefore() >= ANSWERING;
	}

	private static boolean isOutage(Throwable failure) {
		return OUTAGES.contains(Failures.translate(failure).getReason());
	}

	/** Returns whether Redis replied with an error other than an outage. */
	private static boolean isHealthyAnswer(Throwable failure) {
		return Failures.isAnswer(failure) && !isOutage(failure);
	}

	private void changed(CircuitBreakerOnStateTransitionEvent event) {
		StateTransition transition = event.getStateTransition();
		if (transition == StateTransition.CLOSED_TO_OPEN) {
			logger.warn("Redis does not answer. Until it does, requests that need their session are refused "
					+ "immediately");
		}
		if (transition.getToState() == State.OPEN) {
			startProbe();
		}
		else if (transition.getToState() == State.CLOSED) {
			logger.info("Redis answers again");
			assumeAnswers();
			stopProbe();
		}
	}

	private synchronized void startProbe() {
		if (this.probe == null && !this.closed) {
			this.probe = Executors.newSingleThreadScheduledExecutor(BackgroundThreads.named("redis-session-breaker"));
			var unused = this.probe.scheduleWithFixedDelay(this::probe, PING_INTERVAL.toMillis(),
					PING_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
		}
	}

	private void probe() {
		if (!this.pinging.compareAndSet(false, true)) {
			return;
		}
		try {
			var unused = this.ping.get().whenComplete((reply, failure) -> {
				this.pinging.set(false);
				if (failure == null || isHealthyAnswer(failure)) {
					answered();
				}
			});
		}
		// Errors too: they would end the schedule
		catch (RuntimeException | Error ex) {
			this.pinging.set(false);
			logger.debug("Sending a PING failed; it will be retried", ex);
		}
	}

	private synchronized void answered() {
		if (this.circuit.getState() != State.CLOSED) {
			this.circuit.transitionToClosedState();
		}
	}

	/**
	 * Allows probing again after {@link #close()}; starts at once if the circuit is open.
	 */
	synchronized void allow() {
		this.closed = false;
		State state = this.circuit.getState();
		if (state == State.OPEN || state == State.HALF_OPEN) {
			startProbe();
		}
	}

	/** Stops probing Redis until {@link #allow()}, regardless of state changes. */
	@Override
	public synchronized void close() {
		this.closed = true;
		stopProbe();
	}

	private synchronized void stopProbe() {
		if (this.probe != null) {
			this.probe.shutdownNow();
			this.probe = null;
		}
	}

}
