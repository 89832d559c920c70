package app.session.redis.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster of primaries and optional replicas, each in its own process.
 */
public final class RedisCluster implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final List<RedisServer> nodes;

	private final int primaries;

	private final Object clientLock = new Object();

	private @Nullable RedisClusterClient client;

	private @Nullable StatefulRedisClusterConnection<String, String> connection;

	private RedisCluster(List<RedisServer> nodes, int primaries) {
		this.nodes = List.copyOf(nodes);
		this.primaries = primaries;
	}

	/**
	 * Starts a cluster of three primaries without replicas.
	 * @return the cluster, which serves all slots
	 */
	public static RedisCluster start() {
		return builder().start();
	}

	/**
	 * Returns a builder for a cluster to start.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	private void join() {
		try {
			for (int i = 0; i < this.nodes.size(); i++) {
				try (RespConnection node = this.nodes.get(i).connect()) {
					if (i < this.primaries) {
						node.call(addSlots(firstSlot(i), firstSlot(i + 1)));
					}
					node.call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
					for (RedisServer other : this.nodes.subList(0, i)) {
						node.call("CLUSTER", "MEET", other.host(), Integer.toString(other.port()));
					}
				}
			}
			if (this.nodes.size() > this.primaries) {
				// A replica must know its primary, and all nodes must know the replica
				Await.until(TIMEOUT, () -> obstacle(this.nodes.size()));
				replicate();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot create the cluster", ex);
		}
	}

	private void replicate() throws IOException {
		List<RedisServer> replicas = this.nodes.subList(this.primaries, this.nodes.size());
		for (int i = 0; i < replicas.size(); i++) {
			String primary;
			try (RespConnection connection = this.nodes.get(i % this.primaries).connect()) {
				primary = connection.call("CLUSTER", "MYID");
			}
			try (RespConnection replica = replicas.get(i).connect()) {
				replica.call("CLUSTER", "REPLICATE", primary);
			}
		}
		replicas.forEach(RedisServer::awaitReplication);
	}

	private int firstSlot(int index) {
		return index * SlotHash.SLOT_COUNT / this.primaries;
	}

	private static String[] addSlots(int first, int end) {
		List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
		for (int slot = first; slot < end; slot++) {
			command.add(Integer.toString(slot));
		}
		return command.toArray(String[]::new);
	}

	/**
	 * Waits until every running node reports that the cluster is ok and is connected to
	 * all other running nodes, and all agree on the slots of each node. This is the case
	 * after the start, some time after a node was restarted, and some time after a
	 * primary with a replica was killed.
	 */
	public void awaitOk() {
		Await.until(TIMEOUT, () -> obstacle(this.primaries));
	}

	private @Nullable String obstacle(int primaries) {
		List<RedisServer> running = this.nodes.stream().filter(RedisServer::isRunning).toList();
		Set<Set<Member>> views = new HashSet<>();
		for (RedisServer node : running) {
			try (RespConnection connection = node.connect()) {
				if (!connection.call("CLUSTER", "INFO").contains("cluster_state:ok")) {
					return node + " does not report the cluster as ok";
				}
				Set<Member> view = members(connection).filter(Member::healthy).collect(Collectors.toSet());
				int slots = view.stream().mapToInt(Member::slotCount).sum();
				if (view.size() != running.size() || slots != SlotHash.SLOT_COUNT
						|| view.stream().filter(Member::primary).count() != primaries) {
					return node + " is connected to " + view;
				}
				views.add(view);
			}
			catch (IOException ex) {
				return node + ": " + ex;
			}
		}
		return (views.size() == 1) ? null : "The nodes do not agree: " + views;
	}

	private static Stream<Member> members(RespConnection connection) throws IOException {
		return connection.call("CLUSTER", "NODES").lines().map(Member::parse);
	}

	/**
	 * Returns all servers of the cluster.
	 * @return the servers: the initial primaries in the order of their slots, then the
	 * replicas
	 */
	public List<RedisServer> nodes() {
		return this.nodes;
	}

	/**
	 * Returns the servers that currently serve slots according to one of the running
	 * nodes, which may not have detected yet that a node was killed.
	 * @return the servers
	 */
	public List<RedisServer> primaries() {
		Set<Integer> ports = members().stream()
			.filter((member) -> member.slotCount() > 0)
			.map(Member::port)
			.collect(Collectors.toSet());
		return this.nodes.stream().filter((node) -> ports.contains(node.port())).toList();
	}

	/**
	 * Returns the server that serves a key according to one of the running nodes.
	 * @param key the key
	 * @return the server of its slot
	 */
	public RedisServer nodeOf(String key) {
		int slot = SlotHash.getSlot(key);
		Member member = members().stream()
			.filter((candidate) -> candidate.serves(slot))
			.findAny()
			.orElseThrow(() -> new IllegalStateException("No node serves slot " + slot));
		return this.nodes.stream().filter((node) -> node.port() == member.port()).findAny().orElseThrow();
	}

	private List<Member> members() {
		for (RedisServer node : this.nodes) {
			if (node.isRunning()) {
				try (RespConnection connection = node.connect()) {
					return members(connection).toList();
				}
				catch (IOException ex) {
					throw new UncheckedIOException("Cannot query " + node, ex);
				}
			}
		}
		throw new IllegalStateException("No node is running");
	}

	/**
	 * Begins to move a slot. Until {@link #endMove}, existing keys are served by the node
	 * that has them, and new keys by the target.
	 * @param slot the slot
	 * @param source the node that serves it
	 * @param target the node to which it is moved
	 */
	public void beginMove(int slot, RedisServer source, RedisServer target) {
		call(target, "CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", call(source, "CLUSTER", "MYID"));
		call(source, "CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", call(target, "CLUSTER", "MYID"));
	}

	/**
	 * Moves a key whose slot is being moved.
	 * @param key the key, which need not exist any more
	 * @param source the node that has it
	 * @param target the node to which it is moved
	 */
	public void moveKey(String key, RedisServer source, RedisServer target) {
		call(source, "MIGRATE", target.host(), Integer.toString(target.port()), key, "0", "5000");
	}

	/**
	 * Ends the move of a slot: moves the remaining keys and assigns the slot to the
	 * target.
	 * @param slot the slot
	 * @param source the node that served it
	 * @param target the node to which it is moved
	 */
	public void endMove(int slot, RedisServer source, RedisServer target) {
		List<String> keys = source.commands().clusterGetKeysInSlot(slot, 100);
		while (!keys.isEmpty()) {
			keys.forEach((key) -> moveKey(key, source, target));
			keys = source.commands().clusterGetKeysInSlot(slot, 100);
		}
		String id = call(target, "CLUSTER", "MYID");
		call(target, "CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", id);
		call(source, "CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", id);
	}

	private static String call(RedisServer node, String... command) {
		try (RespConnection connection = node.connect()) {
			return connection.call(command);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot call " + node + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Returns the addresses of all servers.
	 * @return the addresses, each as {@code host:port}
	 */
	public List<String> seeds() {
		return this.nodes.stream().map((node) -> node.host() + ":" + node.port()).toList();
	}

	/**
	 * Returns all keys on all primaries.
	 * @return the keys, sorted
	 */
	public List<String> keys() {
		return primaries().stream().flatMap((node) -> node.keys().stream()).sorted().toList();
	}

	/**
	 * Removes all keys on all primaries.
	 */
	public void flushAll() {
		primaries().forEach(RedisServer::flushAll);
	}

	/**
	 * Returns a client of the cluster for the test's own use. It is shut down when the
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
	 * Returns the commands of a connection for the test's own use. The connection stays
	 * the same until the cluster is closed.
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
	 * Closes all servers. Has no effect if it is closed already.
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
	 * A line of {@code CLUSTER NODES}.
	 *
	 * @param id the node's id
	 * @param port the port on which it serves clients
	 * @param primary whether it is a primary
	 * @param primaryId the id of the primary that it replicates, or a hyphen
	 * @param healthy whether the reporting node is connected to it
	 * @param slots the slots that it serves, each range as {@code first-last} or as a
	 * single number
	 */
	private record Member(String id, int port, boolean primary, String primaryId, boolean healthy, List<String> slots) {

		private static final Pattern SPACE = Pattern.compile(" ");

		private static final Pattern PORT = Pattern.compile(":(\\d+)");

		private static final Set<String> HEALTHY = Set.of("myself", "master", "slave");

		static Member parse(String line) {
			// id address flags primary ping pong epoch link slots...
			List<String> fields = List.of(SPACE.split(line, -1));
			Matcher port = PORT.matcher(fields.get(1));
			if (!port.find()) {
				throw new IllegalStateException("Not a line of CLUSTER NODES: " + line);
			}
			Set<String> flags = Set.of(fields.get(2).split(",", -1));
			boolean healthy = HEALTHY.containsAll(flags) && fields.get(7).equals("connected");
			// A slot that is being moved is in brackets
			List<String> slots = fields.subList(8, fields.size())
				.stream()
				.filter((range) -> !range.startsWith("["))
				.toList();
			return new Member(fields.get(0), Integer.parseInt(port.group(1)), flags.contains("master"), fields.get(3),
					healthy, slots);
		}

		boolean serves(int slot) {
			return this.slots.stream().anyMatch((range) -> first(range) <= slot && slot <= last(range));
		}

		int slotCount() {
			return this.slots.stream().mapToInt((range) -> last(range) - first(range) + 1).sum();
		}

		private static int first(String range) {
			return Integer.parseInt(range.substring(0, end(range)));
		}

		private static int last(String range) {
			return Integer.parseInt(range.substring(range.indexOf('-') + 1));
		}

		private static int end(String range) {
			return (range.indexOf('-') < 0) ? range.length() : range.indexOf('-');
		}

	}

	/**
	 * A builder for a cluster.
	 */
	public static final class Builder {

		private final RedisServer.Builder node = RedisServer.builder()
			.option("cluster-enabled", "yes")
			.option("cluster-node-timeout", "2000");

		private int primaries = 3;

		private int replicas;

		private Builder() {
		}

		/**
		 * Sets the number of primaries. Defaults to 3.
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
		 * Sets the number of replicas of each primary. Defaults to 0.
		 * @param replicas the number of replicas of each primary
		 * @return this builder
		 */
		public Builder replicas(int replicas) {
			if (replicas < 0) {
				throw new IllegalArgumentException("Not a number of replicas: " + replicas);
			}
			this.replicas = replicas;
			return this;
		}

		/**
		 * Adds a directive of {@code redis.conf} for each server.
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
		 * Sets the executable. Defaults to {@link RedisBinary#find()}.
		 * @param binary the executable
		 * @return this builder
		 */
		public Builder binary(RedisBinary binary) {
			this.node.binary(binary);
			return this;
		}

		/**
		 * Starts the servers and creates the cluster.
		 * @return the cluster, which serves all slots
		 */
		public RedisCluster start() {
			List<RedisServer> nodes = new ArrayList<>();
			try {
				for (int i = 0; i < this.primaries * (1 + this.replicas); i++) {
					nodes.add(this.node.start());
				}
				RedisCluster cluster = new RedisCluster(nodes, this.primaries);
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
