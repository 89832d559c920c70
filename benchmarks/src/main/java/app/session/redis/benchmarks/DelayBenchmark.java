package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.LoadResult;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;
import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;

/**
 * Measures the latency of a single request when Redis is one millisecond away, which
 * shows the round trips that a client waits for, and counts them.
 */
final class DelayBenchmark {

	static final String READ = "read 8×128 B, 1 ms away";

	static final String WRITE = "write 8×128 B, 1 ms away";

	private static final Duration DELAY = Duration.ofMillis(1);

	private static final Duration LONG_DELAY = Duration.ofMillis(50);

	private final Options options;

	private final Results results;

	DelayBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void servlet() {
		try (Nodes nodes = Nodes.start(Store.IN_REDIS, true, null)) {
			run(nodes);
		}
	}

	void reactive() {
		try (Nodes nodes = Nodes.reactive(Store.IN_REDIS, true)) {
			run(nodes);
		}
	}

	/** Measures applications that connect to Redis through a proxy. */
	void run(Nodes nodes) {
		this.results
			.note("1 ms away: one connection. A proxy delays each reply of Redis by 1 ms, without delaying later "
					+ "replies; 'ping' is the measured time of a round trip through it.");
		this.results.note("Round trips: the time of the fastest of a few requests when each reply is delayed by 50 ms, "
				+ "divided by 50 ms.");
		Map<Store, List<String>> cookies = new LinkedHashMap<>();
		for (Node node : nodes) {
			cookies.put(node.store(), node.app().client().sessions(HttpBenchmark.SESSIONS, 8, 128));
			warmUp(node, Requests.get("/read", cookies.get(node.store())));
			warmUp(node, Requests.post("/write", cookies.get(node.store())));
			roundTrips(node, Requests.get("/read", cookies.get(node.store())), READ);
			roundTrips(node, Requests.post("/write", cookies.get(node.store())), WRITE);
		}
		for (int round = 0; round < this.options.either(5, 2); round++) {
			for (Node node : nodes) {
				List<String> own = cookies.getOrDefault(node.store(), List.of());
				round(node, Requests.get("/read", own), READ);
				round(node, Requests.post("/write", own), WRITE);
			}
		}
	}

	/**
	 * Notes failed requests: only those of the measured rounds invalidate the results.
	 */
	private void warmUp(Node node, Requests requests) {
		LoadResult result = ClosedLoop.count(node.port(), 1, this.options.either(20_000, 1000), requests);
		if (result.errors() > 0) {
			this.results.note("%d of the %d requests %s that warmed up %s failed.".formatted(result.errors(),
					result.requests(), requests.path(), node.store().id()));
		}
	}

	/**
	 * Counts the round trips with a delay that is much longer than the rest of a request.
	 */
	private void roundTrips(Node node, Requests requests, String scenario) {
		node.proxy().delay(Direction.TO_CLIENT, LONG_DELAY);
		try {
			LoadResult result = ClosedLoop.count(node.port(), 1, 5, requests).requireNoErrors(requests.path());
			this.results.add(scenario, node.store().id(), Metric.ROUND_TRIPS,
					Math.floor(result.latency().getMinValue() / (double) LONG_DELAY.toNanos()));
		}
		finally {
			node.proxy().delay(Direction.TO_CLIENT, Duration.ZERO);
		}
	}

	private void round(Node node, Requests requests, String scenario) {
		int count = this.options.either(1000, 200);
		node.proxy().delay(Direction.TO_CLIENT, DELAY);
		try {
			double ping = ping(node, count);
			double[] far = load(node, requests, count);
			String store = node.store().id();
			this.results.add(scenario, store, Metric.P50, far[0]);
			this.results.add(scenario, store, Metric.P90, far[1]);
			this.results.add(scenario + ", ping", store, Metric.P50, ping);
		}
		finally {
			node.proxy().delay(Direction.TO_CLIENT, Duration.ZERO);
		}
	}

	private static double[] load(Node node, Requests requests, int count) {
		LoadResult result = ClosedLoop.count(node.port(), 1, count, requests).requireNoErrors(requests.path());
		return new double[] { result.micros(50), result.micros(90) };
	}

	private static double ping(Node node, int count) {
		RedisClient client = RedisClient.create(RedisURI.create(node.proxy().host(), node.proxy().port()));
		try (var connection = client.connect()) {
			long[] nanos = new long[count];
			for (int i = 0; i < count; i++) {
				long start = System.nanoTime();
				connection.sync().ping();
				nanos[i] = System.nanoTime() - start;
			}
			Arrays.sort(nanos);
			return nanos[count / 2] / 1000.0;
		}
		finally {
			client.shutdown();
		}
	}

}
