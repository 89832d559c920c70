package app.session.redis.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster of primaries without replicas, each in a process of its own.
 */
public final class RedisCluster implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final Pattern SPACE = Pattern.compile(" ");

	private final List<RedisServer> nodes;

	private final Object clientLock = new Object();

	private @Nullable RedisClusterClient client;

	private @Nullable StatefulRedisClusterConnection<String, String> connection;

	private RedisCluster(List<RedisServer> nodes) {
		this.nodes = List.copyOf(nodes);
	}

	/**
	 * Start a cluster of three primaries.
	 * @return the cluster, which serves all slots
	 */
	public static RedisCluster start() {
		return builder().start();
	}

	/**
	 * Describe a cluster to start.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	private void join() {
		try {
			for (int i = 0; i < this.nodes.size(); i++) {
				try (RespConnection node = this.nodes.get(i).connect()) {
					node.call(addSlots(firstSlot(i), firstSlot(i + 1)));
					node.call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
					for (RedisServer other : this.nodes.subList(0, i)) {
						node.call("CLUSTER", "MEET", other.host(), Integer.toString(other.port()));
					}
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot create the cluster", ex);
		}
	}

	private int firstSlot(int index) {
		return index * SlotHash.SLOT_COUNT / this.nodes.size();
	}

	private static String[] addSlots(int first, int end) {
		List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
		for (int slot = first; slot < end; slot++) {
			command.add(Integer.toString(slot));
		}
		return command.toArray(String[]::new);
	}

	/**
	 * Wait until every node finds the cluster able to serve all slots and all nodes agree
	 * on who serves which: as it is after the start, and again some time after a node was
	 * restarted.
	 */
	public void awaitOk() {
		Await.until(TIMEOUT, this::obstacle);
	}

	private @Nullable String obstacle() {
		Set<Set<String>> views = new HashSet<>();
		for (RedisServer node : this.nodes) {
			try (RespConnection connection = node.connect()) {
				if (!connection.call("CLUSTER", "INFO").contains("cluster_state:ok")) {
					return node + " does not find the cluster ok";
				}
				Set<String> view = view(connection.call("CLUSTER", "NODES"));
				if (view.size() != this.nodes.size()) {
					return node + " is in touch with " + view;
				}
				views.add(view);
			}
			catch (IOException ex) {
				return node + ": " + ex;
			}
		}
		return (views.size() == 1) ? null : "The nodes do not agree: " + views;
	}

	private static Set<String> view(String description) {
		Set<String> view = new TreeSet<>();
		description.lines().forEach((line) -> {
			// id address flags primary ping pong epoch link slots...
			List<String> fields = List.of(SPACE.split(line, -1));
			Set<String> flags = Set.of(fields.get(2).split(",", -1));
			boolean healthy = flags.contains("master") && flags.stream().allMatch(Set.of("myself", "master")::contains)
					&& fields.get(7).equals("connected");
			if (healthy) {
				view.add(fields.get(0) + " " + fields.get(1) + " " + fields.subList(8, fields.size()));
			}
		});
		return view;
	}

	/**
	 * Return the servers of the cluster.
	 * @return the servers, in the order of their slots
	 */
	public List<RedisServer> nodes() {
		return this.nodes;
	}

	/**
	 * Return the server that serves a key.
	 * @param key the key
	 * @return the server of its slot
	 */
	public RedisServer nodeOf(String key) {
		int slot = SlotHash.getSlot(key);
		int index = 0;
		while (firstSlot(index + 1) <= slot) {
			index++;
		}
		return this.nodes.get(index);
	}

	/**
	 * Return the addresses of all servers.
	 * @return the addresses, each as {@code host:port}
	 */
	public List<String> seeds() {
		return this.nodes.stream().map((node) -> node.host() + ":" + node.port()).toList();
	}

	/**
	 * Return all keys on all nodes.
	 * @return the keys in order
	 */
	public List<String> keys() {
		return this.nodes.stream().flatMap((node) -> node.keys().stream()).sorted().toList();
	}

	/**
	 * Remove all keys on all nodes.
	 */
	public void flushAll() {
		this.nodes.forEach(RedisServer::flushAll);
	}

	/**
	 * Return a client of the cluster for the test's own use. It is shut down when the
	 * cluster is closed.
	 * @return the client
	 */
	public RedisClusterClient client() {
		synchronized (this.clientLock) {
			RedisClusterClient current = this.client;
			if (current == null) {
				current = RedisClusterClient.create(Lettuce.resources(),
						this.nodes.stream().map(RedisServer::lettuceUri).toList());
				this.client = current;
			}
			return current;
		}
	}

	/**
	 * Return the commands of a connection for the test's own use, the same until the
	 * cluster is closed.
	 * @return the commands, each sent to the node that serves its keys
	 */
	public RedisAdvancedClusterCommands<String, String> commands() {
		synchronized (this.clientLock) {
			StatefulRedisClusterConnection<String, String> current = this.connection;
			if (current == null) {
				current = client().connect();
				this.connection = current;
			}
			return current.sync();
		}
	}

	/**
	 * Close all servers. Closing again does nothing.
	 */
	@Override
	public void close() {
		synchronized (this.clientLock) {
			if (this.connection != null) {
				this.connection.close();
			}
			if (this.client != null) {
				this.client.shutdown(0, 0, TimeUnit.MILLISECONDS);
			}
			this.client = null;
			this.connection = null;
		}
		this.nodes.forEach(RedisServer::close);
	}

	@Override
	public String toString() {
		return "Redis Cluster " + seeds();
	}

	/**
	 * Describes a cluster to start.
	 */
	public static final class Builder {

		private final RedisServer.Builder node = RedisServer.builder()
			.option("cluster-enabled", "yes")
			.option("cluster-node-timeout", "2000");

		private int primaries = 3;

		private Builder() {
		}

		/**
		 * Set how many primaries there are, three if not told.
		 * @param primaries the number of primaries
		 * @return this builder
		 */
		public Builder primaries(int primaries) {
			if (primaries < 1) {
				throw new IllegalArgumentException("A cluster needs a primary");
			}
			this.primaries = primaries;
			return this;
		}

		/**
		 * Add a directive of {@code redis.conf} for each server.
		 * @param name the directive's name
		 * @param values the directive's values
		 * @return this builder
		 * @see RedisServer.Builder#option(String, String...)
		 */
		public Builder option(String name, String... values) {
			this.node.option(name, values);
			return this;
		}

		/**
		 * Use another executable than the one {@link RedisBinary#find()} finds.
		 * @param binary the executable
		 * @return this builder
		 */
		public Builder binary(RedisBinary binary) {
			this.node.binary(binary);
			return this;
		}

		/**
		 * Start the servers and make them a cluster.
		 * @return the cluster, which serves all slots
		 */
		public RedisCluster start() {
			List<RedisServer> nodes = new ArrayList<>();
			try {
				for (int i = 0; i < this.primaries; i++) {
					nodes.add(this.node.start());
				}
				RedisCluster cluster = new RedisCluster(nodes);
				cluster.join();
				cluster.awaitOk();
				return cluster;
			}
			catch (RuntimeException ex) {
				nodes.forEach(RedisServer::close);
				throw ex;
			}
		}

	}

}
