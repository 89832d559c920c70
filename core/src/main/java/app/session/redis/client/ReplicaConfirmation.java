package app.session.redis.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.CommandType;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Waits until replicas have received earlier writes. {@code WAIT} blocks its connection,
 * so it uses a separate one. Because it waits for the writes of its own connection, a
 * small write is sent before it, which follows everything that was written over other
 * connections until then. Confirmations that are requested while a {@code WAIT} is in
 * progress share the next one.
 */
public final class ReplicaConfirmation implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(ReplicaConfirmation.class);

	private final LettuceConnectionFactory connectionFactory;

	private final int replicas;

	private final Duration timeout;

	/**
	 * The turns by the id of the cluster node; outside a cluster under the empty name.
	 */
	private final Map<String, Turns> turns = new ConcurrentHashMap<>();

	private final BlockingTasks blockingTasks = new BlockingTasks();

	private @Nullable CompletableFuture<StatefulConnection<byte[], byte[]>> connection;

	/**
	 * Creates a confirmation.
	 * @param connectionFactory the source of connections
	 * @param replicas the number of replicas that must have received a write
	 * @param timeout the maximum time to wait for them
	 */
	public ReplicaConfirmation(RedisConnectionFactory connectionFactory, int replicas, Duration timeout) {
		this.connectionFactory = CallSender.requireLettuce(connectionFactory);
		this.replicas = replicas;
		this.timeout = timeout;
	}

	/**
	 * Determines whether replicas have received the earlier writes to a session:
	 * {@code SET} and {@code WAIT}, one round trip of the server and its replicas, or the
	 * timeout.
	 * @param caller waits for the replicas
	 * @param key the key to set, in the slot of the session
	 * @return whether enough replicas have confirmed; also false if Redis can't be
	 * reached or the caller is interrupted. Never fails
	 */
	public CompletionStage<Boolean> confirm(Caller caller, byte[] key) {
		CompletionStage<Boolean> confirmed = Stages.start(() -> requestConfirmation(key));
		return Stages.start(() -> caller.await(confirmed, this.timeout))
			.thenCompose((inTime) -> inTime ? confirmed
					: CompletableFuture.failedFuture(new TimeoutException("No confirmation in time")))
			.exceptionally((failure) -> {
				logger.debug("Waiting for the confirmation of replicas failed", failure);
				return false;
			});
	}

	private CompletionStage<Boolean> requestConfirmation(byte[] key) {
		return connection().thenCompose((connected) -> {
			if (connected instanceof StatefulRedisClusterConnection<byte[], byte[]> cluster) {
				String node = cluster.getPartitions().getPartitionBySlot(SlotHash.getSlot(key)).getNodeId();
				return this.turns.computeIfAbsent(node, (name) -> new Turns(() -> cluster.getConnectionAsync(name)))
					.take(key);
			}
			return this.turns.computeIfAbsent("", (name) -> new Turns(this::connection)).take(key);
		});
	}

	private synchronized CompletableFuture<StatefulConnection<byte[], byte[]>> connection() {
		CompletableFuture<StatefulConnection<byte[], byte[]>> current = this.connection;
		if (current == null || current.isCompletedExceptionally()) {
			current = CompletableFuture.supplyAsync(this::connect,
					(task) -> this.blockingTasks.start("redis-session-confirm", task));
			this.connection = current;
		}
		return current;
	}

	private StatefulConnection<byte[], byte[]> connect() {
		AbstractRedisClient client = this.connectionFactory.getRequiredNativeClient();
		return (client instanceof RedisClusterClient cluster) ? cluster.connect(ByteArrayCodec.INSTANCE)
				: ((RedisClient) client).connect(ByteArrayCodec.INSTANCE);
	}

	@Override
	public void close() {
		// Outside the monitor, which the connecting thread needs
		this.blockingTasks.end(this.timeout);
		synchronized (this) {
			if (this.connection != null) {
				var unused = this.connection.thenAccept(StatefulConnection::close);
				this.connection = null;
			}
		}
		// The turns use the closed connection
		this.turns.clear();
	}

	/** Supplies the connection to one server. */
	@FunctionalInterface
	private interface Server {

		CompletionStage<? extends StatefulConnection<byte[], byte[]>> connection();

	}

	/**
	 * Runs one {@code WAIT} at a time, shared by all confirmations requested before it.
	 */
	private final class Turns {

		private final Server server;

		private @Nullable CompletableFuture<Boolean> running;

		private @Nullable CompletableFuture<Boolean> next;

		Turns(Server server) {
			this.server = server;
		}

		/** Sends nothing while holding the monitor, which threads of the client need. */
		CompletableFuture<Boolean> take(byte[] key) {
			CompletableFuture<Boolean> turn = new CompletableFuture<>();
			CompletableFuture<Boolean> before;
			synchronized (this) {
				if (this.next != null) {
					return this.next;
				}
				before = this.running;
				if (before == null) {
					this.running = turn;
				}
				else {
					this.next = turn;
				}
			}
			if (before == null) {
				begin(turn, key);
			}
			else {
				var unused = before.whenComplete((confirmed, failure) -> proceed(turn, key));
			}
			return turn;
		}

		private void proceed(CompletableFuture<Boolean> turn, byte[] key) {
			synchronized (this) {
				this.running = turn;
				this.next = null;
			}
			begin(turn, key);
		}

		private void begin(CompletableFuture<Boolean> turn, byte[] key) {
			var unused = Stages
				.start(() -> this.server.connection().thenCompose((connected) -> sendWait(connected, key)))
				.whenComplete((reply, failure) -> {
					synchronized (this) {
						if (this.next == null) {
							this.running = null;
						}
					}
					if (failure != null) {
						turn.completeExceptionally(failure);
					}
					else {
						turn.complete(reply.integer(0) >= ReplicaConfirmation.this.replicas);
					}
				});
		}

		private CompletionStage<Reply> sendWait(StatefulConnection<byte[], byte[]> connected, byte[] key) {
			long millis = ReplicaConfirmation.this.timeout.toMillis();
			AsyncCommand<byte[], byte[], Reply> write = Call.of(CommandType.SET, key)
				.arg("")
				.arg("PX")
				.arg(millis + 1000)
				.command(false);
			AsyncCommand<byte[], byte[], Reply> wait = Call.of(CommandType.WAIT)
				.arg(ReplicaConfirmation.this.replicas)
				.arg(millis)
				.command(false);
			connected.dispatch(List.of(write, wait));
			return write.thenCompose((written) -> wait);
		}

	}

}
