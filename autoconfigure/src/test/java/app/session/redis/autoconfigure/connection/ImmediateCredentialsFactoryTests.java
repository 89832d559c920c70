package app.session.redis.autoconfigure.connection;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.test.RedisServer;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

class ImmediateCredentialsFactoryTests {

	private final ImmediateCredentialsFactory factory = new ImmediateCredentialsFactory();

	@Test
	void passwordAndUser_areAtHand() {
		RedisClusterConfiguration cluster = new RedisClusterConfiguration();
		cluster.setPassword("secret");
		assertIs(this.factory.createCredentialsProvider(cluster), null, "secret");
		cluster.setUsername("app");
		assertIs(this.factory.createCredentialsProvider(cluster), "app", "secret");
	}

	@Test
	void userWithoutPassword_isNamedAllTheSame() {
		RedisStandaloneConfiguration standalone = new RedisStandaloneConfiguration();
		standalone.setUsername("app");
		assertIs(this.factory.createCredentialsProvider(standalone), "app", "");
	}

	@Test
	void none_areNone() {
		assertIs(this.factory.createCredentialsProvider(new RedisStandaloneConfiguration()), null, null);
		assertIs(this.factory.createSentinelCredentialsProvider(new RedisSentinelConfiguration()), null, null);
	}

	@Test
	void ofSentinels_areApart() {
		RedisSentinelConfiguration sentinel = new RedisSentinelConfiguration();
		sentinel.setPassword("secret of the data");
		sentinel.setSentinelUsername("watch");
		sentinel.setSentinelPassword("secret of the sentinels");
		assertIs(this.factory.createCredentialsProvider(sentinel), null, "secret of the data");
		assertIs(this.factory.createSentinelCredentialsProvider(sentinel), "watch", "secret of the sentinels");
	}

	private static void assertIs(RedisCredentialsProvider provider, String username, String password) {
		assertThat(provider).isInstanceOf(ImmediateRedisCredentialsProvider.class);
		RedisCredentials credentials = ((ImmediateRedisCredentialsProvider) provider).resolveCredentialsNow();
		assertThat(credentials.getUsername()).isEqualTo(username);
		assertThat(credentials.getPassword()).isEqualTo((password != null) ? password.toCharArray() : null);
	}

	/**
	 * Before Java 25 and with two processors the client had a thread for itself even so.
	 */
	@Test
	void connectionIsMadeThoughTheApplicationKeepsTheCommonPoolBusy() {
		CountDownLatch end = new CountDownLatch(1);
		try (RedisServer server = RedisServer.builder().option("requirepass", "secret").start()) {
			for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
				ForkJoinPool.commonPool().execute(() -> await(end));
			}
			ContextRunners.application()
				.withPropertyValues("app.session.redis.port=" + server.port(), "app.session.redis.username=default",
						"app.session.redis.password=secret", "app.session.redis.connect-retries=0")
				.run((context) -> assertThat(context).hasNotFailed());
		}
		finally {
			end.countDown();
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
