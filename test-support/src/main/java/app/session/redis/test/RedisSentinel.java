package app.session.redis.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A primary, its replicas, and three sentinels that monitor them, each in its own
 * process. When the primary fails, the sentinels promote a replica.
 */
public final class RedisSentinel implements AutoCloseable {

	private static final int SENTINELS = 3;

	private static final int QUORUM = 2;

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final String MASTER = "mymaster";

	// master0:name=mymaster,status=ok,address=127.0.0.1:6379,slaves=2,sentinels=3
	private static final Pattern DESCRIPTION = Pattern
		.compile("name=" + MASTER + ",status=(\\w+),address=[^:]+:(\\d+),slaves=(\\d+),sentinels=(\\d+)");

	private final List<RedisServer> servers;

	private final List<RedisServer> sentinels;

	private final @Nullable TcpProxy wayToFirst;

	private RedisSentinel(List<RedisServer> servers, List<RedisServer> sentinels, @Nullable TcpProxy wayToFirst) {
		this.servers = List.copyOf(servers);
		this.sentinels = List.copyOf(sentinels);
		this.wayToFirst = wayToFirst;
	}

	/**
	 * Starts a primary, two replicas and three sentinels.
	 * @return the servers, which the sentinels know and consider healthy
	 */
	public static RedisSentinel start() {
		return builder().start();
	}

	/**
	 * Returns a builder for the servers to start.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Returns the name under which the sentinels know the primary.
	 * @return the name
	 */
	public String masterName() {
		return MASTER;
	}

	/**
	 * Returns the addresses of the sentinels, from which clients request the primary's
	 * address.
	 * @return the addresses, each as {@code host:port}
	 */
	public List<String> addresses() {
		return this.sentinels.stream().map((sentinel) -> sentinel.host() + ":" + sentinel.port()).toList();
	}

	/**
	 * Returns the servers that hold data.
	 * @return the servers, the initial primary first
	 */
	public List<RedisServer> servers() {
		return this.servers;
	}

	/**
	 * Returns the sentinels.
	 * @return the sentinels
	 */
	public List<RedisServer> sentinels() {
		return this.sentinels;
	}

	/**
	 * Returns the current primary according to one of the running sentinels. During a
	 * failover, the sentinels may disagree.
	 * @return the primary
	 */
	public RedisServer primary() {
		for (RedisServer sentinel : this.sentinels) {
			if (sentinel.isRunning()) {
				try {
					return server(View.of(sentinel).port());
				}
				catch (IOException ex) {
					throw new UncheckedIOException("Cannot query a sentinel, " + sentinel, ex);
				}
			}
		}
		throw new IllegalStateException("No sentinel is running");
	}

	/**
	 * Returns the proxy through which the replicas and the sentinels reach the initial
	 * primary.
	 * @return the proxy
	 * @throws IllegalStateException if there is none
	 * @see Builder#isolable()
	 */
	public TcpProxy wayToFirst() {
		if (this.wayToFirst == null) {
			throw new IllegalStateException("No proxy is configured");
		}
		return this.wayToFirst;
	}

	/**
	 * Starts a server that was killed. It becomes a replica when the sentinels have
	 * noticed it, which takes about ten seconds.
	 * @param server one of the servers that hold data
	 */
	public void restart(RedisServer server) {
		server.restart();
		if (this.wayToFirst != null && server == this.servers.get(0)) {
			announce(server, this.wayToFirst.port());
		}
	}

	private static void announce(RedisServer first, int port) {
		first.commands().configSet("replica-announce-port", Integer.toString(port));
	}

	/**
	 * Makes a replica the primary, without a failure (SENTINEL FAILOVER).
	 * @return the server that was the primary
	 */
	public RedisServer demotePrimary() {
		RedisServer primary = primary();
		try (RespConnection connection = this.sentinels.get(0).connect()) {
			connection.call("SENTINEL", "FAILOVER", MASTER);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot call a sentinel: " + ex.getMessage(), ex);
		}
		return primary;
	}

	private RedisServer server(int announcedPort) {
		if (this.wayToFirst != null && this.wayToFirst.port() == announcedPort) {
			return this.servers.get(0);
		}
		return this.servers.stream()
			.filter((server) -> server.port() == announcedPort)
			.findAny()
			.orElseThrow(
					() -> new IllegalStateException("The sentinels report an unknown server on port " + announcedPort));
	}

	/**
	 * Kills the primary, as in a crash (SIGKILL).
	 * @return the server that was the primary
	 */
	public RedisServer killPrimary() {
		RedisServer primary = primary();
		primary.kill();
		return primary;
	}

	/**
	 * Waits until all running sentinels report a different primary, and that server knows
	 * that it is the primary.
	 * @param previous the server that was the primary
	 * @return the new primary
	 */
	public RedisServer awaitFailover(RedisServer previous) {
		Await.until(TIMEOUT, () -> (primary() == previous) ? "The primary is still " + previous : disagreement());
		return primary();
	}

	/**
	 * Waits until all running sentinels agree on a healthy primary and know each other,
	 * and all running servers replicate it. This is the case after the start, and some
	 * time after a server was restarted. Sentinels take about ten seconds to turn a
	 * previous primary into a replica.
	 */
	public void awaitOk() {
		Await.until(TIMEOUT, () -> {
			String obstacle = disagreement();
			return (obstacle != null) ? obstacle : straggler();
		});
	}

	private @Nullable String disagreement() {
		try {
			Set<RedisServer> named = new HashSet<>();
			for (RedisServer sentinel : this.sentinels) {
				if (sentinel.isRunning()) {
					View view = View.of(sentinel);
					if (!view.isComplete(this.servers.size())) {
						return "The sentinel, " + sentinel + ", sees " + view;
					}
					named.add(server(view.port()));
				}
			}
			if (named.size() != 1) {
				return "The sentinels report " + named;
			}
			RedisServer primary = named.iterator().next();
			return isPrimary(primary) ? null : primary + " does not know that it is the primary";
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	private static boolean isPrimary(RedisServer server) throws IOException {
		try (RespConnection connection = server.connect()) {
			return connection.call("INFO", "replication").contains("role:master");
		}
	}

	private @Nullable String straggler() {
		RedisServer primary = primary();
		long followers = this.servers.stream().filter((server) -> server != primary && server.isRunning()).count();
		for (RedisServer server : this.servers) {
			if (server.isRunning()) {
				String wanted = (server == primary) ? "connected_slaves:" + followers : "master_link_status:up";
				try (RespConnection connection = server.connect()) {
					if (!connection.call("INFO", "replication").contains(wanted + "\r\n")) {
						return server + " does not report " + wanted;
					}
				}
				catch (IOException ex) {
					return server + ": " + ex;
				}
			}
		}
		return null;
	}

	/**
	 * Closes the sentinels and the servers. Has no effect if it is closed already.
	 */
	@Override
	public void close() {
		this.sentinels.forEach(RedisServer::close);
		this.servers.forEach(RedisServer::close);
		if (this.wayToFirst != null) {
			this.wayToFirst.close();
		}
	}

	@Override
	public String toString() {
		return "Redis with the sentinels " + addresses();
	}

	/**
	 * A sentinel's view of the primary.
	 *
	 * @param status the status of the primary
	 * @param port the port of the primary
	 * @param replicas the number of known replicas
	 * @param sentinels the number of known sentinels, including itself
	 */
	private record View(String status, int port, int replicas, int sentinels) {

		static View of(RedisServer sentinel) throws IOException {
			try (RespConnection connection = sentinel.connect()) {
				String description = connection.call("INFO", "sentinel");
				Matcher matcher = DESCRIPTION.matcher(description);
				if (!matcher.find()) {
					throw new IOException("A sentinel reports " + description);
				}
				return new View(matcher.group(1), Integer.parseInt(matcher.group(2)),
						Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4)));
			}
		}

		boolean isComplete(int servers) {
			return this.status.equals("ok") && this.replicas >= servers - 1 && this.sentinels == SENTINELS;
		}

	}

	/**
	 * A builder for the servers and the sentinels.
	 */
	public static final class Builder {

		private final List<List<String>> options = new ArrayList<>();

		private @Nullable RedisBinary binary;

		private @Nullable String password;

		private @Nullable String sentinelPassword;

		private Duration downAfter = Duration.ofSeconds(1);

		private int replicas = 2;

		private boolean isolable;

		private Builder() {
		}

		/**
		 * Sets the number of replicas. Defaults to 2.
		 * @param replicas the number of replicas
		 * @return this builder
		 */
		public Builder replicas(int replicas) {
			if (replicas < 1) {
				throw new IllegalArgumentException("Sentinels need a replica that can become the primary");
			}
			this.replicas = replicas;
			return this;
		}

		/**
		 * Sets the time without a reply after which a sentinel considers a server to be
		 * down. Defaults to one second.
		 * @param downAfter the time
		 * @return this builder
		 */
		public Builder downAfter(Duration downAfter) {
			this.downAfter = downAfter;
			return this;
		}

		/**
		 * Sets the password of the servers that hold data.
		 * @param password the password
		 * @return this builder
		 */
		public Builder password(String password) {
			this.password = password;
			return this;
		}

		/**
		 * Sets the password of the sentinels.
		 * @param sentinelPassword the password
		 * @return this builder
		 */
		public Builder sentinelPassword(String sentinelPassword) {
			this.sentinelPassword = sentinelPassword;
			return this;
		}

		/**
		 * Puts a proxy between the primary and all other servers. The sentinels know the
		 * primary by the proxy's port, so that a test can isolate it from them but not
		 * from its clients.
		 * @return this builder
		 * @see RedisSentinel#wayToFirst()
		 */
		public Builder isolable() {
			this.isolable = true;
			return this;
		}

		/**
		 * Adds a directive of {@code redis.conf} for each server that holds data.
		 * @param name the directive's name
		 * @param values the directive's values
		 * @return this builder
		 * @see RedisServer.Builder#option(String, String...)
		 */
		public Builder option(String name, String... values) {
			List<String> option = new ArrayList<>(List.of(name));
			option.addAll(List.of(values));
			this.options.add(option);
			return this;
		}

		/**
		 * Sets the executable. Defaults to {@link RedisBinary#find()}.
		 * @param binary the executable
		 * @return this builder
		 */
		public Builder binary(RedisBinary binary) {
			this.binary = binary;
			return this;
		}

		/**
		 * Starts the servers and the sentinels.
		 * @return the servers, which the sentinels know and consider healthy
		 */
		public RedisSentinel start() {
			List<RedisServer> servers = new ArrayList<>();
			List<RedisServer> sentinels = new ArrayList<>();
			TcpProxy proxy = null;
			try {
				RedisServer primary = server().start();
				servers.add(primary);
				int port = primary.port();
				if (this.isolable) {
					proxy = TcpProxy.to(primary);
					port = proxy.port();
					announce(primary, port);
				}
				for (int i = 0; i < this.replicas; i++) {
					servers.add(server().option("replicaof", RedisServer.HOST, Integer.toString(port)).start());
				}
				for (RedisServer replica : servers.subList(1, servers.size())) {
					replica.awaitReplication();
				}
				for (int i = 0; i < SENTINELS; i++) {
					sentinels.add(sentinel(port).start());
				}
				RedisSentinel started = new RedisSentinel(servers, sentinels, proxy);
				started.awaitOk();
				return started;
			}
			catch (RuntimeException ex) {
				sentinels.forEach(RedisServer::close);
				servers.forEach(RedisServer::close);
				if (proxy != null) {
					proxy.close();
				}
				throw ex;
			}
		}

		private RedisServer.Builder server() {
			RedisServer.Builder server = builder(this.password);
			if (this.password != null) {
				server.option("masterauth", this.password);
			}
			this.options.forEach(
					(option) -> server.option(option.get(0), option.subList(1, option.size()).toArray(String[]::new)));
			return server;
		}

		private RedisServer.Builder sentinel(int primaryPort) {
			List<String> configuration = new ArrayList<>();
			configuration.add("sentinel monitor %s %s %d %d".formatted(MASTER, RedisServer.HOST, primaryPort, QUORUM));
			configuration.add("sentinel down-after-milliseconds %s %d".formatted(MASTER, this.downAfter.toMillis()));
			configuration.add("sentinel failover-timeout %s 5000".formatted(MASTER));
			configuration.add("sentinel parallel-syncs %s %d".formatted(MASTER, this.replicas));
			if (this.password != null) {
				configuration.add("sentinel auth-pass %s \"%s\"".formatted(MASTER, escape(this.password)));
			}
			return builder(this.sentinelPassword).sentinel(configuration);
		}

		private RedisServer.Builder builder(@Nullable String password) {
			RedisServer.Builder server = RedisServer.builder();
			if (this.binary != null) {
				server.binary(this.binary);
			}
			if (password != null) {
				server.option("requirepass", password);
			}
			return server;
		}

		private static String escape(String text) {
			return text.replace("\\", "\\\\").replace("\"", "\\\"");
		}

	}

}
