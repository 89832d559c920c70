package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests what opens and closes the circuit breaker.
 */
@Timeout(30)
class BreakerITests {

	private final CallSenders engines = new CallSenders();

	private final CircuitBreaker circuit = CircuitBreaker.of("test",
			CircuitBreakerConfig.custom()
				.failureRateThreshold(50)
				.slidingWindow(20, 10, SlidingWindowType.COUNT_BASED)
				.waitDurationInOpenState(Duration.ofMinutes(1))
				.permittedNumberOfCallsInHalfOpenState(3)
				.build());

	@BeforeAll
	static void connectOnce() throws Exception {
		try (CallSenders engines = new CallSenders().timeout(Duration.ofSeconds(30))) {
			engines.on(SharedRedis.standalone()).send(ping()).get(30, TimeUnit.SECONDS);
		}
	}

	@AfterEach
	void close() {
		this.engines.close();
	}

	private static Call ping() {
		return Call.of(CommandType.PING);
	}

	/** A call from which no command can be created. */
	@SuppressWarnings({ "unchecked", "rawtypes" }) // the invalid type is intended
	private static Call broken() {
		return ping().args((Collection) List.of('x'));
	}

	/** Waits for all calls, and returns the reasons of those that failed. */
	private static List<Reason> failures(List<CompletableFuture<Reply>> replies) {
		return replies.stream()
			.map((reply) -> reply.handle((answer, failure) -> failure))
			.map(CompletableFuture::join)
			.filter((failure) -> failure != null)
			.map((failure) -> Failures.translate(failure).getReason())
			.toList();
	}

	@Test
	void asManyCallsAsTheQueueTakesAreAnswered() throws Exception {
		CallSender engine = this.engines.timeout(Duration.ofSeconds(10))
			.requestQueueSize(10_000)
			.breaker(this.circuit)
			.on(SharedRedis.standalone());
		engine.send(ping()).get(5, TimeUnit.SECONDS);
		List<CompletableFuture<Reply>> replies = IntStream.range(0, 10_000)
			.mapToObj((i) -> engine.send(ping()))
			.toList();
		assertThat(failures(replies)).isEmpty();
	}

	@Test
	void whatTheQueueDoesNotTakeFailsAndOpensNothing() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.timeout(Duration.ofSeconds(10))
				.requestQueueSize(200)
				.breaker(this.circuit)
				.on(server);
			engine.send(ping()).get(5, TimeUnit.SECONDS);
			server.pause();
			List<CompletableFuture<Reply>> replies = IntStream.range(0, 600)
				.mapToObj((i) -> engine.send(ping()))
				.toList();
			await().until(() -> replies.stream().filter(CompletableFuture::isCompletedExceptionally).count() >= 390);
			assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
			server.resume();
			assertThat(failures(replies)).hasSizeBetween(390, 410).containsOnly(Reason.OVERLOADED);
			assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
			assertThat(engine.send(ping()).get(5, TimeUnit.SECONDS)).isNotNull();
		}
	}

	@Test
	void anExhaustedPoolOpensNothing() throws Exception {
		CallSender engine = this.engines.breaker(this.circuit).pool((pool) -> {
			pool.setMaxTotal(1);
			pool.setMaxWait(Duration.ofMillis(5));
		}).on(SharedRedis.standalone());
		engine.send(ping()).get(5, TimeUnit.SECONDS);
		CompletableFuture<Reply> blocking = engine
			.send(Call.of(CommandType.BLPOP, "nothing".getBytes(StandardCharsets.UTF_8)).arg(1));
		List<CompletableFuture<Reply>> replies = IntStream.range(0, 40).mapToObj((i) -> engine.send(ping())).toList();
		assertThat(failures(replies)).hasSize(40).containsOnly(Reason.OVERLOADED);
		assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
		assertThat(blocking.get(5, TimeUnit.SECONDS)).isNotNull();
	}

	@Test
	void overloadCountsNeitherAsAnOutageNorAsAnAnswer() {
		Breaker breaker = new Breaker(this.circuit, CompletableFuture::new);
		SessionStoreUnavailableException overloaded = new SessionStoreUnavailableException(Reason.OVERLOADED, null,
				null);
		SessionStoreUnavailableException gone = new SessionStoreUnavailableException(Reason.DISCONNECTED, null, null);
		for (int i = 0; i < 9; i++) {
			assertThat(breaker.permits(ping())).isTrue();
			breaker.record(ping(), gone);
			for (int k = 0; k < 10; k++) {
				assertThat(breaker.permits(ping())).isTrue();
				breaker.record(ping(), overloaded);
			}
		}
		assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
		breaker.record(ping(), gone);
		assertThat(this.circuit.getState()).as("as if there had been no overload").isEqualTo(State.OPEN);
		breaker.close();
	}

	/** After a short outage with little traffic, the next answers find few calls. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void anAnswerNeverOpensIt_alsoAfterItWasOpen(boolean reopened) {
		SessionStoreUnavailableException gone = new SessionStoreUnavailableException(Reason.DISCONNECTED, null, null);
		try (Breaker breaker = new Breaker(this.circuit, CompletableFuture::new)) {
			if (reopened) {
				this.circuit.transitionToOpenState();
				this.circuit.transitionToClosedState();
			}
			for (int i = 0; i < 9; i++) {
				breaker.record(ping(), gone);
			}
			for (int i = 0; i < 11; i++) {
				breaker.record(ping(), null);
				assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
			}
			breaker.record(ping(), gone);
			assertThat(this.circuit.getState()).as("9 of the last 20 calls failed").isEqualTo(State.CLOSED);
		}
	}

	@Test
	void itOpensIfHalfOfTheLastCallsFailed_howeverTheyAlternate() {
		SessionStoreUnavailableException gone = new SessionStoreUnavailableException(Reason.DISCONNECTED, null, null);
		try (Breaker breaker = new Breaker(this.circuit, CompletableFuture::new)) {
			for (int i = 0; i < 10; i++) {
				assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
				breaker.record(ping(), null);
				breaker.record(ping(), gone);
			}
			assertThat(this.circuit.getState()).isEqualTo(State.OPEN);
		}
	}

	/** Each call that times out has a connection to itself, on which Redis is silent. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void timeoutsOpenItUnlessRedisContinuesToAnswerOthers(boolean answering) throws Exception {
		CallSender engine = this.engines.timeout(Duration.ofMillis(1500)).breaker(this.circuit).pool((pool) -> {
			pool.setMaxTotal(30);
			pool.setMaxWait(Duration.ofSeconds(5));
		}).on(SharedRedis.standalone());
		List<CompletableFuture<Reply>> silent = IntStream.range(0, 20)
			.mapToObj((i) -> engine.send(Call.of(CommandType.BLPOP, "nothing".getBytes(StandardCharsets.UTF_8)).arg(3)))
			.toList();
		if (answering) {
			for (int i = 0; i < 60; i++) {
				engine.send(ping()).get(5, TimeUnit.SECONDS);
			}
			assertThat(silent).noneMatch(CompletableFuture::isDone);
		}
		assertThat(failures(silent)).hasSize(20).containsOnly(Reason.TIMEOUT);
		assertThat(this.circuit.getState()).isEqualTo(answering ? State.CLOSED : State.OPEN);
	}

	@Test
	void itOpensWhenAllAnswersComeTooLateHoweverManyThereAre() throws Exception {
		try (TcpProxy proxy = TcpProxy.to(SharedRedis.standalone())) {
			CallSender engine = this.engines.timeout(Duration.ofMillis(200))
				.breaker(this.circuit)
				.on(proxy.host(), proxy.port());
			engine.send(ping()).get(5, TimeUnit.SECONDS);
			this.circuit.transitionToDisabledState();
			proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(500));
			long answersArriveFrom = System.nanoTime() + Duration.ofMillis(800).toNanos();
			await().pollInterval(Duration.ofMillis(2)).until(() -> {
				engine.send(IntStream.range(0, 10).mapToObj((i) -> ping()).toList());
				return System.nanoTime() > answersArriveFrom;
			});
			this.circuit.transitionToClosedState();
			await().atMost(Duration.ofSeconds(3)).pollInterval(Duration.ofMillis(2)).until(() -> {
				engine.send(IntStream.range(0, 10).mapToObj((i) -> ping()).toList());
				return this.circuit.getState() == State.OPEN;
			});
		}
	}

	@Test
	void aBurstWhoseFirstHalfIsAnsweredInTimeOpensNothing() throws Exception {
		CallSender engine = this.engines.timeout(Duration.ofMillis(700))
			.breaker(this.circuit)
			.on(SharedRedis.standalone());
		engine.send(ping()).get(5, TimeUnit.SECONDS);
		List<Call> burst = new ArrayList<>();
		IntStream.range(0, 100).forEach((i) -> burst.add(ping()));
		burst.add(Call.of(CommandType.BLPOP, "nothing".getBytes(StandardCharsets.UTF_8)).arg(2));
		IntStream.range(0, 100).forEach((i) -> burst.add(ping()));
		engine.send(burst);
		List<CompletableFuture<Reply>> replies = burst.stream().map(Call::reply).toList();
		assertThat(failures(replies)).hasSize(101).containsOnly(Reason.TIMEOUT);
		assertThat(this.circuit.getState()).isEqualTo(State.CLOSED);
	}

	/** These calls fail like calls for which no connection is available in time. */
	@Test
	void earlierAnswersDoNotMakeTheTimeoutOfACallThatWasNeverSentAnOverload() {
		try (Breaker breaker = new Breaker(this.circuit, CompletableFuture::new)) {
			IntStream.range(0, 100).forEach((i) -> breaker.commandCompleted(null));
			for (int i = 0; i < 10; i++) {
				Call call = ping();
				assertThat(breaker.permits(call)).isTrue();
				breaker.record(call, new TimeoutException("No connection in time"));
			}
			assertThat(this.circuit.getState()).isEqualTo(State.OPEN);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theProbeContinuesRegardlessOfTheExceptionOfAPing(boolean error) {
		AtomicInteger pings = new AtomicInteger();
		Supplier<CompletionStage<?>> ping = () -> {
			if (pings.incrementAndGet() < 3) {
				if (error) {
					throw new NoClassDefFoundError("a class");
				}
				throw new IllegalStateException("no ping");
			}
			return CompletableFuture.completedFuture("PONG");
		};
		try (Breaker breaker = new Breaker(this.circuit, ping)) {
			this.circuit.transitionToOpenState();
			await().until(() -> this.circuit.getState() == State.CLOSED);
			assertThat(breaker.permits(ping())).isTrue();
		}
		assertThat(pings).hasValue(3);
	}

	@Test
	void onceClosedItIsNotProbedUntilItIsAllowedAgain() {
		AtomicInteger pings = new AtomicInteger();
		try (Breaker breaker = new Breaker(this.circuit, () -> {
			pings.incrementAndGet();
			return CompletableFuture.completedFuture("PONG");
		})) {
			breaker.close();
			this.circuit.transitionToOpenState();
			await().during(Duration.ofMillis(500)).until(() -> pings.get() == 0);
			assertThat(this.circuit.getState()).isEqualTo(State.OPEN);
			breaker.allow();
			await().until(() -> this.circuit.getState() == State.CLOSED);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void itIsProbedWhereverItOpensFrom(boolean halfOpen) {
		try (Breaker breaker = new Breaker(this.circuit, () -> CompletableFuture.completedFuture("PONG"))) {
			breaker.close();
			this.circuit.transitionToOpenState();
			this.circuit.transitionToHalfOpenState();
			breaker.allow();
			if (!halfOpen) {
				this.circuit.transitionToOpenState();
			}
			await().until(() -> this.circuit.getState() == State.CLOSED);
		}
	}

	/** A background call that fails while the engine drains opens the breaker. */
	@Test
	void anEngineThatWasDrainedIsNotProbedUntilItIsStartedAgain() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			CallSender engine = this.engines.timeout(Duration.ofMillis(300)).breaker(this.circuit).on(server);
			SessionStore store = new SessionStore(engine, "app:session");
			engine.send(ping()).get(5, TimeUnit.SECONDS);
			server.pause();
			for (int i = 0; i < 20; i++) {
				engine.background(engine.send(ping()), "A command");
			}
			engine.drain();
			await().until(() -> this.circuit.getState() == State.OPEN);
			server.resume();
			await().during(Duration.ofMillis(500)).until(() -> this.circuit.getState() == State.OPEN);
			store.allow();
			await().until(() -> this.circuit.getState() == State.CLOSED);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whateverIsThrownTheBreakerHasItsPermissionsBack(boolean pooled) throws Exception {
		if (pooled) {
			this.engines.pool((pool) -> pool.setMaxTotal(2));
		}
		CallSender engine = this.engines.breaker(this.circuit).on(SharedRedis.standalone());
		engine.send(ping()).get(5, TimeUnit.SECONDS);
		this.circuit.transitionToOpenState();
		this.circuit.transitionToHalfOpenState();
		for (int i = 0; i < 10; i++) {
			Call call = broken();
			assertThat(failures(List.of(engine.send(call)))).as("attempt %s", i).containsOnly(Reason.FAILED);
			List<Call> flush = List.of(ping(), broken());
			engine.send(flush);
			assertThat(failures(List.of(flush.get(1).reply()))).as("attempt %s", i).containsOnly(Reason.FAILED);
		}
		assertThat(this.circuit.getState()).isEqualTo(State.HALF_OPEN);
		for (int i = 0; i < 3; i++) {
			assertThat(engine.send(ping()).get(5, TimeUnit.SECONDS)).isNotNull();
		}
		await().until(() -> this.circuit.getState() == State.CLOSED);
	}

}
