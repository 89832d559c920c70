package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.CallSender;
import app.session.redis.index.SessionDescription;
import app.session.redis.lock.SessionLocks;
import app.session.redis.lock.SessionLocks.Acquisition;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Sessions, hints and indexes that something else has changed in Redis.
 */
class DamagedSessionITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private static final byte[] HEADER = { 'm' };

	private static final byte[] ENTRIES = { 'i' };

	private static final byte[] LAST_ACCESS = { 'l' };

	private static final byte[] CLAIM = { 'c' };

	private static final int HAS_LAST_ACCESS = 2;

	private static final int HAS_DEADLINE = 4;

	private static final int HAS_LATER_TIMEOUT = 8;

	private final StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE);

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.redis.close();
	}

	/** What makes a session unreadable. */
	enum Damage {

		EMPTY_HEADER {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.hset(key, HEADER, new byte[0]);
			}

		},

		SHORT_HEADER {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.hset(key, HEADER, Arrays.copyOf(redis.hget(key, HEADER), 31));
			}

		},

		VERSION_ONLY {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.hset(key, HEADER, new byte[] { 16 });
			}

		},

		DEADLINE_THAT_IS_MISSING {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.hset(key, HEADER, flagged(redis.hget(key, HEADER), HAS_DEADLINE | HAS_LAST_ACCESS));
			}

		},

		LATER_TIMEOUT_THAT_IS_MISSING {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.hset(key, HEADER, flagged(redis.hget(key, HEADER), HAS_LATER_TIMEOUT));
			}

		},

		ENTRIES_CUT_SHORT_IN_THE_HEADER {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				byte[] header = Arrays.copyOf(redis.hget(key, HEADER), 42);
				header[38] = 60;
				redis.hset(key, HEADER, header);
			}

		},

		ENTRY_WITHOUT_A_VALUE {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				entries(redis, key, new byte[] { 1, 'n' });
			}

		},

		ENTRY_WITH_HALF_A_LENGTH {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				entries(redis, key, new byte[] { 1, 'n', (byte) 255, 1 });
			}

		},

		ENTRY_LONGER_THAN_THE_FIELD {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				entries(redis, key, new byte[] { (byte) 255, -1, -1, -1, 'n' });
			}

		},

		STRING {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.set(key, bytes("no session"));
			}

		},

		LIST {

			@Override
			void apply(RedisCommands<byte[], byte[]> redis, byte[] key) {
				redis.del(key);
				redis.rpush(key, HEADER, HEADER);
			}

		};

		abstract void apply(RedisCommands<byte[], byte[]> redis, byte[] key);

		private static void entries(RedisCommands<byte[], byte[]> redis, byte[] key, byte[] entries) {
			redis.hset(key, HEADER, Arrays.copyOf(redis.hget(key, HEADER), 38));
			redis.hset(key, ENTRIES, entries);
		}

		/** A header that announces more than it has. */
		private static byte[] flagged(byte[] header, int flags) {
			byte[] changed = Arrays.copyOf(header, 38);
			changed[0] |= (byte) flags;
			return changed;
		}

	}

	@ParameterizedTest
	@EnumSource
	void theExpiryOfOthersIsPublishedAndTheDamagedOneIsAskedAgainLater(Damage damage) {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession damaged = create(node, Duration.ofMillis(300));
		List<StoredSession> others = List.of(create(node, Duration.ofMillis(300)),
				create(node, Duration.ofMillis(300)));
		damage.apply(this.redis.sync(), key(damaged));
		// Otherwise Redis might remove it first
		server.commands().pexpire(text(key(damaged)), 200_000);
		awaitDue(damaged);
		node.engine().start();
		await().untilAsserted(() -> assertThat(expired(node)).contains(handles(others)));
		await().until(() -> hint(damaged) > System.currentTimeMillis() + 30_000);
		assertThat(expired(node)).doesNotContain(damaged.getHandle()).hasSize(2);
		assertThat(this.redis.sync().exists(key(damaged))).isEqualTo(1);
		assertThat(node.repository().getStatistics().get(SessionCounter.DAMAGED)).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource
	void aRequestWithItsIdIsAnsweredAsWithoutASession(Damage damage) {
		Node node = this.repositories.unstarted((settings) -> {
		});
		AtomicRedisSessionRepository repository = node.repository();
		StoredSession damaged = create(node, Duration.ofMinutes(30));
		StoredSession other = create(node, Duration.ofMinutes(30));
		damage.apply(this.redis.sync(), key(damaged));
		assertThat(repository.clientSessions().findById(damaged.getId())).isNull();
		assertThat(repository.findById(damaged.getId())).isNull();
		assertThat(repository.findById(damaged.getHandle())).isNull();
		assertThat(repository.operations().types(damaged.getHandle())).isEmpty();
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_UNREADABLE)).isEqualTo(4);
		assertThat(repository.getStatistics().get(SessionCounter.LOOKUP_MISS)).isZero();
		assertThat(repository.getStatistics().get(SessionCounter.DAMAGED)).isEqualTo(1);
		assertThat(repository.findByPrincipalName("alice").values()).containsExactly(other);
		assertThat(repository.operations().page(null, 100).sessions()).extracting(SessionDescription::handle)
			.containsExactly(other.getHandle());
		assertThat(repository.operations().page(PRINCIPAL, "alice", null, 100).sessions())
			.extracting(SessionDescription::handle)
			.containsExactly(other.getHandle());
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> repository.operations().describe(damaged.getHandle()))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.DAMAGED));
		repository.deleteById(damaged.getId());
		repository.deleteById(damaged.getHandle());
		assertThat(repository.deleteByPrincipalName("alice")).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource
	void aRequestThatLocksItFindsNoSession(Damage damage) {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession damaged = create(node, Duration.ofMinutes(30));
		damage.apply(this.redis.sync(), key(damaged));
		SessionStore store = new SessionStore(new CallSender(node.connectionFactory(), Duration.ofSeconds(2), null),
				"app:session");
		SessionLocks locks = new SessionLocks(new BlockingCaller(Duration.ofSeconds(2)), store, "node",
				new LockSettings(Duration.ZERO, Duration.ofSeconds(30), OnLockTimeout.REJECT, 0), new SessionCounts());
		try {
			Acquisition acquired = BlockingCaller.result(locks.acquire(damaged.getHandle(), null, null, null, null));
			assertThat(acquired == null || acquired.session() == null).isTrue();
		}
		finally {
			locks.stop();
		}
	}

	@Test
	void aSaveOfASessionThatWasDamagedMeanwhileFailsAndChangesNothing() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node, Duration.ofMinutes(30));
		StoredSession loaded = node.repository().findById(session.getId());
		Damage.VERSION_ONLY.apply(this.redis.sync(), key(session));
		loaded.setAttribute("a", "2");
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> node.repository().save(loaded))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.DAMAGED));
		assertThat(this.redis.sync().hget(key(session), HEADER)).hasSize(1);
	}

	@Test
	void aFieldWithoutANameIsIgnored() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession lasting = create(node, Duration.ofMinutes(30));
		StoredSession brief = create(node, Duration.ofMillis(300));
		for (StoredSession session : List.of(lasting, brief)) {
			this.redis.sync().hset(key(session), new byte[0], bytes("x"));
		}
		StoredSession found = node.repository().findById(lasting.getId());
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL, "a");
		assertThat(node.repository().operations().describe(lasting.getHandle()).attributes()).hasSize(2);
		node.engine().start();
		await().untilAsserted(() -> assertThat(expired(node)).containsExactly(brief.getHandle()));
	}

	@Test
	void aLastAccessThatIsNoTimeCountsAsNow() {
		for (String time : List.of("x", "", "nan", "inf", "-inf", "1e300", "-1e300", "-1", "9223372036854775807")) {
			Node node = this.repositories.unstarted((settings) -> settings.absoluteTimeout(Duration.ofHours(1)));
			StoredSession session = create(node, Duration.ofMinutes(30));
			this.redis.sync().hset(key(session), LAST_ACCESS, bytes(time));
			StoredSession found = node.repository().findById(session.getHandle());
			assertThat(found).as(time).isNotNull();
			assertThat(found.getLastAccessedTime().toEpochMilli()).as(time)
				.isBetween(System.currentTimeMillis() - 10_000, System.currentTimeMillis() + 1000);
			assertThat(node.repository().operations().describe(session.getHandle()).idle()).as(time)
				.isLessThan(Duration.ofSeconds(10));
			server.commands().zadd(hintKey(session), 1, session.getHandle());
			node.engine().start();
			await().until(() -> hint(session) > System.currentTimeMillis());
			assertThat(node.repository().findById(session.getId())).as(time).isNotNull();
			node.engine().stop();
		}
	}

	@Test
	void aClaimThatIsNoClaimIsTakenOver() {
		for (byte[] claim : new byte[][] { null, new byte[0], { 1, 2, 3 }, { 0, -1, -1, -1, -1, -1 } }) {
			Node node = this.repositories.unstarted((settings) -> {
			});
			StoredSession session = create(node, Duration.ofMillis(300));
			byte[] header = this.redis.sync().hget(key(session), HEADER);
			header[0] |= 1;
			this.redis.sync().hset(key(session), HEADER, header);
			if (claim != null) {
				this.redis.sync().hset(key(session), CLAIM, claim);
			}
			node.engine().start();
			await().untilAsserted(() -> assertThat(expired(node)).containsExactly(session.getHandle()));
			node.engine().stop();
		}
	}

	@Test
	void hintsThatLeadToNoSessionAreRemovedAndHoldUpNoExpiry() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node, Duration.ofMillis(300));
		String elsewhere = "app:session:expiry:" + (Integer.parseInt(hintKey(session).replaceAll(".*:", "")) + 1) % 16;
		byte[][] members = { new byte[0], bytes("x"), { -1, -2 }, bytes("}{"), bytes("\u00e9".repeat(16)),
				bytes(SessionId.newHandle() + "x"), bytes("a b c d e f g h ") };
		for (byte[] member : members) {
			this.redis.sync().zadd(bytes(elsewhere), 1, member);
		}
		server.commands().zadd(elsewhere, 2, session.getHandle());
		assertThat(node.repository().operations().page(null, 100).sessions()).extracting(SessionDescription::handle)
			.containsOnly(session.getHandle());
		awaitDue(session);
		node.engine().start();
		await().untilAsserted(() -> assertThat(expired(node)).containsExactly(session.getHandle()));
		await().until(() -> server.commands().zcard(elsewhere) == 0);
	}

	@Test
	void hintsOfAnotherTypeHideNoOthers() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node, Duration.ofMillis(600));
		String elsewhere = "app:session:expiry:" + (Integer.parseInt(hintKey(session).replaceAll(".*:", "")) + 1) % 16;
		server.commands().set(elsewhere, "no set");
		assertThat(node.repository().operations().count()).isEqualTo(1);
		assertThat(node.repository().operations().page(null, 100).sessions()).hasSize(1);
		node.engine().start();
		await().untilAsserted(() -> assertThat(expired(node)).containsExactly(session.getHandle()));
		await().until(() -> node.repository().operations().isCollecting());
		assertThat(node.repository().operations().state().toString()).isNotNull();
	}

	@ParameterizedTest
	@EnumSource
	void anIndexOfAnotherTypeHoldsUpNoExpiry(Topology topology) {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			Node node = repositories.unstarted((settings) -> {
			});
			StoredSession session = create(node, Duration.ofMillis(300));
			StoredSession lasting = create(node, Duration.ofMinutes(30));
			topology.replace("app:session:index:principal:alice", "no set");
			topology.comeDue(hintKey(lasting));
			assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
			assertThat(node.repository().operations().count(PRINCIPAL, "alice")).isZero();
			assertThat(node.repository().operations().page(PRINCIPAL, "alice", null, 10).sessions()).isEmpty();
			node.engine().start();
			await().untilAsserted(() -> assertThat(expired(node)).containsExactly(session.getHandle()));
			await().until(() -> !topology.keys().contains(text(key(session))));
			await().until(() -> topology.score(hintKey(lasting), lasting.getHandle()) > System.currentTimeMillis());
		}
	}

	@ParameterizedTest
	@EnumSource
	void searchWithAnIndexOfAnotherType_findsNothing(Topology topology) {
		Map<String, String> wanted = Map.of(PRINCIPAL, "alice", "tenant", "acme");
		for (String damaged : List.of("principal:alice", "tenant:acme")) {
			topology.flushAll();
			try (TestRepositories repositories = topology.repositories()) {
				Node node = repositories.unstarted((settings) -> settings.indexedAttributes(List.of("tenant")));
				StoredSession session = node.repository().createSession();
				wanted.forEach(session::setAttribute);
				node.repository().save(session);
				assertThat(node.repository().find(wanted).values()).containsExactly(session);
				topology.replace("app:session:index:" + damaged, "no set");
				assertThat(node.repository().find(wanted)).isEmpty();
				assertThat(node.repository().operations().count(wanted)).isZero();
				assertThat(node.repository().findById(session.getId())).isNotNull();
			}
		}
	}

	@Test
	void membersOfAnIndexThatAreNoHandlesAreLeftOut() {
		Node node = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = create(node, Duration.ofMinutes(30));
		for (byte[] member : new byte[][] { new byte[0], { -1 }, bytes("}"), bytes("x".repeat(2000)) }) {
			this.redis.sync().zadd(bytes("app:session:index:principal:alice"), 1, member);
		}
		assertThat(node.repository().findByPrincipalName("alice").values()).containsExactly(session);
		assertThat(node.repository().operations().page(PRINCIPAL, "alice", null, 10).sessions()).hasSize(1);
	}

	private static StoredSession create(Node node, Duration interval) {
		StoredSession session = node.repository().createSession();
		session.setMaxInactiveInterval(interval);
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("a", "1");
		node.repository().save(session);
		return session;
	}

	private static Set<String> expired(Node node) {
		return node.events(SessionExpiredEvent.class)
			.stream()
			.map((event) -> event.<StoredSession>getSession().getHandle())
			.collect(Collectors.toSet());
	}

	private static String[] handles(List<StoredSession> sessions) {
		return sessions.stream().map(StoredSession::getHandle).toArray(String[]::new);
	}

	private static byte[] key(StoredSession session) {
		return bytes("app:session:session:{" + session.getHandle() + "}");
	}

	private static String hintKey(StoredSession session) {
		return "app:session:expiry:" + (session.getHandle().hashCode() & 15);
	}

	private static double hint(StoredSession session) {
		Double score = server.commands().zscore(hintKey(session), session.getHandle());
		return (score != null) ? score : 0;
	}

	private static void awaitDue(StoredSession session) {
		await().until(() -> hint(session) < System.currentTimeMillis());
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

}
