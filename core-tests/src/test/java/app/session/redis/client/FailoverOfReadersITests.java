package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.session.StoredSession;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests a node that only reads and whose primary becomes a replica: the read succeeds,
 * but the access isn't recorded.
 */
@Timeout(60)
class FailoverOfReadersITests {

	private final RedisServer first = RedisServer.start();

	private final RedisServer second = RedisServer.builder().replicaOf(this.first).start();

	private final CallSenders engines = new CallSenders();

	private final CallSenders patientEngines = new CallSenders().timeout(Duration.ofSeconds(5));

	private String handle = "";

	@BeforeEach
	void create() {
		try (TestRepositories repositories = TestRepositories.on(this.first)) {
			var repository = repositories.unstarted((settings) -> {
			}).repository();
			StoredSession session = repository.createSession();
			session.setAttribute("a", "1");
			repository.save(session);
			this.handle = session.getHandle();
		}
		await().until(() -> this.second.commands().exists(key()) == 1);
	}

	@AfterEach
	void close() {
		this.engines.close();
		this.patientEngines.close();
		this.second.close();
		this.first.close();
	}

	private String key() {
		return "app:session:session:{" + this.handle + "}";
	}

	private SessionRecord read(SessionStore store) throws Exception {
		SessionRecord session = store.load(this.handle, null, Duration.ZERO, null)
			.toCompletableFuture()
			.get(5, TimeUnit.SECONDS);
		assertThat(session).isNotNull();
		return session;
	}

	private void promoteSecond() {
		this.second.commands().replicaofNoOne();
		this.first.commands().replicaof(this.second.host(), this.second.port());
	}

	private void awaitRecordedAccess(SessionStore store) {
		this.second.commands().pexpire(key(), 1_000_000);
		AtomicInteger interrupted = new AtomicInteger();
		await().atMost(Duration.ofSeconds(15)).until(() -> isAccessRecorded(store, interrupted));
		assertThat(interrupted).hasValueLessThanOrEqualTo(1);
		assertThat(this.second.commands().pttl(key())).isGreaterThan(1_000_000);
	}

	/** The read that is in flight when the connection is replaced can fail. */
	private boolean isAccessRecorded(SessionStore store, AtomicInteger interrupted) throws Exception {
		try {
			return !read(store).touchRefused();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof SessionStoreUnavailableException unavailable
					&& unavailable.getReason() == Reason.DISCONNECTED) {
				interrupted.incrementAndGet();
				return false;
			}
			throw ex;
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theNewPrimaryIsFollowedWhereTheAddressLeads(boolean separate) throws Exception {
		try (TcpProxy proxy = TcpProxy.to(this.first)) {
			CallSender engine = this.patientEngines.on(proxy.host(), proxy.port());
			SessionStore store = new SessionStore(separate ? engine.separate() : engine, "app:session");
			assertThat(read(store).touchRefused()).isFalse();
			promoteSecond();
			proxy.forwardTo(this.second);
			assertThat(read(store).touchRefused()).isTrue();
			awaitRecordedAccess(store);
		}
	}

	@Test
	void theNewPrimaryIsFollowedByAllConnectionsOfAPool() throws Exception {
		try (TcpProxy proxy = TcpProxy.to(this.first)) {
			SessionStore store = new SessionStore(this.patientEngines.pool((pool) -> {
				pool.setMaxTotal(3);
				pool.setLifo(false);
				pool.setMinIdle(3);
			}).on(proxy.host(), proxy.port()), "app:session");
			for (int i = 0; i < 6; i++) {
				assertThat(read(store).touchRefused()).isFalse();
			}
			promoteSecond();
			proxy.forwardTo(this.second);
			assertThat(read(store).touchRefused()).isTrue();
			awaitRecordedAccess(store);
			for (int i = 0; i < 6; i++) {
				assertThat(read(store).touchRefused()).isFalse();
			}
		}
	}

	@Test
	void theNewPrimaryIsFollowedAmongSeveralAddresses() throws Exception {
		RedisStaticMasterReplicaConfiguration addresses = new RedisStaticMasterReplicaConfiguration(this.first.host(),
				this.first.port());
		addresses.addNode(this.second.host(), this.second.port());
		SessionStore store = new SessionStore(this.patientEngines.on(addresses), "app:session");
		assertThat(read(store).touchRefused()).isFalse();
		promoteSecond();
		assertThat(read(store).touchRefused()).isTrue();
		awaitRecordedAccess(store);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whileThereIsNoPrimaryRequestsAreAnsweredAndConnectionsAreNotOpenedForEach(boolean pooled) throws Exception {
		RedisStaticMasterReplicaConfiguration addresses = new RedisStaticMasterReplicaConfiguration(this.first.host(),
				this.first.port());
		addresses.addNode(this.second.host(), this.second.port());
		CallSender engine = pooled ? this.engines.pool((pool) -> pool.setMaxTotal(2)).on(this.first)
				: this.engines.on(addresses);
		SessionStore store = new SessionStore(engine, "app:session");
		assertThat(read(store).touchRefused()).isFalse();
		this.first.commands().replicaof(this.first.host(), 1);
		long before = connections();
		long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
		int reads = 0;
		while (System.nanoTime() < end) {
			assertThat(read(store).touchRefused()).isTrue();
			reads++;
		}
		assertThat(reads).isGreaterThan(50);
		assertThat(connections() - before).isLessThan(6);
		this.first.commands().replicaofNoOne();
		assertThat(read(store).touchRefused()).isFalse();
	}

	@Test
	void aSingleReplicaIsReadWithoutReconnectingForEachRequest() throws Exception {
		SessionStore store = new SessionStore(this.engines.on(this.second), "app:session");
		assertThat(read(store).touchRefused()).isTrue();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("redis-session-renew")));
		String clients = this.second.commands().clientList();
		for (int i = 0; i < 100; i++) {
			assertThat(read(store).touchRefused()).isTrue();
		}
		assertThat(this.second.commands().clientList().lines().map(FailoverOfReadersITests::id))
			.containsExactlyInAnyOrderElementsOf(clients.lines().map(FailoverOfReadersITests::id).toList());
	}

	@Test
	void aReplicaThatHasLostItsPrimaryDoesNotCostTheConnectionToThePrimary() throws Exception {
		RedisStaticMasterReplicaConfiguration addresses = new RedisStaticMasterReplicaConfiguration(this.first.host(),
				this.first.port());
		addresses.addNode(this.second.host(), this.second.port());
		CallSender engine = this.engines.readFrom(ReadFrom.REPLICA).on(addresses);
		Call read = Call.of(CommandType.EXISTS, key().getBytes(StandardCharsets.UTF_8));
		assertThat(engine.send(read).get(5, TimeUnit.SECONDS).integer(0)).isEqualTo(1);
		StatefulConnection<byte[], byte[]> connection = SharedConnection
			.nativeOf(SharedConnection.open(engine.connectionFactory()));
		this.second.commands().configSet("replica-serve-stale-data", "no");
		this.second.commands().replicaof(this.first.host(), 1);
		await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() -> {
			Call refused = Call.of(CommandType.EXISTS, key().getBytes(StandardCharsets.UTF_8));
			assertThat(engine.send(refused)).failsWithin(Duration.ofSeconds(5))
				.withThrowableThat()
				.withMessageContaining("is a replica");
			return true;
		});
		assertThat(SharedConnection.nativeOf(SharedConnection.open(engine.connectionFactory()))).isSameAs(connection);
	}

	private static String id(String client) {
		return client.substring(0, client.indexOf(' '));
	}

	private long connections() {
		return this.first.commands()
			.info("stats")
			.lines()
			.filter((line) -> line.startsWith("total_connections_received:"))
			.mapToLong((line) -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
			.findAny()
			.orElseThrow();
	}

}
