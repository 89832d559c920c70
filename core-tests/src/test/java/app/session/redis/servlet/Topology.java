package app.session.redis.servlet;

import java.util.List;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.Range;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis runs, and what tests need to do there.
 */
enum Topology {

	/** One server. */
	STANDALONE,

	/** A cluster of three primaries. */
	CLUSTER,

	/**
	 * One server, while use cases start and continue on a thread that must not be
	 * blocked.
	 */
	NON_BLOCKING,

	/** One server, through the reactive repository. */
	REACTIVE,

	/** A cluster of three primaries, through the reactive repository. */
	REACTIVE_CLUSTER,

	/**
	 * One server over a pool of connections, where what is sent later may arrive sooner.
	 */
	POOLED;

	TestRepositories repositories() {
		return switch (this) {
			case STANDALONE -> TestRepositories.on(SharedRedis.standalone());
			case CLUSTER -> TestRepositories.on(SharedRedis.cluster());
			case NON_BLOCKING -> TestRepositories.nonBlocking(SharedRedis.standalone());
			case REACTIVE -> TestRepositories.on(SharedRedis.standalone()).reactive();
			case REACTIVE_CLUSTER -> TestRepositories.on(SharedRedis.cluster()).reactive();
			case POOLED -> TestRepositories.pooled(SharedRedis.standalone().host(), SharedRedis.standalone().port());
		};
	}

	boolean isCluster() {
		return this == CLUSTER || this == REACTIVE_CLUSTER;
	}

	void flushAll() {
		if (isCluster()) {
			SharedRedis.cluster().flushAll();
		}
		else {
			SharedRedis.standalone().flushAll();
		}
	}

	Monitor monitor() {
		return (isCluster()) ? Monitor.of(SharedRedis.cluster()) : Monitor.of(SharedRedis.standalone());
	}

	List<String> keys() {
		return (isCluster()) ? SharedRedis.cluster().keys() : SharedRedis.standalone().keys();
	}

	/** The milliseconds that a key has to live, or -1, or -2. */
	long pttl(String key) {
		return commands().pttl(key);
	}

	/** The lock of a session: the token of its holder, or null. */
	@Nullable String lock(String handle) {
		return commands().get("app:session:lock:{" + handle + "}");
	}

	/** Gives the lock of a session to somebody for ever. */
	void lock(String handle, String token) {
		commands().set("app:session:lock:{" + handle + "}", token);
	}

	/** Those who wait for the lock of a session. */
	List<String> waiters(String handle) {
		return commands().lrange("app:session:waiters:{" + handle + "}", 0, -1);
	}

	/** Has a request wait for a lock that nobody knows of any more. */
	void addWaiter(String handle, String token) {
		commands().rpush("app:session:waiters:{" + handle + "}", token);
	}

	/** Whether a client has subscribed to a channel. */
	boolean isSubscribed(String channel) {
		List<RedisServer> servers = (isCluster()) ? SharedRedis.cluster().nodes() : List.of(SharedRedis.standalone());
		return servers.stream().anyMatch((server) -> !server.commands().pubsubChannels(channel).isEmpty());
	}

	/** Puts a string in the place of a key of another type. */
	void replace(String key, String value) {
		commands().set(key, value);
	}

	/** Overwrites the header of the session under a key. */
	void damage(String key, String header) {
		commands().hset(key, "m", header);
	}

	/** Removes a key. */
	void remove(String key) {
		commands().del(key);
	}

	/** Lets all hints of a key come due. */
	void comeDue(String key) {
		commands().zrange(key, 0, -1).forEach((handle) -> commands().zadd(key, 1, handle));
	}

	/** Writes a hint of a key. */
	void hint(String key, double score, String handle) {
		commands().zadd(key, score, handle);
	}

	/** The score of a hint of a key, or null. */
	@Nullable Double score(String key, String handle) {
		return commands().zscore(key, handle);
	}

	/** Whether a hint of a key has come due. */
	boolean isDue(String key) {
		return commands().zcount(key, Range.create(0, 1)) > 0;
	}

	/** How Redis keeps the value of a key in memory. */
	String encoding(String key) {
		return commands().objectEncoding(key);
	}

	private RedisClusterCommands<String, String> commands() {
		return (isCluster()) ? SharedRedis.cluster().commands() : SharedRedis.standalone().commands();
	}

}
