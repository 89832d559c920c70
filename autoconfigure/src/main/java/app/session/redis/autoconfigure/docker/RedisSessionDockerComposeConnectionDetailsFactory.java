package app.session.redis.autoconfigure.docker;

import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

/**
 * {@link DockerComposeConnectionDetailsFactory} to create
 * {@link RedisSessionConnectionDetails} from a service with the label
 * {@code org.springframework.boot.service-connection: session-redis}. Other Redis
 * services belong to the application. Sessions are kept there through Spring Boot's own
 * connection details if no service has the label.
 */
class RedisSessionDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<RedisSessionConnectionDetails> {

	private static final String CONNECTION_NAME = "session-redis";

	private static final int REDIS_PORT = 6379;

	RedisSessionDockerComposeConnectionDetailsFactory() {
		super(CONNECTION_NAME);
	}

	@Override
	protected RedisSessionConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new RedisSessionDockerComposeConnectionDetails(source.getRunningService());
	}

	/**
	 * {@link RedisSessionConnectionDetails} backed by a {@link RunningService}.
	 */
	private static final class RedisSessionDockerComposeConnectionDetails extends DockerComposeConnectionDetails
			implements RedisSessionConnectionDetails {

		private final String host;

		private final int port;

		private final @Nullable SslBundle sslBundle;

		private RedisSessionDockerComposeConnectionDetails(RunningService service) {
			super(service);
			this.host = service.host();
			this.port = service.ports().get(REDIS_PORT);
			this.sslBundle = getSslBundle(service);
		}

		@Override
		public RedisConfiguration getConfiguration() {
			return new RedisStandaloneConfiguration(this.host, this.port);
		}

		@Override
		public @Nullable SslBundle getSslBundle() {
			return this.sslBundle;
		}

	}

}
