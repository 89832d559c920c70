package app.session.redis.test;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class RedisClusterTests {

	private static RedisCluster cluster;

	@BeforeAll
	static void startCluster() {
		cluster = RedisCluster.start();
	}

	@AfterAll
	static void closeCluster() {
		cluster.close();
		cluster.close();
		assertThat(cluster.nodes()).noneMatch(RedisServer::isRunning);
	}

	@BeforeEach
	void flushAll() {
		cluster.flushAll();
	}

	@Test
	void everyNodeFindsAllSlotsServed() {
		assertThat(cluster.nodes()).hasSize(3).allSatisfy((node) -> {
			assertThat(node.commands().clusterInfo()).contains("cluster_state:ok", "cluster_slots_ok:16384",
					"cluster_known_nodes:3", "cluster_size:3");
			assertThat(node.commands().clusterMyId()).isNotEmpty();
		});
	}

	@Test
	void seedsAreTheNodesAddresses() {
		assertThat(cluster.seeds())
			.containsExactlyElementsOf(cluster.nodes().stream().map((node) -> "127.0.0.1:" + node.port()).toList());
	}

	@Test
	void keysAreThoseOfAllNodes() {
		List<String> keys = IntStream.range(100, 200).mapToObj((i) -> "key" + i).toList();
		keys.forEach((key) -> cluster.commands().set(key, "1"));
		assertThat(cluster.keys()).isEqualTo(keys);
		assertThat(cluster.nodes()).allSatisfy((node) -> assertThat(node.keys()).isNotEmpty());
		cluster.flushAll();
		assertThat(cluster.keys()).isEmpty();
	}

	@Test
	void nodeOfAKeyHoldsIt() {
		Stream.of("a", "b", "c", "d", "{a}:1").forEach((key) -> {
			cluster.commands().set(key, "1");
			assertThat(cluster.nodeOf(key).keys()).contains(key);
			int slot = SlotHash.getSlot(key);
			assertThat(cluster.nodeOf(key).commands().clusterGetKeysInSlot(slot, 10)).contains(key);
		});
	}

	@Test
	void nodeRestartedServesItsSlotsAgain() {
		RedisServer node = cluster.nodeOf("a");
		node.kill();
		node.restart();
		cluster.awaitOk();
		cluster.commands().set("a", "1");
		assertThat(node.keys()).containsExactly("a");
	}

	@Test
	void otherSizesAndOptionsArePossible() {
		try (RedisCluster other = RedisCluster.builder().primaries(1).option("notify-keyspace-events", "Ex").start()) {
			assertThat(other.nodes()).hasSize(1);
			other.commands().set("a", "1");
			assertThat(other.keys()).containsExactly("a");
			assertThat(other.nodes().get(0).commands().configGet("notify-keyspace-events"))
				.containsEntry("notify-keyspace-events", "xE");
		}
		assertThatIllegalArgumentException().isThrownBy(() -> RedisCluster.builder().primaries(0));
	}

	@Test
	void startWithAnUnknownOptionFails() {
		assertThatIllegalStateException().isThrownBy(() -> RedisCluster.builder().option("no-such-option", "1").start())
			.withMessageContaining("no-such-option");
	}

}
