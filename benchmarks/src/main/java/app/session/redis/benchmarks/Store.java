package app.session.redis.benchmarks;

import java.util.Arrays;
import java.util.List;

/**
 * The session stores of the application under test.
 */
public enum Store {

	/** This project's starter, with its defaults. */
	REDIS_SESSION("redis-session"),

	/** This project's starter without copies of sessions on the node. */
	UNCACHED("redis-session-uncached"),

	/** This project's starter, whose GET requests trust copies for a second. */
	TRUSTED("redis-session-trusted"),

	/**
	 * This project's starter, whose copies are evicted before a request can use them,
	 * because there are many more sessions.
	 */
	MISSING("redis-session-missing"),

	/** An earlier build of this project's starter, with its defaults. */
	PREVIOUS("redis-session-previous"),

	/** Spring Session's {@code RedisSessionRepository}. */
	SPRING_DEFAULT("spring-default"),

	/** Spring Session's {@code RedisIndexedSessionRepository}. */
	SPRING_INDEXED("spring-indexed"),

	/** Tomcat's own sessions: no Redis, nothing shared between nodes. */
	MEMORY("memory"),

	/**
	 * No sessions; each request sends one {@code HGETALL}: the lower bound for any store.
	 */
	HGETALL("hgetall"),

	/** No sessions and no Redis: the cost of a request without a session. */
	NONE("none");

	/** The stores that store sessions in Redis. */
	public static final List<Store> IN_REDIS = List.of(REDIS_SESSION, SPRING_DEFAULT, SPRING_INDEXED);

	/** The same, and this project's store without copies. */
	public static final List<Store> IN_REDIS_AND_UNCACHED = List.of(REDIS_SESSION, UNCACHED, SPRING_DEFAULT,
			SPRING_INDEXED);

	/** The stores whose throughput is compared. */
	public static final List<Store> COMPARED = List.of(REDIS_SESSION, UNCACHED, SPRING_DEFAULT, SPRING_INDEXED, MEMORY,
			HGETALL, NONE);

	/** The stores that load each session without a copy. */
	public static final List<Store> WITHOUT_COPIES = List.of(MISSING, PREVIOUS);

	/** The stores that are compared on a cluster. */
	public static final List<Store> ON_CLUSTER = List.of(REDIS_SESSION, SPRING_DEFAULT);

	/** The stores that store sessions. */
	public static final List<Store> SESSIONS = List.of(REDIS_SESSION, SPRING_DEFAULT, SPRING_INDEXED, MEMORY);

	private final String id;

	Store(String id) {
		this.id = id;
	}

	/**
	 * Returns whether this is a configuration of this project's starter.
	 * @return whether it is
	 */
	public boolean isOurs() {
		return this.id.startsWith(REDIS_SESSION.id);
	}

	/**
	 * Returns the name in options, results and tables.
	 * @return the name
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Finds a store by its name.
	 * @param id the name
	 * @return the store
	 */
	public static Store of(String id) {
		return Arrays.stream(values())
			.filter((store) -> store.id.equals(id))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("No such store: " + id));
	}

	@Override
	public String toString() {
		return this.id;
	}

}
