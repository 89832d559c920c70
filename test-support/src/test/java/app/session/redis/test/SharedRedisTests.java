package app.session.redis.test;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SharedRedisTests {

	@Test
	void standaloneIsStartedOnce() {
		RedisServer server = SharedRedis.standalone();
		assertThat(server.isRunning()).isTrue();
		assertThat(SharedRedis.standalone()).isSameAs(server);
	}

	@Test
	void clusterIsStartedOnce() {
		RedisCluster cluster = SharedRedis.cluster();
		assertThat(cluster.nodes()).hasSize(3).allMatch(RedisServer::isRunning);
		assertThat(SharedRedis.cluster()).isSameAs(cluster);
	}

}
