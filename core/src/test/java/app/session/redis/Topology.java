package app.session.redis;

import java.util.List;

import app.session.redis.test.Monitor;
import app.session.redis.test.SharedRedis;

/**
 * Where Redis runs: what tests that are not part of the contract need of either.
 */
enum Topology {

	/** One server. */
	STANDALONE,

	/** A cluster of three primaries. */
	CLUSTER;

	TestRepositories repositories() {
		return (this == STANDALONE) ? TestRepositories.on(SharedRedis.standalone())
				: TestRepositories.on(SharedRedis.cluster());
	}

	void flushAll() {
		if (this == STANDALONE) {
			SharedRedis.standalone().flushAll();
		}
		else {
			SharedRedis.cluster().flushAll();
		}
	}

	Monitor monitor() {
		return (this == STANDALONE) ? Monitor.of(SharedRedis.standalone()) : Monitor.of(SharedRedis.cluster());
	}

	List<String> keys() {
		return (this == STANDALONE) ? SharedRedis.standalone().keys() : SharedRedis.cluster().keys();
	}

	long pttl(String key) {
		return (this == STANDALONE) ? SharedRedis.standalone().commands().pttl(key)
				: SharedRedis.cluster().commands().pttl(key);
	}

}
