package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import app.session.redis.DeletionReason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.engine.SaveOptions;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two nodes read, change, rename and delete sessions at random while messages are
 * dropped, delayed and reordered. A checker compares what requests saw with what had been
 * acknowledged before.
 */
class BoundedTrustHistoryITests {

	private static final RedisServer server = RedisServer.start();

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	/**
	 * The share of dropped messages, and the maximum delay in ms: also beyond the age.
	 */
	@ParameterizedTest
	@CsvSource({ "0, 0", "0, 400", "0.5, 400", "1, 0" })
	void requests_seeWhatWasAcknowledgedBeforeTheAge(double dropped, int maxDelay) throws Exception {
		Duration maxAge = Duration.ofMillis(200);
		try (MessageFaults faults = new MessageFaults(dropped, Duration.ofMillis(maxDelay));
				TestRepositories repositories = TestRepositories.on(server).with(faults)) {
			History history = new History(repositories, maxAge, maxAge);
			history.run(() -> history.trusted() > 200 && faults.messages() > 50);
			assertThat(history.violations).isEmpty();
			assertThat(history.reads).hasValueGreaterThan(500);
			assertThat(history.trusted()).as("reads without a command").isGreaterThan(200);
			assertThat(faults.messages()).as("messages that arrived").isGreaterThan(50);
		}
	}

	/** The checker must be able to fail. */
	@Test
	void longerAgeThanTheChecked_isFound() throws Exception {
		try (MessageFaults faults = new MessageFaults(1, Duration.ZERO);
				TestRepositories repositories = TestRepositories.on(server).with(faults)) {
			History history = new History(repositories, Duration.ofMillis(400), Duration.ofMillis(40));
			history.run(() -> history.hasViolation("after") && history.hasViolation("ended"));
			assertThat(history.violations).anyMatch((violation) -> violation.contains("after"))
				.anyMatch((violation) -> violation.contains("ended"));
		}
	}

	/** A value that was acknowledged. */
	private record Acknowledged(int value, Node node, long at) {
	}

	/** An id, and when the session got another id or was deleted. */
	private static final class Id {

		private final String value;

		private volatile @Nullable Node endedOn;

		private volatile long endedAt;

		Id(String value) {
			this.value = value;
		}

		void ended(Node node) {
			this.endedAt = System.nanoTime();
			this.endedOn = node;
		}

	}

	private static final class History {

		private static final RequestClient GET = new RequestClient() {

			@Override
			public boolean isSafe() {
				return true;
			}

		};

		private final List<Node> nodes = new ArrayList<>();

		private final long bound;

		private final Duration pause;

		private final Map<String, List<Acknowledged>> acknowledged = new ConcurrentHashMap<>();

		private final List<Id> ids = new CopyOnWriteArrayList<>();

		private final Queue<String> violations = new ConcurrentLinkedQueue<>();

		private final AtomicInteger reads = new AtomicInteger();

		private volatile boolean running;

		private volatile boolean writing;

		History(TestRepositories repositories, Duration maxAge, Duration bound) {
			for (int i = 0; i < 2; i++) {
				Node node = repositories.node((settings) -> settings.nearCacheMaxAge(maxAge).collectorEnabled(false));
				await().until(() -> node.repository().getStatistics().isNearCacheTrusted());
				this.nodes.add(node);
			}
			this.bound = bound.toNanos();
			this.pause = maxAge;
		}

		long trusted() {
			return this.nodes.stream()
				.mapToLong((node) -> node.repository().getStatistics().get(SessionCounter.NEAR_CACHE_TRUSTED))
				.sum();
		}

		boolean hasViolation(String part) {
			return this.violations.stream().anyMatch((violation) -> violation.contains(part));
		}

		/**
		 * Lets at least two sessions live, one after the other, until enough has happened
		 * or there were ten: whether a request falls into a short interval is up to
		 * chance.
		 */
		void run(BooleanSupplier enough) throws Exception {
			ExecutorService executor = Executors.newCachedThreadPool();
			try {
				for (int i = 0; i < 2 || (i < 10 && !enough.getAsBoolean()); i++) {
					life(executor);
				}
			}
			finally {
				this.running = false;
				executor.shutdownNow();
			}
		}

		private void life(ExecutorService executor) throws Exception {
			this.acknowledged.clear();
			this.ids.clear();
			Node first = this.nodes.get(0);
			StoredSession created = first.repository().createSession();
			first.repository().save(created);
			this.ids.add(new Id(created.getId()));
			this.running = true;
			this.writing = true;
			List<Future<?>> workers = new ArrayList<>();
			for (Node node : this.nodes) {
				String own = "own" + this.nodes.indexOf(node);
				workers.add(executor.submit(() -> write(node, own)));
				workers.add(executor.submit(() -> read(node)));
				workers.add(executor.submit(() -> read(node)));
			}
			long pauseMillis = this.pause.toMillis();
			Thread.sleep(pauseMillis * 4);
			rename(this.nodes.get(1));
			Thread.sleep(pauseMillis * 3);
			this.writing = false;
			Thread.sleep(pauseMillis);
			delete(this.nodes.get(0));
			Thread.sleep(pauseMillis * 2);
			this.running = false;
			for (Future<?> worker : workers) {
				worker.get(30, TimeUnit.SECONDS);
			}
		}

		private Id last() {
			return this.ids.get(this.ids.size() - 1);
		}

		private static @Nullable StoredSession find(Node node, SessionScope scope, Id id) {
			return BlockingCaller.result(node.engine().finder().findForClient(scope, id.value));
		}

		private static void save(Node node, SessionScope scope, StoredSession session) {
			BlockingCaller.result(node.engine().saver().save(scope, session, (each) -> SaveOptions.of(true, false)));
		}

		private @Nullable Void write(Node node, String own) throws InterruptedException {
			for (int value = 1; this.writing; value++) {
				SessionScope scope = new SessionScope((value % 3 == 0) ? GET : RequestClient.UNKNOWN);
				StoredSession session = find(node, scope, last());
				if (session != null) {
					session.setAttribute(own, value);
					save(node, scope, session);
					StoredSession check = node.repository().findById(session.getHandle());
					if (check != null && Integer.valueOf(value).equals(check.getAttribute(own))) {
						this.acknowledged.computeIfAbsent(own, (name) -> new CopyOnWriteArrayList<>())
							.add(new Acknowledged(value, node, System.nanoTime()));
					}
				}
				// Pauses in which this node reads copies that only the other node changes
				ThreadLocalRandom random = ThreadLocalRandom.current();
				Thread
					.sleep((random.nextInt(4) == 0) ? this.pause.toMillis() + random.nextInt(200) : random.nextInt(40));
			}
			return null;
		}

		private void rename(Node node) {
			Id before = last();
			SessionScope scope = new SessionScope(RequestClient.UNKNOWN);
			StoredSession session = find(node, scope, before);
			assertThat(session).isNotNull();
			session.changeSessionId();
			save(node, scope, session);
			before.ended(node);
			this.ids.add(new Id(session.getId()));
		}

		private void delete(Node node) {
			Id id = last();
			BlockingCaller.result(node.engine()
				.ender()
				.delete(new SessionScope(RequestClient.UNKNOWN), id.value, DeletionReason.APPLICATION));
			id.ended(node);
		}

		private @Nullable Void read(Node node) throws InterruptedException {
			Map<String, Integer> seen = new ConcurrentHashMap<>();
			while (this.running) {
				// A lookup of the previous id voids the trust in the session
				Id id = (ThreadLocalRandom.current().nextInt(400) == 0) ? this.ids.get(0) : last();
				Node endedOn = id.endedOn;
				long endedAt = id.endedAt;
				long start = System.nanoTime();
				StoredSession session = find(node, new SessionScope(GET), id);
				this.reads.incrementAndGet();
				if (session != null) {
					if (endedOn != null && isBinding(node, endedOn, endedAt, start)) {
						this.violations
							.add("found although it had ended " + (start - endedAt) / 1_000_000 + " ms before");
					}
					this.acknowledged.forEach((name, values) -> check(node, session, name, values, start, seen));
				}
				Thread.sleep(ThreadLocalRandom.current().nextInt(4));
			}
			return null;
		}

		/** Returns whether a request must see what was acknowledged at a time. */
		private boolean isBinding(Node node, Node other, long at, long start) {
			return start - at > ((node == other) ? 0 : this.bound);
		}

		private void check(Node node, StoredSession session, String name, List<Acknowledged> values, long start,
				Map<String, Integer> seen) {
			int expected = 0;
			for (Acknowledged each : values) {
				if (isBinding(node, each.node(), each.at(), start)) {
					expected = Math.max(expected, each.value());
				}
			}
			Integer attribute = session.getAttribute(name);
			int found = (attribute != null) ? attribute : 0;
			if (found < expected) {
				this.violations.add(name + ": " + found + " after " + expected);
			}
			Integer before = seen.put(name, found);
			if (before != null && found < before) {
				this.violations.add(name + ": " + found + " although the same client had seen " + before);
			}
		}

	}

}
