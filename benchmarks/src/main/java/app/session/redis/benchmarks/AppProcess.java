package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import app.session.redis.benchmarks.app.BenchmarkApplication;
import app.session.redis.benchmarks.load.Client;
import app.session.redis.test.JavaProcess;
import org.jspecify.annotations.Nullable;

/**
 * The application under test in a separate JVM, with the same options for every store.
 */
final class AppProcess implements AutoCloseable {

	/**
	 * Of two contradicting options, the last takes effect; the JVMs of tests run without
	 * C2.
	 */
	static final List<String> JVM_OPTIONS = List.of("-Xmx512m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=4");

	private final JavaProcess process;

	private final int port;

	private AppProcess(JavaProcess process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts the application.
	 * @param store the store
	 * @param redisPort the port of Redis, or of a proxy in front of it
	 * @param virtualJdk the JDK to run the application with on virtual threads, or null
	 * for the current JDK with platform threads
	 * @param more additional arguments
	 * @return the running application
	 */
	static AppProcess start(Store store, int redisPort, @Nullable Path virtualJdk, String... more) {
		List<String> args = new ArrayList<>(List.of(more));
		args.addAll(store.isOurs() ? List.of("--app.session.redis.hosts=127.0.0.1:" + redisPort)
				: List.of("--spring.data.redis.host=127.0.0.1", "--spring.data.redis.port=" + redisPort));
		return start(store, args, virtualJdk);
	}

	/**
	 * Starts the application on a cluster.
	 * @param store the store
	 * @param seeds nodes of the cluster
	 * @return the running application
	 */
	static AppProcess onCluster(Store store, List<String> seeds) {
		String nodes = String.join(",", seeds);
		return start(store,
				store.isOurs() ? List.of("--app.session.redis.mode=cluster", "--app.session.redis.hosts=" + nodes)
						: List.of("--spring.data.redis.cluster.nodes=" + nodes),
				null);
	}

	private static AppProcess start(Store store, List<String> more, @Nullable Path virtualJdk) {
		List<String> args = new ArrayList<>(
				List.of("--store=" + ((store == Store.PREVIOUS) ? Store.REDIS_SESSION : store)));
		args.addAll(more);
		if (store.isOurs()) {
			args.add("--app.session.redis.namespace=bench:session");
		}
		JavaProcess.Builder builder = JavaProcess.of(BenchmarkApplication.class)
			.jvmOptions(JVM_OPTIONS.toArray(String[]::new));
		switch (store) {
			case UNCACHED -> args.add("--app.session.redis.near-cache.enabled=false");
			case TRUSTED -> args.add("--app.session.redis.near-cache.max-age=1s");
			case MISSING -> args.add("--app.session.redis.near-cache.max-size=1MB");
			case PREVIOUS ->
				builder.classPath(Objects.requireNonNull(Options.previousClassPath(), "BENCHMARK_PREVIOUS is not set"));
			default -> {
			}
		}
		if (virtualJdk != null) {
			builder.javaHome(virtualJdk);
			args.add("--spring.threads.virtual.enabled=true");
		}
		JavaProcess process = builder.args(args.toArray(String[]::new)).start();
		try {
			String port = process.awaitLine(BenchmarkApplication.READY + "(\\d+)", Duration.ofSeconds(60)).group(1);
			return new AppProcess(process, Integer.parseInt(port));
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	int port() {
		return this.port;
	}

	Client client() {
		return new Client(this.port);
	}

	long allocatedBytes() {
		return Long.parseLong(client().send("GET", "/control/allocated"));
	}

	@Override
	public void close() {
		this.process.close();
	}

}
