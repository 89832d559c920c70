package app.session.redis.autoconfigure.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.operations.SessionStoreState;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StateReadingTests {

	private static RedisServer server;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void manyWhoLookAtOnce_shareOneQuestion() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.port=" + server.port(), "app.session.redis.collector.enabled=false")
			.run((context) -> {
				AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
				repository.save(repository.createSession());
				StateReading reading = new StateReading(repository.operations(), Duration.ofSeconds(10));
				CountDownLatch go = new CountDownLatch(1);
				ExecutorService executor = Executors.newFixedThreadPool(16);
				try (Monitor monitor = Monitor.of(server)) {
					List<Future<Double>> looks = new ArrayList<>();
					for (int i = 0; i < 16; i++) {
						looks.add(executor.submit(() -> {
							go.await();
							return reading.get(SessionStoreState::live);
						}));
					}
					go.countDown();
					for (Future<Double> look : looks) {
						assertThat(look.get(10, TimeUnit.SECONDS)).isPositive();
					}
					assertThat(monitor.commands()).hasSize(2);
				}
				finally {
					executor.shutdownNow();
				}
			});
	}

	@Test
	void redisThatHangs_holdsALookUpForTheTimeoutAtMostAndOnlyOnce() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.port=" + server.port(), "app.session.redis.collector.enabled=false",
					"app.session.redis.command-timeout=5s")
			.run((context) -> {
				AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
				repository.save(repository.createSession());
				StateReading reading = new StateReading(repository.operations(), Duration.ofMillis(300));
				server.pause();
				try {
					long start = System.nanoTime();
					assertThat(reading.get(SessionStoreState::live)).isNaN();
					assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(290),
							Duration.ofSeconds(4));
					start = System.nanoTime();
					assertThat(reading.get((state) -> state.collectorLag().toMillis())).isNaN();
					assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(250));
				}
				finally {
					server.resume();
				}
			});
	}

}
