package app.session.redis.autoconfigure.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

import app.session.redis.autoconfigure.soak.Disturbances.Effect;
import app.session.redis.test.RedisBinary;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisSentinel;
import app.session.redis.test.RedisServer;
import io.lettuce.core.cluster.SlotHash;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a run, and the faults that they can have.
 */
abstract class Deployment implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private final Map<String, Fault> faults = new LinkedHashMap<>();

	static Deployment sentinel(@Nullable WallClocks clocks) {
		return new Sentinel(clocks);
	}

	static Deployment cluster(@Nullable WallClocks clocks) {
		return new Cluster(clocks);
	}

	final void add(String name, @Nullable Effect effect, Action action) {
		this.faults.put(name, new Fault(effect, action));
	}

	private static RedisBinary binary(@Nullable WallClocks clocks) {
		return (clocks != null) ? clocks.binary() : RedisBinary.find();
	}

	/** Adds that the clock of a server is wrong by up to five seconds for a while. */
	final void addClockSteps(@Nullable WallClocks clocks, Function<Random, RedisServer> choice, Action recovery) {
		if (clocks == null) {
			return;
		}
		add("clock of a primary set, and set back", null, (random) -> {
			RedisServer server = choice.apply(random);
			long millis = 500 + random.nextInt(4500);
			WallClocks.set(server, Duration.ofMillis(random.nextBoolean() ? millis : -millis));
			Thread.sleep(1000 + random.nextInt(4000));
			WallClocks.set(server, Duration.ZERO);
			recovery.run(random);
		});
	}

	/** Returns the faults by their names. */
	final Map<String, Fault> faults() {
		return this.faults;
	}

	/** Returns the properties with which a node connects. */
	abstract List<String> arguments();

	/** Returns all keys. */
	abstract List<String> keys();

	@Override
	public abstract void close();

	/** What a fault does; it returns when the servers have recovered. */
	interface Action {

		void run(Random random) throws InterruptedException;

	}

	/**
	 * A fault.
	 *
	 * @param effect what it may cause; null if nothing but failed requests
	 * @param action what it does
	 */
	record Fault(@Nullable Effect effect, Action action) {

	}

	private static final class Sentinel extends Deployment {

		private final RedisSentinel redis;

		Sentinel(@Nullable WallClocks clocks) {
			this.redis = RedisSentinel.builder()
				.binary(binary(clocks))
				.replicas(1)
				.downAfter(Duration.ofSeconds(2))
				.isolable()
				.option("min-replicas-to-write", "1")
				.option("min-replicas-max-lag", "2")
				.start();
			add("primary killed", Effect.DATA, (random) -> {
				RedisServer killed = this.redis.killPrimary();
				this.redis.awaitFailover(killed);
				Thread.sleep(random.nextInt(3000));
				this.redis.restart(killed);
				this.redis.awaitOk();
			});
			add("primary paused, failover", Effect.DATA, (random) -> {
				RedisServer paused = this.redis.primary();
				paused.pause();
				this.redis.awaitFailover(paused);
				paused.resume();
				this.redis.awaitOk();
			});
			add("primary paused for less than a second", null, (random) -> {
				RedisServer paused = this.redis.primary();
				paused.pause();
				Thread.sleep(200 + random.nextInt(700));
				paused.resume();
			});
			add("primary demoted", Effect.DATA, (random) -> {
				this.redis.awaitFailover(this.redis.demotePrimary());
				this.redis.awaitOk();
			});
			add("partition of the first server", Effect.DATA, (random) -> {
				RedisServer first = this.redis.servers().get(0);
				boolean primary = this.redis.primary() == first;
				this.redis.wayToFirst().stopForwarding();
				if (primary) {
					this.redis.awaitFailover(first);
				}
				else {
					Thread.sleep(1000 + random.nextInt(4000));
				}
				this.redis.wayToFirst().forward();
				this.redis.awaitOk();
			});
			addClockSteps(clocks, (random) -> this.redis.primary(), (random) -> this.redis.awaitOk());
		}

		@Override
		List<String> arguments() {
			return List.of("--app.session.redis.mode=sentinel",
					"--app.session.redis.hosts=" + String.join(",", this.redis.addresses()),
					"--app.session.redis.sentinel.master=" + this.redis.masterName());
		}

		@Override
		List<String> keys() {
			return this.redis.primary().keys();
		}

		@Override
		public void close() {
			this.redis.close();
		}

	}

	private static final class Cluster extends Deployment {

		private final RedisCluster redis;

		Cluster(@Nullable WallClocks clocks) {
			this.redis = RedisCluster.builder()
				.binary(binary(clocks))
				.primaries(3)
				.replicas(1)
				.option("cluster-require-full-coverage", "no")
				.start();
			add("primary killed", Effect.DATA, (random) -> {
				RedisServer killed = any(this.redis.primaries(), random);
				killed.kill();
				awaitReplaced(killed);
				killed.restart();
				this.redis.awaitOk();
			});
			add("primary paused, failover", Effect.DATA, (random) -> {
				RedisServer paused = any(this.redis.primaries(), random);
				paused.pause();
				Thread.sleep(6000);
				paused.resume();
				this.redis.awaitOk();
			});
			add("primary paused for less than a second", null, (random) -> {
				RedisServer paused = any(this.redis.primaries(), random);
				paused.pause();
				Thread.sleep(200 + random.nextInt(700));
				paused.resume();
			});
			add("primary demoted", Effect.DATA, (random) -> {
				List<RedisServer> primaries = this.redis.primaries();
				RedisServer replica = any(
						this.redis.nodes().stream().filter((node) -> !primaries.contains(node)).toList(), random);
				replica.commands().clusterFailover(false);
				Thread.sleep(1000);
				this.redis.awaitOk();
			});
			add("slot moved", null, (random) -> {
				List<String> sessions = keys().stream().filter((key) -> key.contains(":session:{")).toList();
				if (sessions.isEmpty()) {
					return;
				}
				int slot = SlotHash.getSlot(sessions.get(random.nextInt(sessions.size())));
				RedisServer source = this.redis.nodeOf(sessions.get(0));
				for (RedisServer candidate : this.redis.primaries()) {
					if (!candidate.commands().clusterGetKeysInSlot(slot, 1).isEmpty()) {
						source = candidate;
					}
				}
				RedisServer from = source;
				RedisServer target = any(this.redis.primaries().stream().filter((node) -> node != from).toList(),
						random);
				this.redis.beginMove(slot, from, target);
				Thread.sleep(random.nextInt(2000));
				this.redis.endMove(slot, from, target);
				this.redis.awaitOk();
			});
			addClockSteps(clocks, (random) -> any(this.redis.primaries(), random), (random) -> this.redis.awaitOk());
		}

		private static RedisServer any(List<RedisServer> servers, Random random) {
			return servers.get(random.nextInt(servers.size()));
		}

		private void awaitReplaced(RedisServer server) {
			Awaitility.await().atMost(PATIENCE).until(() -> !this.redis.primaries().contains(server));
		}

		@Override
		List<String> arguments() {
			List<String> arguments = new ArrayList<>();
			arguments.add("--app.session.redis.mode=cluster");
			arguments.add("--app.session.redis.hosts=" + String.join(",", this.redis.seeds()));
			arguments.add("--app.session.redis.cluster.refresh-period=2s");
			return arguments;
		}

		@Override
		List<String> keys() {
			return this.redis.keys();
		}

		@Override
		public void close() {
			this.redis.close();
		}

	}

}
