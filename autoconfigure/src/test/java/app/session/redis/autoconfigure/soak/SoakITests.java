package app.session.redis.autoconfigure.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import app.session.redis.autoconfigure.soak.Deployment.Fault;
import app.session.redis.autoconfigure.soak.Disturbances.Effect;
import app.session.redis.autoconfigure.soak.Disturbances.Window;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Two nodes under load while nodes and servers fail. Nothing may be lost, revived or left
 * over, and the end of each session must be published once. What a failover of Redis may
 * lose is allowed at the time of a failover, and not otherwise.
 */
@EnabledIfSystemProperty(named = SoakITests.MINUTES, matches = ".+", disabledReason = "takes an hour: -Psoak")
class SoakITests {

	static final String MINUTES = "soak.minutes";

	private static final int RUNS = 4;

	private static final int VISITORS = 6;

	private static final String NAMESPACE = "soak";

	private static final String INDEX = NAMESPACE + ":index:principal:";

	/** Sessions that nobody has ended expire within this time. */
	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final Duration PATIENCE = TIMEOUT.plusMinutes(4);

	private final SoakRecord soakRecord = new SoakRecord();

	private volatile boolean running = true;

	@ParameterizedTest
	@CsvSource({ "sentinel, false", "cluster, false", "sentinel, true", "cluster, true" })
	void nothingIsLostRevivedLeakedOrRepeated(String topology, boolean virtualThreads, @TempDir Path folder)
			throws IOException, InterruptedException {
		String virtual = System.getProperty("soak.jdk-virtual");
		assumeTrue(!virtualThreads || (virtual != null && !virtual.isEmpty()),
				"Virtual threads need a JDK 21 or later: soak.jdk-virtual");
		long seed = Long.getLong("soak.seed", 1);
		Path javaHome = Path.of(virtualThreads ? virtual : System.getProperty("java.home"));
		long duration = Duration.ofMinutes(Integer.getInteger(MINUTES)).dividedBy(RUNS).toMillis();
		WallClocks clocks = WallClocks.prepare(Files.createDirectory(folder.resolve("clocks")));
		try (Deployment deployment = topology.equals("cluster") ? Deployment.cluster(clocks)
				: Deployment.sentinel(clocks);
				SoakNode first = node(folder, javaHome, deployment, virtualThreads);
				SoakNode second = node(folder, javaHome, deployment, virtualThreads)) {
			List<SoakNode> nodes = List.of(first.awaitStart(), second.awaitStart());
			List<Thread> visitors = startVisitors(nodes, seed);
			Map<String, Fault> faults = faults(deployment, nodes);
			long end = System.currentTimeMillis() + duration;
			Random random = new Random(seed);
			while (System.currentTimeMillis() < end) {
				Thread.sleep(1000 + random.nextInt(4000));
				run(new ArrayList<>(faults.keySet()).get(random.nextInt(faults.size())), faults, random);
			}
			this.running = false;
			for (Thread visitor : visitors) {
				visitor.join();
			}
			awaitEnd(folder, deployment);
			this.soakRecord.checkEvents(SoakNode.events(folder));
			report(this.soakRecord.row(topology + (virtualThreads ? ", virtual threads" : "")));
			assertThat(this.soakRecord.violations()).as("seed %d", seed).isEmpty();
		}
	}

	private static SoakNode node(Path folder, Path javaHome, Deployment deployment, boolean virtualThreads) {
		List<String> arguments = new ArrayList<>(deployment.arguments());
		arguments.add("--app.session.redis.namespace=" + NAMESPACE);
		arguments.add("--app.session.redis.timeout=" + TIMEOUT.toSeconds() + "s");
		arguments.add("--app.session.redis.collector.interval=250ms");
		arguments.add("--app.session.redis.lock.enabled=true");
		arguments.add("--app.session.redis.lock.methods=");
		arguments.add("--app.session.redis.lock.lease=5s");
		arguments.add("--app.session.redis.confirm-replicas=1");
		arguments.add("--spring.docker.compose.enabled=false");
		arguments.add("--spring.threads.virtual.enabled=" + virtualThreads);
		return new SoakNode(folder, javaHome, arguments);
	}

	private List<Thread> startVisitors(List<SoakNode> nodes, long seed) {
		List<Thread> visitors = new ArrayList<>();
		for (int i = 0; i < VISITORS; i++) {
			Thread visitor = new Thread(
					new Visitor("visitor-" + i, nodes, this.soakRecord, new Random(seed * 100 + i), () -> this.running),
					"visitor-" + i);
			visitor.setUncaughtExceptionHandler(
					(thread, failure) -> this.soakRecord.violation(thread.getName() + ": " + failure));
			visitor.start();
			visitors.add(visitor);
		}
		return visitors;
	}

	private static Map<String, Fault> faults(Deployment deployment, List<SoakNode> nodes) {
		Map<String, Fault> faults = new LinkedHashMap<>(deployment.faults());
		faults.put("node killed", new Fault(Effect.EVENTS, (random) -> {
			SoakNode node = nodes.get(random.nextInt(nodes.size()));
			node.kill();
			node.restart();
		}));
		faults.put("node paused", new Fault(Effect.EVENTS, (random) -> {
			SoakNode node = nodes.get(random.nextInt(nodes.size()));
			node.pause();
			Thread.sleep(1000 + random.nextInt(12_000));
			node.resume();
		}));
		return faults;
	}

	private void run(String name, Map<String, Fault> faults, Random random) throws InterruptedException {
		Fault fault = faults.get(name);
		Window window = (fault.effect() != null) ? this.soakRecord.disturbances().open(fault.effect()) : null;
		try {
			fault.action().run(random);
		}
		finally {
			if (window != null) {
				this.soakRecord.disturbances().close(window);
			}
		}
		this.soakRecord.fault(name);
	}

	private void awaitEnd(Path folder, Deployment deployment) {
		try {
			Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> this.soakRecord.missing(SoakNode.events(folder)).isEmpty()
						&& leftOver(deployment) == null);
		}
		catch (ConditionTimeoutException ex) {
			String leftOver = leftOver(deployment);
			if (leftOver != null) {
				this.soakRecord.violation("left over: " + leftOver);
			}
		}
	}

	/** Nothing but the lease of the collector remains when all sessions have ended. */
	private @Nullable String leftOver(Deployment deployment) {
		return deployment.keys()
			.stream()
			.filter((key) -> !key.equals(NAMESPACE + ":collector"))
			.filter((key) -> !key.startsWith(INDEX)
					|| !this.soakRecord.mayHaveLost(key.substring(INDEX.length()), 2 * TIMEOUT.toMillis()))
			.findFirst()
			.orElse(null);
	}

	private static void report(String row) throws IOException {
		System.out.println(row);
		Files.writeString(Path.of("target", "soak.md"), row + "\n", StandardOpenOption.CREATE,
				StandardOpenOption.APPEND);
	}

}
