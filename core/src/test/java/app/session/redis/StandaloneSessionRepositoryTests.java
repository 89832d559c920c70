package app.session.redis;

import java.util.List;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The behaviour on one server.
 */
class StandaloneSessionRepositoryTests implements SessionRepositoryContract {

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
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
		return server.keys();
	}

	@Override
	public long pttl(String key) {
		return server.commands().pttl(key);
	}

	@Override
	public void damage(String key, String header) {
		server.commands().hset(key, "m", header);
	}

	@Override
	public void comeDue(String key) {
		server.commands().zrange(key, 0, -1).forEach((handle) -> server.commands().zadd(key, 1, handle));
	}

}
