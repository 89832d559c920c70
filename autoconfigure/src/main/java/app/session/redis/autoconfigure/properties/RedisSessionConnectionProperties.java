package app.session.redis.autoconfigure.properties;

import java.time.Duration;
import java.util.List;

import app.session.redis.settings.Defaults;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of the connection over which sessions are kept.
 *
 * @param mode Kind of Redis installation. Defaults to the kind that 'url' or 'sentinel'
 * implies, then to a standalone server.
 * @param url URL of the Redis server, such as
 * 'rediss://user:password@example.com:6379/0'. The schemes are 'redis', 'rediss',
 * 'redis-sentinel', 'rediss-sentinel' and 'redis-socket'. Excludes 'hosts', 'host',
 * 'port' and 'socket'.
 * @param hosts Comma-separated list of 'host[:port]' to connect to, IPv6 addresses in
 * brackets: the server, or the primary and its replicas, or sentinels, or nodes of a
 * cluster. The port defaults to 6379, to 26379 for sentinels. When neither this nor
 * 'url', 'host' or 'socket' is set, the connection details of 'spring.data.redis' are
 * used.
 * @param host Redis server host. Excludes 'hosts', 'url' and 'socket'.
 * @param port Redis server port. Excludes 'hosts', 'url' and 'socket'.
 * @param socket Absolute path of the Redis server's Unix domain socket. Requires Netty's
 * native epoll or kqueue transport. Excludes 'hosts', 'host', 'port' and 'url'.
 * @param username Login username of the Redis server.
 * @param password Login password of the Redis server.
 * @param database Database index used by the connection.
 * @param clientName Client name to be set on connections with CLIENT SETNAME. Defaults to
 * 'spring.application.name'.
 * @param connectTimeout Timeout for establishing a connection.
 * @param commandTimeout Timeout for the reply to a command, after which the request
 * fails.
 * @param connectRetries Number of further attempts to connect at start if the first one
 * fails.
 * @param startup Action to take when Redis can't be reached at start.
 * @param serverCheck Action to take when Redis is configured in a way that puts sessions
 * at risk.
 * @param startupTimeout Maximum time to wait for Redis at start when 'startup' is 'wait'.
 * When not set, there is no limit.
 * @param readFrom Nodes from which sessions are listed, counted and found by an index:
 * one of Lettuce's names, such as 'replica-preferred'. The session of a request is always
 * read from the primary.
 * @param circuitBreaker Circuit breaker that stops sending commands while Redis does not
 * reply.
 * @param backoff Delay between attempts to connect, at start and after a connection was
 * lost.
 * @param ssl Encryption of the connection.
 * @param pool Pool of connections, instead of one connection that all threads share.
 * @param sentinel Redis Sentinel.
 * @param cluster A Redis Cluster.
 */
@ConfigurationProperties("app.session.redis")
// @formatter:off
public record RedisSessionConnectionProperties(
		@Nullable Mode mode,
		@Nullable String url,
		@Nullable List<String> hosts,
		@Example("redis.example.com") @Nullable String host,
		@Example("6380") @Nullable Integer port,
		@Example("/run/redis/redis.sock") @Nullable String socket,
		@Example("shop") @Nullable String username,
		@Example("changeit") @Nullable String password,
		@Example("1") @Nullable Integer database,
		@Example("shop") @Nullable String clientName,
		@Example("5s") @DefaultValue("2s") @Bounds(min = "1ms", max = "1d") Duration connectTimeout,
		@Example("500ms") @DefaultValue(Defaults.COMMAND_TIMEOUT_SECONDS + "s") @Bounds(min = "1ms", max = "1d") Duration commandTimeout,
		@Example("10") @DefaultValue("3") @Bounds(min = "0", max = "1000") int connectRetries,
		@DefaultValue("fail") Startup startup,
		@DefaultValue("warn") ServerCheck serverCheck,
		@Example("5m") @Bounds(min = "1ms", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") @Nullable Duration startupTimeout,
		@Example("replica-preferred") @DefaultValue("master") String readFrom,
		@DefaultValue CircuitBreaker circuitBreaker,
		@DefaultValue Backoff backoff,
		@DefaultValue Ssl ssl,
		@DefaultValue Pool pool,
		@DefaultValue Sentinel sentinel,
		@DefaultValue Cluster cluster) {
	// @formatter:on

	/** Returns the class name without the values, some of which are secret. */
	@Override
	public String toString() {
		return getClass().getSimpleName();
	}

	/**
	 * Circuit breaker that stops sending commands while Redis does not reply.
	 *
	 * @param enabled Whether requests fail immediately, rather than at their timeout,
	 * while Redis does not reply.
	 * @param failureRate Percentage of failed commands, timeouts included, that opens the
	 * circuit breaker.
	 * @param slidingWindow Number of most recent commands from which the percentage is
	 * calculated.
	 * @param openFor Time after which trial commands are permitted. Until then a PING is
	 * sent every 200 ms, and its reply closes the circuit breaker.
	 * @param halfOpenCalls Number of trial commands.
	 */
	// @formatter:off
	public record CircuitBreaker(
			@DefaultValue("true") boolean enabled,
			@Example("80") @DefaultValue("50") @Bounds(min = "1", max = "100") int failureRate,
			@Example("100") @DefaultValue("20") @Bounds(min = "1", max = "100000") int slidingWindow,
			@Example("10s") @DefaultValue("5s") @Bounds(min = "1ms", max = "1d") Duration openFor,
			@Example("5") @DefaultValue("3") @Bounds(min = "1", max = "100000") int halfOpenCalls) {
		// @formatter:on

	}

	/**
	 * Delay between attempts to connect, at start and after a connection was lost.
	 *
	 * @param algorithm How the time between attempts grows.
	 * @param base Delay before the second attempt, from which later delays grow.
	 * @param cap Maximum delay between two attempts.
	 */
	// @formatter:off
	public record Backoff(
			@DefaultValue("decorrelated-jitter") BackoffAlgorithm algorithm,
			@Example("50ms") @DefaultValue("100ms") @Bounds(min = "1ms", max = "1d") Duration base,
			@Example("5s") @DefaultValue("1s") @Bounds(max = "1d") Duration cap) {
		// @formatter:on

		/**
		 * Returns the value of {@code Retry-After}: the maximum delay between two
		 * attempts, rounded up to whole seconds, since the header has no fractions.
		 * @return at least one second
		 */
		public Duration retryAfter() {
			return Duration.ofSeconds(Math.max(1, this.cap.plusMillis(999).toSeconds()));
		}

	}

	/**
	 * Encryption of the connection.
	 *
	 * @param enabled Whether to enable SSL support. Enabled automatically if 'bundle' is
	 * set or 'url' starts with 'rediss'.
	 * @param bundle SSL bundle name.
	 * @param verifyPeer What to verify of the server's certificate.
	 * @param host Host name to send (SNI) and to verify instead of the address of the
	 * connection.
	 * @param startTls Whether the connection begins unencrypted and is then upgraded
	 * (STARTTLS).
	 */
	// @formatter:off
	public record Ssl(
			@Nullable Boolean enabled,
			@Example("redis") @Nullable String bundle,
			@DefaultValue("full") VerifyPeer verifyPeer,
			@Example("redis.example.com") @Nullable String host,
			boolean startTls) {
		// @formatter:on

	}

	/**
	 * Pool of connections, instead of one connection that all threads share.
	 *
	 * @param enabled Whether to use a pool. Requires commons-pool2.
	 * @param maxTotal Maximum number of connections at a time, at least 2 where sessions
	 * are locked. Use a negative value for no limit.
	 * @param maxIdle Maximum number of idle connections. Use a negative value for no
	 * limit.
	 * @param minIdle Minimum number of idle connections to keep.
	 * @param maxWait Maximum time to wait for a connection when all are in use, after
	 * which the request fails. Use a negative value to wait indefinitely.
	 */
	// @formatter:off
	public record Pool(
			boolean enabled,
			@Example("32") @DefaultValue("8") @Bounds(max = "100000") int maxTotal,
			@Example("16") @DefaultValue("8") @Bounds(max = "100000") int maxIdle,
			@Example("2") @Bounds(min = "0", max = "100000") int minIdle,
			@Example("2s") @DefaultValue("10s") @Bounds(max = "1d") Duration maxWait) {
		// @formatter:on

	}

	/**
	 * Redis Sentinel.
	 *
	 * @param master Name under which the sentinels monitor the primary. Defaults to
	 * 'mymaster'.
	 * @param username Login username of the sentinels.
	 * @param password Login password of the sentinels.
	 */
	// @formatter:off
	public record Sentinel(
			@Example("sessions") @Nullable String master,
			@Example("shop") @Nullable String username,
			@Example("changeit") @Nullable String password) {
		// @formatter:on

		/** Returns the class name without the values, some of which are secret. */
		@Override
		public String toString() {
			return getClass().getSimpleName();
		}

	}

	/**
	 * A Redis Cluster.
	 *
	 * @param refreshPeriod Time between two refreshes of the cluster topology. It is also
	 * refreshed when a node redirects a command or can't be reached.
	 * @param maxRedirects Maximum number of redirects to follow for one command.
	 */
	// @formatter:off
	public record Cluster(
			@Example("10s") @DefaultValue("60s") @Bounds(min = "1ms", max = "1d") Duration refreshPeriod,
			@Example("3") @DefaultValue("5") @Bounds(min = "0", max = "1000") int maxRedirects) {
		// @formatter:on

	}

	/**
	 * Kinds of Redis installations.
	 */
	public enum Mode {

		/**
		 * One server, or a primary with its replicas.
		 */
		STANDALONE,

		/**
		 * A primary that Redis Sentinel monitors.
		 */
		SENTINEL,

		/**
		 * A Redis Cluster.
		 */
		CLUSTER

	}

	/**
	 * What to verify of the server's certificate.
	 */
	public enum VerifyPeer {

		/**
		 * That a trusted authority issued it, and that it is valid for this host.
		 */
		FULL,

		/**
		 * That a trusted authority issued it.
		 */
		CA,

		/**
		 * Nothing: a man in the middle can read and change sessions.
		 */
		NONE

	}

	/**
	 * Action to take when Redis is configured in a way that puts sessions at risk.
	 */
	public enum ServerCheck {

		/**
		 * No check.
		 */
		OFF,

		/**
		 * Log each finding with its remedy.
		 */
		WARN,

		/**
		 * Fail the start.
		 */
		FAIL

	}

	/**
	 * Action to take when Redis can't be reached at start.
	 */
	public enum Startup {

		/**
		 * Stop the start after the last attempt.
		 */
		FAIL,

		/**
		 * Wait until Redis can be reached.
		 */
		WAIT,

		/**
		 * Start without connecting, and connect when Redis is available.
		 */
		LAZY

	}

	/**
	 * How the time between attempts grows.
	 */
	public enum BackoffAlgorithm {

		/**
		 * Always the base.
		 */
		CONSTANT,

		/**
		 * The base, doubled with every attempt.
		 */
		EXPONENTIAL,

		/**
		 * Random between zero and the exponential time.
		 */
		FULL_JITTER,

		/**
		 * Half of the exponential time, and up to as much again at random.
		 */
		EQUAL_JITTER,

		/**
		 * Random between the base and three times the previous time.
		 */
		DECORRELATED_JITTER

	}

}
