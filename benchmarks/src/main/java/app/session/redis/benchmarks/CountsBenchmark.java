package app.session.redis.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import app.session.redis.benchmarks.load.ClosedLoop;
import app.session.redis.benchmarks.load.MixedLoad;
import app.session.redis.benchmarks.load.Requests;
import app.session.redis.benchmarks.report.Metric;
import app.session.redis.benchmarks.report.Results;
import app.session.redis.benchmarks.report.Spread;
import app.session.redis.test.Monitor;

/**
 * Measures the cost of a request in commands, bytes, Redis CPU and garbage. Except for
 * the CPU time, the results hardly vary between runs.
 */
final class CountsBenchmark {

	private static final List<int[]> SHAPES = List.of(new int[] { 8, 128 }, new int[] { 32, 1024 });

	/** Small enough that most blocks contain no once-per-second task of a node. */
	private static final int BLOCK = 50;

	private static final int BLOCKS = 9;

	static final String TWO_NODES = "read and write 32×1 KB, two nodes";

	private final Options options;

	private final Results results;

	CountsBenchmark(Options options, Results results) {
		this.options = options;
		this.results = results;
	}

	void run() {
		note();
		try (Nodes nodes = Nodes.start(Store.IN_REDIS_AND_UNCACHED)) {
			for (int[] shape : SHAPES) {
				for (Node node : nodes) {
					deterministic(node, shape[0], shape[1]);
				}
				cpu(nodes, shape[0], shape[1], "");
			}
		}
		try (Nodes nodes = Nodes.start(Store.SESSIONS)) {
			for (int[] shape : SHAPES) {
				allocation(nodes, shape[0], shape[1]);
			}
		}
		try (Nodes nodes = Nodes.onCluster()) {
			for (Node node : nodes) {
				List<String> kept = sessions(node, HttpBenchmark.SESSIONS, 8, 128);
				bytes(node, "read 8×128 B, cluster", new Cursor(Requests.get("/read", kept)));
				bytes(node, "write 8×128 B, cluster", new Cursor(Requests.post("/write?size=128", kept)));
			}
			cpu(nodes, 8, 128, ", cluster");
		}
		this.results
			.note("Two nodes: consecutive requests with the same session go to different nodes, and every tenth "
					+ "request writes.");
		for (Store store : Store.ON_CLUSTER) {
			try (Node first = Node.start(store); Node second = first.another()) {
				alternating(first, second);
			}
		}
	}

	void note() {
		this.results.note("Commands: as clients sent them (MONITOR, without those called by scripts), median of "
				+ BLOCKS + " blocks of " + BLOCK + " requests, so that tasks that a node runs once a second do "
				+ "not count.");
		this.results.note("Bytes: the same, in blocks of " + byteBlock()
				+ " requests. The requests are sent one after the other.");
		this.results.note("Redis CPU: 16 connections; minus the CPU time that the same Redis uses in an idle "
				+ "window, per second.");
		this.results.note("Allocation: all threads of the JVM, minus the allocation of a request that does not "
				+ "access a session.");
	}

	private void alternating(Node first, Node second) {
		int count = this.options.either(20_000, 2_000);
		List<String> cookies = sessions(first, HttpBenchmark.SESSIONS, 32, 1024);
		MixedLoad load = new MixedLoad(List.of(first.port(), second.port()), Requests.get("/read", cookies),
				Requests.post("/write?size=1024", cookies));
		double background = idleCpu(first);
		for (int round = -1; round < this.options.either(5, 2); round++) {
			RedisStats before = first.stats();
			double seconds = load.count(HttpBenchmark.CONNECTIONS, count)
				.requireNoErrors("two nodes, " + first.store())
				.seconds();
			double spent = first.stats().since(before).cpuSeconds() - background * seconds;
			if (round >= 0) {
				this.results.add(TWO_NODES, first.store().id(), Metric.REDIS_CPU, Math.max(spent, 0) * 1e6 / count);
			}
		}
	}

	static String shape(int attributes, int size) {
		return attributes + "×" + ((size % 1024 == 0) ? size / 1024 + " KB" : size + " B");
	}

	void deterministic(Node node, int attributes, int size) {
		String shape = shape(attributes, size);
		int singles = (1 + BLOCKS) * BLOCK + BLOCKS * byteBlock();
		List<String> ended = sessions(node, singles, attributes, size);
		List<String> renamed = sessions(node, singles, attributes, size);
		Map<String, Requests> kinds = new LinkedHashMap<>();
		List<String> kept = sessions(node, HttpBenchmark.SESSIONS, attributes, size);
		kinds.put("read", Requests.get("/read", kept));
		kinds.put("write", Requests.post("/write?size=" + size, kept));
		kinds.put("new",
				Requests.post("/new?attributes=" + attributes + "&size=" + size + "&principal=anna", List.of()));
		kinds.put("log-in", Requests.post("/login?principal=ben", renamed));
		kinds.put("log-out", Requests.post("/logout", ended));
		kinds.put("no cookie", Requests.get("/nosession", List.of()));
		kinds.forEach((kind, requests) -> {
			Cursor cursor = new Cursor(requests);
			// fills the caches of the application and of Redis
			cursor.send(node, BLOCK);
			commands(node, kind + " " + shape, cursor);
			bytes(node, kind + " " + shape, cursor);
		});
	}

	private int byteBlock() {
		return this.options.either(200, 50);
	}

	private static List<String> sessions(Node node, int count, int attributes, int size) {
		return node.app().client().sessions(count, attributes, size);
	}

	private void commands(Node node, String scenario, Cursor cursor) {
		List<Double> samples = new ArrayList<>();
		try (Monitor monitor = Monitor.of(node.redis())) {
			for (int i = 0; i < BLOCKS; i++) {
				monitor.reset();
				cursor.send(node, BLOCK);
				pause(Duration.ofMillis(20));
				samples.add((double) monitor.commands().size() / BLOCK);
			}
		}
		this.results.add(scenario, node.store().id(), Metric.COMMANDS, Spread.of(samples).median());
	}

	private void bytes(Node node, String scenario, Cursor cursor) {
		int count = byteBlock();
		List<Double> sent = new ArrayList<>();
		List<Double> received = new ArrayList<>();
		for (int i = 0; i < BLOCKS; i++) {
			RedisStats first = node.stats();
			RedisStats second = node.stats();
			cursor.send(node, count);
			RedisStats spent = node.stats().since(second);
			RedisStats own = second.since(first);
			sent.add((double) (spent.bytesOut() - own.bytesOut()) / count);
			received.add((double) (spent.bytesIn() - own.bytesIn()) / count);
		}
		// The reply to INFO itself varies by a few bytes
		this.results.add(scenario, node.store().id(), Metric.BYTES_SENT, Math.max(Spread.of(sent).median(), 0));
		this.results.add(scenario, node.store().id(), Metric.BYTES_RECEIVED, Math.max(Spread.of(received).median(), 0));
	}

	/** The seconds of CPU time that Redis uses per second without requests. */
	private double idleCpu(Node node) {
		Duration window = this.options.seconds(5, 2);
		RedisStats before = node.stats();
		pause(window);
		return node.stats().since(before).cpuSeconds() / window.toSeconds();
	}

	void cpu(Nodes nodes, int attributes, int size, String suffix) {
		int count = this.options.either(20_000, 2_000);
		String shape = shape(attributes, size) + suffix;
		Map<Store, Double> idle = new LinkedHashMap<>();
		Map<Store, List<String>> cookies = new LinkedHashMap<>();
		for (Node node : nodes) {
			idle.put(node.store(), idleCpu(node));
			cookies.put(node.store(), sessions(node, HttpBenchmark.SESSIONS, attributes, size));
		}
		for (int round = -1; round < this.options.either(5, 2); round++) {
			for (Node node : nodes) {
				List<String> own = cookies.getOrDefault(node.store(), List.of());
				double background = idle.getOrDefault(node.store(), 0.0);
				double read = cpu(node, Requests.get("/read", own), count, background);
				double write = cpu(node, Requests.post("/write?size=" + size, own), count, background);
				if (round >= 0) {
					this.results.add("read " + shape, node.store().id(), Metric.REDIS_CPU, read);
					this.results.add("write " + shape, node.store().id(), Metric.REDIS_CPU, write);
				}
			}
		}
	}

	/**
	 * Measures the CPU time that Redis uses.
	 * @param node the node
	 * @param requests the requests
	 * @param count the number of requests
	 * @param background seconds of CPU time per second without requests
	 * @return microseconds per request
	 */
	static double cpu(Node node, Requests requests, int count, double background) {
		RedisStats before = node.stats();
		double seconds = ClosedLoop.count(node.port(), HttpBenchmark.CONNECTIONS, count, requests)
			.requireNoErrors(requests.path() + ", " + node.store())
			.seconds();
		double spent = node.stats().since(before).cpuSeconds();
		return Math.max(spent - background * seconds, 0) * 1e6 / count;
	}

	void allocation(Nodes nodes, int attributes, int size) {
		int count = this.options.either(20_000, 2_000);
		Map<Store, List<String>> cookies = new LinkedHashMap<>();
		nodes.forEach((node) -> cookies.put(node.store(), sessions(node, HttpBenchmark.SESSIONS, attributes, size)));
		for (int round = -2; round < this.options.either(5, 2); round++) {
			for (Node node : nodes) {
				List<String> own = cookies.getOrDefault(node.store(), List.of());
				double none = allocated(node, Requests.get("/nosession", List.of()), count);
				double read = allocated(node, Requests.get("/read", own), count);
				double write = allocated(node, Requests.post("/write?size=" + size, own), count);
				if (round >= 0) {
					String shape = shape(attributes, size);
					this.results.add("read " + shape, node.store().id(), Metric.ALLOCATION, read - none);
					this.results.add("write " + shape, node.store().id(), Metric.ALLOCATION, write - none);
				}
			}
		}
	}

	private static double allocated(Node node, Requests requests, int count) {
		long before = node.app().allocatedBytes();
		ClosedLoop.count(node.port(), HttpBenchmark.CONNECTIONS, count, requests).requireNoErrors(requests.path());
		return (double) (node.app().allocatedBytes() - before) / count;
	}

	static void pause(Duration duration) {
		try {
			TimeUnit.NANOSECONDS.sleep(duration.toNanos());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while a benchmark runs", ex);
		}
	}

	/** Sends requests one after the other, and uses every cookie before repeating one. */
	private static final class Cursor {

		private final Requests requests;

		private int next;

		Cursor(Requests requests) {
			this.requests = requests;
		}

		void send(Node node, int count) {
			List<String> cookies = new ArrayList<>();
			for (int i = 0; i < count && !this.requests.cookies().isEmpty(); i++) {
				cookies.add(this.requests.cookies().get(this.next++ % this.requests.cookies().size()));
			}
			Requests part = new Requests(this.requests.method(), this.requests.path(), cookies);
			ClosedLoop.count(node.port(), 1, count, part).requireNoErrors(part.path() + ", " + node.store());
		}

	}

}
