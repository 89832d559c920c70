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

	private static final String UNCACHED = "redis-session-uncached";

	private static final String TRUSTED = "redis-session-trusted";

	private static final String PREVIOUS = "redis-session-previous";

	private static final String READ = "read 8×128 B";

	private static final String WRITE = "write 8×128 B";

	private static final String LARGE_READ = "read 32×1 KB";

	private static final String LARGE_WRITE = "write 32×1 KB";

	private static final String TWO_NODES = "read and write 32×1 KB, two nodes";

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
		reactive(all);
		trust(all);
		miss(all);
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
		for (String read : List.of(READ, LARGE_READ)) {
			all.add(Target.atMost(60, "Bytes sent by Redis per unchanged " + read, "counts",
					ours(read, Metric.BYTES_SENT), null));
		}
		cpu(all, READ, 0.3);
		cpu(all, LARGE_READ, 0.2);
		cpu(all, WRITE, 0.57);
		cpu(all, LARGE_WRITE, 0.45);
		Key indexed = ours(READ, Metric.REDIS_CPU);
		all.add(Target.atMost(0.3, "Redis CPU per " + READ + " over spring-indexed", "counts", indexed,
				indexed.at(INDEXED)));
		uncached(all, READ, 0.44);
		uncached(all, LARGE_READ, 0.7);
		cpu(all, TWO_NODES, 0.6);
		all.add(Target.atMost(5_000, "JVM allocation per " + READ, "counts", ours(READ, Metric.ALLOCATION), null));
		all.add(Target.atMost(8_000, "JVM allocation per " + LARGE_READ, "counts", ours(LARGE_READ, Metric.ALLOCATION),
				null));
	}

	private static void cpu(List<Target> all, String scenario, double bound) {
		Key key = ours(scenario, Metric.REDIS_CPU);
		all.add(Target.atMost(bound, "Redis CPU per " + scenario + " over spring-default", "counts", key,
				key.at(DEFAULT)));
	}

	private static void uncached(List<Target> all, String scenario, double bound) {
		Key key = new Key(scenario, UNCACHED, Metric.REDIS_CPU);
		all.add(Target.atMost(bound, "Redis CPU per " + scenario + " without copies, over spring-default", "counts",
				key, key.at(DEFAULT)));
	}

	private static void http(List<Target> all) {
		throughput(all, READ, "hgetall", 1);
		throughput(all, LARGE_READ, "hgetall", 1.6);
		throughput(all, READ, DEFAULT, 3.3);
		throughput(all, READ, INDEXED, 4.4);
		throughput(all, LARGE_READ, DEFAULT, 4);
		throughput(all, LARGE_READ, INDEXED, 5);
		throughput(all, WRITE, DEFAULT, 2.2);
		throughput(all, WRITE, INDEXED, 3);
		throughput(all, READ + ", cluster", DEFAULT, 3);
		throughput(all, WRITE + ", cluster", DEFAULT, 2);
		throughput(all, READ + ", virtual threads", "hgetall", 0.88);
	}

	private static void throughput(List<Target> all, String scenario, String over, double bound) {
		Key key = ours(scenario, Metric.THROUGHPUT);
		all.add(Target.atLeast(bound, "Throughput of " + scenario + " over " + over, "http", key, key.at(over)));
	}

	private static void others(List<Target> all) {
		Key far = ours(READ + ", 1 ms away", Metric.P50);
		all.add(Target.atMost(0.25, "Latency of a read-only request with 1 ms added, over spring-default", "delay", far,
				far.at(DEFAULT)));
		Key tail = ours(READ + ", constant rate", Metric.P99);
		all.add(Target.atMost(0.5,
				"99 % latency at half of spring-default's maximum rate, constant rate, over spring-default", "tail",
				tail, tail.at(DEFAULT)));
		all.add(Target.atMost(1.8,
				"99 % latency at half of spring-default's maximum rate, constant rate, over Tomcat's in-memory sessions",
				"tail", tail, tail.at("memory")));
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

	private static void reactive(List<Target> all) {
		reactive(all, READ, DEFAULT, 2.2);
		reactive(all, READ, INDEXED, 3.5);
		reactive(all, WRITE, DEFAULT, 1.6);
		reactive(all, WRITE, INDEXED, 2.5);
		Key far = ours(READ + ", 1 ms away", Metric.P50);
		all.add(Target.atMost(0.35, "Reactive: latency of a read-only request with 1 ms added, over spring-default",
				"reactive-delay", far, far.at(DEFAULT)));
	}

	private static void reactive(List<Target> all, String scenario, String over, double bound) {
		Key key = ours(scenario, Metric.THROUGHPUT);
		all.add(Target.atLeast(bound, "Reactive: throughput of " + scenario + " over " + over, "reactive", key,
				key.at(over)));
	}

	private static void trust(List<Target> all) {
		Key read = new Key(READ, TRUSTED, Metric.THROUGHPUT);
		all.add(Target.atLeast(0.85, "Trusting copies: throughput of " + READ + " over no sessions", "trust", read,
				read.at("none")));
		Key far = new Key(READ + ", 1 ms away", TRUSTED, Metric.P50);
		all.add(Target.atMost(0.2,
				"Trusting copies: latency of a read-only request with 1 ms added, over copies that are validated",
				"trust", far, far.at(OURS)));
	}

	private static void miss(List<Target> all) {
		for (String read : List.of(READ, LARGE_READ)) {
			Key throughput = new Key(read + ", no copy", "redis-session-missing", Metric.THROUGHPUT);
			all.add(Target.atLeast(1 / 1.05, "Throughput of " + read + " without a copy, over the build before copies",
					"miss", throughput, throughput.at(PREVIOUS)));
			Key cpu = new Key(read + ", no copy", "redis-session-missing", Metric.REDIS_CPU);
			all.add(Target.atMost(1.05, "Redis CPU per " + read + " without a copy, over the build before copies",
					"miss", cpu, cpu.at(PREVIOUS)));
		}
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
