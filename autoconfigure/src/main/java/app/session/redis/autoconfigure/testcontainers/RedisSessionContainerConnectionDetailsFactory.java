package app.session.redis.autoconfigure.testcontainers;

import app.session.redis.autoconfigure.connection.RedisSessionConnectionDetails;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Container;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

/**
 * {@link ContainerConnectionDetailsFactory} to create
 * {@link RedisSessionConnectionDetails} from a container whose
 * {@link ServiceConnection @ServiceConnection} requests them by their type or by the name
 * {@code "session-redis"}. Other Redis containers belong to the application. Sessions are
 * kept there through Spring Boot's own connection details if no container requests them.
 */
class RedisSessionContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<Container<?>, RedisSessionConnectionDetails> {

	private static final String CONNECTION_NAME = "session-redis";

	private static final int REDIS_PORT = 6379;

	RedisSessionContainerConnectionDetailsFactory() {
		super(CONNECTION_NAME);
	}

	@Override
	protected boolean sourceAccepts(ContainerConnectionSource<Container<?>> source, Class<?> requiredContainerType,
			Class<?> requiredConnectionDetailsType) {
		return super.sourceAccepts(source, requiredContainerType, requiredConnectionDetailsType)
				|| isOfType(source, requiredContainerType, requiredConnectionDetailsType);
	}

	/**
	 * Returns whether the source names our type or a supertype of it. A source without a
	 * type accepts every type, including {@link ConnectionDetails} itself. A source that
	 * accepts our type but not {@code ConnectionDetails} therefore names our type.
	 */
	private static boolean isOfType(ContainerConnectionSource<Container<?>> source, Class<?> containerType,
			Class<?> connectionDetailsType) {
		return source.accepts(ANY_CONNECTION_NAME, containerType, connectionDetailsType)
				&& !source.accepts(ANY_CONNECTION_NAME, containerType, ConnectionDetails.class);
	}

	@Override
	protected RedisSessionConnectionDetails getContainerConnectionDetails(
			ContainerConnectionSource<Container<?>> source) {
		return new RedisSessionContainerConnectionDetails(source);
	}

	/**
	 * {@link RedisSessionConnectionDetails} backed by a
	 * {@link ContainerConnectionSource}.
	 */
	private static final class RedisSessionContainerConnectionDetails extends ContainerConnectionDetails<Container<?>>
			implements RedisSessionConnectionDetails {

		private RedisSessionContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
			super(source);
		}

		@Override
		public RedisConfiguration getConfiguration() {
			return new RedisStandaloneConfiguration(getContainer().getHost(), getContainer().getMappedPort(REDIS_PORT));
		}

		@Override
		public @Nullable SslBundle getSslBundle() {
			return super.getSslBundle();
		}

	}

}
