package app.session.redis.autoconfigure.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionProvider;

/**
 * A connection factory for a primary and its replicas at static addresses. Spring Data's
 * own factory can't subscribe to channels in this setup. This one subscribes on the first
 * server that accepts a connection, since messages published on the primary also reach
 * its replicas.
 */
public final class ReplicatedConnectionFactory extends LettuceConnectionFactory {

	private final RedisStaticMasterReplicaConfiguration configuration;

	ReplicatedConnectionFactory(RedisStaticMasterReplicaConfiguration configuration,
			LettuceClientConfiguration clientConfiguration) {
		super(configuration, clientConfiguration);
		this.configuration = configuration;
	}

	/**
	 * Returns the configured servers.
	 * @return the addresses
	 */
	public List<HostAndPort> nodes() {
		return this.configuration.getNodes()
			.stream()
			.map((node) -> new HostAndPort(node.getHostName(), node.getPort()))
			.toList();
	}

	@Override
	protected LettuceConnectionProvider doCreateConnectionProvider(AbstractRedisClient client, RedisCodec<?, ?> codec) {
		List<RedisURI> uris = this.configuration.getNodes().stream().map(this::uri).toList();
		return new Provider(super.doCreateConnectionProvider(client, codec), (RedisClient) client, codec, uris);
	}

	private RedisURI uri(RedisStandaloneConfiguration node) {
		LettuceClientConfiguration client = getClientConfiguration();
		RedisURI.Builder builder = RedisURI.builder()
			.withHost(node.getHostName())
			.withPort(node.getPort())
			.withDatabase(this.configuration.getDatabase())
			.withSsl(client.isUseSsl())
			.withVerifyPeer(client.getVerifyMode())
			.withStartTls(client.isStartTls())
			.withTimeout(client.getCommandTimeout());
		client.getClientName().ifPresent(builder::withClientName);
		client.getRedisCredentialsProviderFactory()
			.map((factory) -> factory.createCredentialsProvider(this.configuration))
			.ifPresent(builder::withAuthentication);
		return builder.build();
	}

	private record Provider(LettuceConnectionProvider replicated, RedisClient client, RedisCodec<?, ?> codec,
			List<RedisURI> uris) implements LettuceConnectionProvider {

		@Override
		public <T extends StatefulConnection<?, ?>> CompletionStage<T> getConnectionAsync(Class<T> type) {
			return type.equals(StatefulRedisPubSubConnection.class)
					? subscriber(new ArrayList<>(this.uris)).thenApply(type::cast)
					: this.replicated.getConnectionAsync(type);
		}

		private CompletionStage<? extends StatefulConnection<?, ?>> subscriber(List<RedisURI> left) {
			CompletionStage<? extends StatefulConnection<?, ?>> attempt = this.client.connectPubSubAsync(this.codec,
					left.remove(0));
			return left.isEmpty() ? attempt : attempt
				.<CompletionStage<? extends StatefulConnection<?, ?>>>handle((connection, failure) -> (failure != null)
						? subscriber(left) : CompletableFuture.completedStage(connection))
				.thenCompose((stage) -> stage);
		}

		@Override
		public CompletableFuture<Void> releaseAsync(StatefulConnection<?, ?> connection) {
			return this.replicated.releaseAsync(connection);
		}

	}

}
