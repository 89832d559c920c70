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
 * What it costs to observe an operation of the store, which takes no time itself, within
 * an observed request.
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

	/** Sets the answer. */
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
	 * Nobody looks.
	 * @return the answer
	 */
	@Benchmark
	public CompletionStage<Integer> nobodyLooks() {
		return this.nobody.observe(StoreOperation.LOAD, () -> this.answer);
	}

	/**
	 * As Spring Boot sets it up: a timer, and what is under way.
	 * @return the answer
	 */
	@Benchmark
	public CompletionStage<Integer> meters() {
		return this.meters.observe(StoreOperation.LOAD, () -> this.answer);
	}

	/**
	 * A timer alone.
	 * @return the answer
	 */
	@Benchmark
	public CompletionStage<Integer> timerAlone() {
		return this.timers.observe(StoreOperation.LOAD, () -> this.answer);
	}

}
