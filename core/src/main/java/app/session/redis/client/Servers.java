package app.session.redis.client;

import java.util.LinkedHashMap;
import java.util.Map;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisClusterNode;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The servers that store the sessions: their topology and the information that they
 * report.
 */
public final class Servers {

	private final CallSender sender;

	private final LettuceConnectionFactory connectionFactory;

	/**
	 * Creates a view of the servers.
	 * @param sender sends the calls; its connection factory leads to the servers
	 */
	public Servers(CallSender sender) {
		this.sender = sender;
		this.connectionFactory = sender.connectionFactory();
	}

	/**
	 * Returns the topology.
	 * @return {@code cluster}, {@code sentinel} or {@code standalone}
	 */
	public String mode() {
		if (this.sender.isCluster()) {
			return "cluster";
		}
		return (this.connectionFactory.getSentinelConfiguration() != null) ? "sentinel" : "standalone";
	}

	/**
	 * Returns the user of the connections.
	 * @return the username, or null if none is configured
	 */
	public @Nullable String username() {
		if (this.connectionFactory.getClusterConfiguration() != null) {
			return this.connectionFactory.getClusterConfiguration().getUsername();
		}
		if (this.connectionFactory.getSentinelConfiguration() != null) {
			return this.connectionFactory.getSentinelConfiguration().getUsername();
		}
		return (this.connectionFactory.getSocketConfiguration() != null)
				? this.connectionFactory.getSocketConfiguration().getUsername()
				: this.connectionFactory.getStandaloneConfiguration().getUsername();
	}

	/**
	 * Sends {@code INFO} to the server, or to each primary of a cluster: one round trip,
	 * or on a cluster two and one for each primary. The calling thread waits for the
	 * replies. On a cluster each info also has the {@code cluster_state} of
	 * {@code CLUSTER INFO}.
	 * @return the info of each server by its address; never empty
	 * @throws SessionStoreUnavailableException if a server doesn't answer, or the cluster
	 * has no primary
	 */
	public Map<String, ServerInfo> info() {
		return this.sender.isCluster() ? infoOfCluster() : infoOfServer();
	}

	private Map<String, ServerInfo> infoOfServer() {
		Reply reply = this.sender.await(this.sender.send(Call.of(CommandType.INFO)));
		ServerInfo info = ServerInfo.parse(reply.text(0));
		return Map.of(this.connectionFactory.getHostName() + ":" + info.get("tcp_port", "?"), info);
	}

	private Map<String, ServerInfo> infoOfCluster() {
		Map<String, ServerInfo> infos = new LinkedHashMap<>();
		try (RedisClusterConnection cluster = this.connectionFactory.getClusterConnection()) {
			for (RedisClusterNode node : cluster.clusterGetNodes()) {
				if (node.isMaster() && !node.isMarkedAsFail()) {
					infos.put(node.getHost() + ":" + node.getPort(),
							ServerInfo.of(cluster.serverCommands().info(node)));
				}
			}
			String state = String.valueOf(cluster.clusterGetClusterInfo().getState());
			infos.replaceAll((address, info) -> info.with("cluster_state", state));
		}
		catch (RuntimeException ex) {
			throw Failures.translate(ex);
		}
		if (infos.isEmpty()) {
			throw new SessionStoreUnavailableException(Reason.CLUSTER_DOWN, null, null);
		}
		return infos;
	}

}
