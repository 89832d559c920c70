package app.session.redis.observation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler.IgnoredMeters;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Measures the cost of observing an operation of the store within an observed request.
 * The operation itself takes no time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreObservationsBenchmark {

	private final StoreObservations nobody = new StoreObservations(ObservationRegistry.NOOP);

	private final ObservationRegistry metersRegistry = registry();

	private final StoreObservations meters = new StoreObservations(this.metersRegistry);

	private final ObservationRegistry timersRegistry = registry(IgnoredMeters.LONG_TASK_TIMER);

	private final StoreObservations timers = new StoreObservations(this.timersRegistry);

	private final Observation.Scope metersRequest = Observation.start("request", this.metersRegistry).openScope();

	private final Observation.Scope timersRequest = Observation.start("request", this.timersRegistry).openScope();

	private CompletionStage<Integer> answer = CompletableFuture.completedFuture(0);

	private static ObservationRegistry registry(IgnoredMeters... ignored) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig()
			.observationHandler(
					new DefaultMeterObservationHandler(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), ignored));
		return registry;
	}

	/** Sets the result of the operation. */
	@Setup
	public void setUp() {
		this.answer = CompletableFuture.completedFuture(42);
	}

	/** Ends the requests. */
	@TearDown
	public void tearDown() {
		this.timersRequest.close();
		this.metersRequest.close();
	}

	/**
	 * Runs the operation without an observation handler.
	 * @return the result
	 */
	@Benchmark
	public CompletionStage<Integer> notObserved() {
		return this.nobody.observe(null, StoreOperation.LOAD, () -> this.answer);
	}

	/**
	 * Runs the operation with the handlers that Spring Boot configures: a timer and a
	 * long task timer.
	 * @return the result
	 */
	@Benchmark
	public CompletionStage<Integer> meters() {
		return this.meters.observe(null, StoreOperation.LOAD, () -> this.answer);
	}

	/**
	 * Runs the operation with a timer only.
	 * @return the result
	 */
	@Benchmark
	public CompletionStage<Integer> timerAlone() {
		return this.timers.observe(null, StoreOperation.LOAD, () -> this.answer);
	}

}
