package app.session.redis.test;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(120)
class RedisClusterFailoverTests {

	@Test
	void replicaTakesOverFromAKilledPrimaryWhichFollowsItWhenItComesBack() {
		try (RedisCluster cluster = RedisCluster.builder().replicas(1).option("cluster-node-timeout", "1000").start()) {
			assertThat(cluster.nodes()).hasSize(6);
			List<RedisServer> primaries = cluster.nodes().subList(0, 3);
			assertThat(cluster.primaries()).isEqualTo(primaries);
			RedisServer first = cluster.nodeOf("a");
			first.commands().set("a", "1");
			RedisServer replica = cluster.nodes().get(3 + primaries.indexOf(first));
			assertThat(primaries).contains(first);
			assertThat(cluster.keys()).containsExactly("a");
			assertThat(first.commands().waitForReplication(1, 5000)).isEqualTo(1);
			first.kill();
			cluster.awaitOk();
			assertThat(cluster.nodeOf("a")).isSameAs(replica);
			assertThat(cluster.primaries()).hasSize(3).contains(replica).doesNotContain(first);
			assertThat(cluster.keys()).containsExactly("a");
			first.restart();
			cluster.awaitOk();
			assertThat(cluster.nodeOf("a")).isSameAs(replica);
			first.awaitReplication();
			assertThat(first.keys()).containsExactly("a");
			cluster.flushAll();
			assertThat(cluster.keys()).isEmpty();
		}
	}

	@Test
	void negativeNumberOfReplicasIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RedisCluster.builder().replicas(-1));
	}

}
