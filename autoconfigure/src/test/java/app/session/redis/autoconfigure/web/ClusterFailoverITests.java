package app.session.redis.autoconfigure.web;

import java.util.ArrayList;
import java.util.List;

import app.session.redis.autoconfigure.web.SteadyLoad.Writer;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the failure of a cluster's primary while users work on two nodes.
 */
class ClusterFailoverITests {

	@Test
	void primaryThatIsKilledIsReplaced() {
		try (RedisCluster redis = RedisCluster.builder()
			.replicas(1)
			.option("cluster-node-timeout", "1000")
			.option("cluster-require-full-coverage", "no")
			.start(); WebNode first = node(redis); WebNode second = node(redis)) {
			List<WebNode> nodes = List.of(first, second);
			SteadyLoad load = new SteadyLoad(nodes);
			List<Writer> affected = new ArrayList<>();
			FailoverReport report = new FailoverReport("Cluster, primary killed", load);
			try (load) {
				load.writers(12).visitors(2).passersBy(4);
				load.awaitAllWrite();
				load.awaitAnswers(1000);
				String handle = load.writers().get(0).handle();
				RedisServer primary = redis.nodeOf(key(handle));
				affected.addAll(load.writers((each) -> redis.nodeOf(key(each)) == primary));
				report.fence(primary, "fence:{" + handle + "}", 1);
				load.awaitAnswers(100);
				report.begin();
				primary.kill();
				report.end();
				redis.awaitOk();
				report.put("nodes agree after", report.sinceBegin(System.nanoTime()));
				load.awaitAllWrite();
				long recovered = System.nanoTime();
				load.sendPassersAway();
				report.checkExpiries(nodes, recovered);
				report.reportRecovery(affected);
				assertThat(redis.nodeOf(key(handle))).isNotSameAs(primary);
			}
			report.checkRequests();
			report.checkOthers(affected);
			report.checkLosses();
			report.checkEnded();
			report.checkThreads();
			report.print();
		}
	}

	private static String key(String handle) {
		return "app:session:session:{" + handle + "}";
	}

	private static WebNode node(RedisCluster redis) {
		return WebNode.start(List.of(WebTestApplication.class, ExpiryWatch.class), List
			.of("app.session.redis.mode=cluster", "app.session.redis.hosts=" + String.join(",", redis.seeds())));
	}

}
