package app.session.redis;

import java.util.List;

import app.session.redis.test.RedisCluster;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The behaviour on a cluster of three primaries.
 */
class ClusterSessionRepositoryTests implements SessionRepositoryContract {

	private static final RedisCluster cluster = SharedRedis.cluster();

	private final TestRepositories repositories = TestRepositories.on(cluster);

	@BeforeEach
	void empty() {
		cluster.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	@Override
	public TestRepositories repositories() {
		return this.repositories;
	}

	@Override
	public List<String> keys() {
		return cluster.keys();
	}

	@Override
	public long pttl(String key) {
		return cluster.commands().pttl(key);
	}

	@Override
	public void damage(String key, String header) {
		cluster.commands().hset(key, "m", header);
	}

	@Override
	public void comeDue(String key) {
		cluster.commands().zrange(key, 0, -1).forEach((handle) -> cluster.commands().zadd(key, 1, handle));
	}

}
