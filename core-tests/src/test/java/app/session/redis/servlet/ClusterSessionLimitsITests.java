package app.session.redis.servlet;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Background;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.internal.HostAndPort;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DnsResolver;
import io.lettuce.core.resource.MappingSocketAddressResolver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The limits on a cluster of three primaries.
 */
class ClusterSessionLimitsITests extends OnTopology implements SessionLimitsContract {

	ClusterSessionLimitsITests() {
		super(Topology.CLUSTER);
	}

	/**
	 * What is said of a cluster: one too many, and none that isn't found.
	 */
	@Test
	void aLogInThatIsHeldUpBetweenItsTwoWritesMayBeOneTooManyButIsFound() throws Exception {
		RedisCluster cluster = SharedRedis.cluster();
		Map<Integer, TcpProxy> proxies = new HashMap<>();
		cluster.nodes().forEach((node) -> proxies.put(node.port(), TcpProxy.to(node)));
		ClientResources resources = ClientResources.builder()
			.socketAddressResolver(MappingSocketAddressResolver.create(DnsResolver.unresolved(),
					(address) -> proxies.containsKey(address.getPort())
							? HostAndPort.of("127.0.0.1", proxies.get(address.getPort()).port()) : address))
			.build();
		try (TestRepositories slow = TestRepositories.on(cluster, resources)) {
			AtomicRedisSessionRepository held = slow.unstarted(ClusterSessionLimitsITests::limit).repository();
			AtomicRedisSessionRepository other = repositories().unstarted(ClusterSessionLimitsITests::limit)
				.repository();
			for (int i = 0; i < 30; i++) {
				logIn(held, held.createSession(), "bob" + i);
			}
			RedisServer indexed = cluster.nodeOf(INDEX + "alice");
			StoredSession session = held.createSession();
			while (cluster.nodeOf(key(session)) == indexed) {
				session = held.createSession();
			}
			proxies.get(cluster.nodeOf(key(session)).port()).delay(Duration.ofSeconds(2));
			StoredSession first = session;
			CompletableFuture<Void> logIn = Background.run(() -> logIn(held, first, "alice"));
			await().pollInterval(Duration.ofMillis(2)).until(() -> {
				Double score = topology().score(INDEX + "alice", first.getHandle());
				return score != null && score % 1 == 0;
			});
			StoredSession second = other.createSession();
			logIn(other, second, "alice");
			assertThat(logIn).as("still under way").isNotDone();
			logIn.get();
			await().until(() -> other.findByPrincipalName("alice").size() == 2);
			other.deleteById(second.getHandle());
			assertThatExceptionOfType(SessionLimitExceededException.class)
				.isThrownBy(() -> logIn(other, other.createSession(), "alice"));
		}
		finally {
			resources.shutdown().get();
			proxies.values().forEach(TcpProxy::close);
		}
	}

	private static void limit(SessionSettingsBuilder settings) {
		settings.limitPerPrincipal(1, OnExceeded.REJECT);
		settings.commandTimeout(Duration.ofSeconds(10));
	}

	private static void logIn(AtomicRedisSessionRepository repository, StoredSession session, String principal) {
		session.setAttribute(PRINCIPAL, principal);
		repository.save(session);
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

}
