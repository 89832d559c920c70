package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

import app.session.redis.benchmarks.report.Target.Key;

/**
 * The targets of this project.
 */
final class Targets {

	private static final String OURS = "redis-session";

	private static final String DEFAULT = "spring-default";

	private static final String INDEXED = "spring-indexed";

	private static final String READ = "read 8×128 B";

	private static final String WRITE = "write 8×128 B";

	private static final List<Target> ALL = List.copyOf(all());

	private Targets() {
	}

	static List<Target> list() {
		return ALL;
	}

	private static List<Target> all() {
		List<Target> all = new ArrayList<>();
		counts(all);
		http(all);
		others(all);
		operations(all);
		return all;
	}

	private static void counts(List<Target> all) {
		all.add(Target.atMost(1, "Commands per read-only request", "counts", ours(READ, Metric.COMMANDS), null));
		all.add(Target.atMost(2, "Commands per writing request", "counts", ours(WRITE, Metric.COMMANDS), null));
		all.add(Target.atMost(1, "Round trips per read-only request", "delay",
				ours(READ + ", 1 ms away", Metric.ROUND_TRIPS), null));
		all.add(Target.atMost(2, "Round trips per writing request", "delay",
				ours(WRITE + ", 1 ms away", Metric.ROUND_TRIPS), null));
		Key small = ours(READ, Metric.BYTES_SENT);
		all.add(Target.atMost(0.42, "Bytes sent by Redis per read-only request, 8×128 B, over spring-default", "counts",
				small, small.at(DEFAULT)));
		Key large = ours("read 32×1 KB", Metric.BYTES_SENT);
		all.add(Target.atMost(0.5, "Bytes sent by Redis per read-only request, 32×1 KB, over spring-default", "counts",
				large, large.at(DEFAULT)));
		Key cpu = ours(READ, Metric.REDIS_CPU);
		all.add(Target.atMost(0.45, "Redis CPU per read-only request over spring-default", "counts", cpu,
				cpu.at(DEFAULT)));
		all.add(Target.atMost(0.3, "Redis CPU per read-only request over spring-indexed", "counts", cpu,
				cpu.at(INDEXED)));
		Key allocation = ours(READ, Metric.ALLOCATION);
		all.add(Target.atMost(0.4,
				"JVM allocation per read-only request, beyond one without a session, over spring-default", "counts",
				allocation, allocation.at(DEFAULT)));
	}

	private static void http(List<Target> all) {
		Key read = ours(READ, Metric.THROUGHPUT);
		all.add(Target.atLeast(0.95, "Read-only throughput over the floor (one HGETALL)", "http", read,
				read.at("hgetall")));
		all.add(Target.atLeast(3.2, "Read-only throughput over spring-default", "http", read, read.at(DEFAULT)));
		all.add(Target.atLeast(4.5, "Read-only throughput over spring-indexed", "http", read, read.at(INDEXED)));
		Key write = ours(WRITE, Metric.THROUGHPUT);
		all.add(Target.atLeast(2.2, "Writing throughput over spring-default", "http", write, write.at(DEFAULT)));
		all.add(Target.atLeast(3, "Writing throughput over spring-indexed", "http", write, write.at(INDEXED)));
	}

	private static void others(List<Target> all) {
		Key far = ours(READ + ", 1 ms away", Metric.P50);
		all.add(Target.atMost(0.25, "Latency of a read-only request with 1 ms added, over spring-default", "delay", far,
				far.at(DEFAULT)));
		Key tail = ours(READ + ", constant rate", Metric.P99);
		all.add(Target.atMost(0.5,
				"99 % latency at half of spring-default's maximum rate, constant rate, over spring-default", "tail",
				tail, tail.at(DEFAULT)));
		Key small = ours("8×24 B", Metric.MEMORY);
		Key large = ours("8×128 B", Metric.MEMORY);
		all.add(Target.atMost(0.95, "Redis memory per session, 8×128 B, over spring-default", "memory", large,
				large.at(DEFAULT)));
		all.add(Target.atMost(0.75, "Redis memory per session, 8×128 B, over spring-indexed", "memory", large,
				large.at(INDEXED)));
		all.add(Target.atMost(0.4, "Redis memory per session, 8×24 B, over spring-default", "memory", small,
				small.at(DEFAULT)));
		all.add(Target.atMost(0.35, "Redis memory per session, 8×24 B, over spring-indexed", "memory", small,
				small.at(INDEXED)));
		all.add(Target.atMost(1.1, "Redis CPU per request with 1,000,000 sessions, over 1,000", "growth",
				ours("1,000,000 sessions", Metric.REDIS_CPU), ours("1,000 sessions", Metric.REDIS_CPU)));
		all.add(Target.atMost(1.1, "Latency of a request with 1,000,000 sessions, over 1,000", "growth",
				ours("1,000,000 sessions", Metric.P50), ours("1,000 sessions", Metric.P50)));
	}

	private static void operations(List<Target> all) {
		for (String question : List.of("overview", "page of 1,000", "page of 50 of a principal", "health",
				"gauge of live sessions")) {
			Key time = ours(question + ", 100,000 sessions", Metric.P50);
			all.add(Target.atMost(50_000, "Operators: " + question + " with 100,000 sessions, median in µs",
					"operations", time, null));
			all.add(Target.atMost(99, "Operators: " + question + " with 100,000 sessions, commands", "operations",
					ours(question + ", 100,000 sessions", Metric.COMMANDS), null));
		}
		for (String question : List.of("page of 1,000", "page of 50 of a principal")) {
			all.add(Target.atMost(1.1, "Operators: " + question + " with 100,000 sessions, over 2,000", "operations",
					ours(question + ", 100,000 sessions", Metric.P50),
					ours(question + ", 2,000 sessions", Metric.P50)));
		}
	}

	private static Key ours(String scenario, Metric metric) {
		return new Key(scenario, OURS, metric);
	}

}
