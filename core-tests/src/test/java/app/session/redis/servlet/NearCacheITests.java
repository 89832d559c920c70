package app.session.redis.servlet;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import app.session.redis.client.BlockingCaller;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.engine.SaveOptions;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * Tests that copies of sessions are used while they are up to date, and never otherwise,
 * with and without encryption.
 */
@ParameterizedClass
@ValueSource(booleans = { false, true })
class NearCacheITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = RedisServer.start();

	private final TestRepositories repositories = TestRepositories.on(server);

	@Parameter
	boolean encrypted;

	private Node first;

	private Node second;

	@BeforeEach
	void start() {
		server.flushAll();
		this.first = node((settings) -> {
		});
		this.second = node((settings) -> {
		});
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return node(this.repositories, settings);
	}

	private Node node(TestRepositories repositories, Consumer<SessionSettingsBuilder> settings) {
		return repositories.unstarted((builder) -> {
			if (this.encrypted) {
				builder.encryptionKeys(new EncryptionKeys(
						Map.of("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8)), "k1"));
			}
			settings.accept(builder);
		});
	}

	/** Creates a session that each node has looked up once and copies from now on. */
	private StoredSession create(Node node) {
		StoredSession session = createOnly(node);
		for (Node each : new HashSet<>(List.of(this.first, this.second, node))) {
			load(each, session.getId());
		}
		return session;
	}

	private StoredSession createOnly(Node node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		session.setAttribute("text", "x".repeat(1000));
		node.repository().save(session);
		return session;
	}

	private static StoredSession load(Node node, String id) {
		return node.repository().clientSessions().findById(id);
	}

	private static void set(Node node, String id, String name, Serializable value) {
		StoredSession session = load(node, id);
		session.setAttribute(name, value);
		node.repository().save(session);
	}

	private static long count(Node node, SessionCounter counter) {
		return node.repository().getStatistics().get(counter);
	}

	private static void assertHits(Node node, long hits, long misses, long stale) {
		assertThat(List.of(count(node, SessionCounter.NEAR_CACHE_HIT), count(node, SessionCounter.NEAR_CACHE_MISS),
				count(node, SessionCounter.NEAR_CACHE_STALE)))
			.as("hits, misses, stale")
			.containsExactly(hits, misses, stale);
	}

	private long bytesSent() {
		return Long.parseLong(server.commands()
			.info("stats")
			.lines()
			.filter((line) -> line.startsWith("total_net_output_bytes:"))
			.findFirst()
			.orElseThrow()
			.split(":")[1].trim());
	}

	@Test
	void unchangedSession_isNotTransferredAgain() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		long before = bytesSent();
		long infos = bytesSent() - before;
		before = bytesSent();
		for (int i = 0; i < 100; i++) {
			StoredSession found = load(this.first, session.getId());
			assertThat(found.<String>getAttribute("text")).hasSize(1000);
			assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
		}
		assertThat((bytesSent() - before - infos) / 100).as("bytes for each read").isLessThan(60);
		assertHits(this.first, 100, 2, 0);
	}

	@Test
	void hit_isAnAccess() throws InterruptedException {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		Thread.sleep(50);
		long before = server.commands().pttl(key(session));
		StoredSession found = load(this.first, session.getId());
		assertHits(this.first, 1, 2, 0);
		assertThat(server.commands().pttl(key(session))).isGreaterThan(before);
		assertThat(found.getLastAccessedTime()).isBefore(Instant.now().minusMillis(40));
	}

	@Test
	void saveOfAnAccess_keepsTheCopy() {
		StoredSession session = create(this.first);
		StoredSession loaded = load(this.first, session.getId());
		loaded.setLastAccessedTime(Instant.now().minusSeconds(60));
		this.first.repository().save(loaded);
		long hits = count(this.first, SessionCounter.NEAR_CACHE_HIT);
		assertThat(load(this.first, session.getId()).<List<String>>getAttribute("cart")).containsExactly("book");
		assertThat(count(this.first, SessionCounter.NEAR_CACHE_HIT)).isEqualTo(hits + 1);
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	@Test
	void immediateSecondRead_hasAgeZeroAndIsAHit() {
		StoredSession session = create(this.first);
		for (int i = 0; i < 200; i++) {
			assertThat(load(this.first, session.getId()).<String>getAttribute("text")).hasSize(1000);
		}
		assertHits(this.first, 199, 2, 0);
	}

	@Test
	void changeByAnotherNode_isSeenAtOnce() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		for (int i = 0; i < 20; i++) {
			set(this.second, session.getId(), "number", i);
			assertThat(load(this.first, session.getId()).<Integer>getAttribute("number")).isEqualTo(i);
		}
		assertThat(count(this.first, SessionCounter.NEAR_CACHE_STALE)).isEqualTo(20);
	}

	@Test
	void ownSave_updatesTheCopy() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		for (int i = 0; i < 20; i++) {
			set(this.first, session.getId(), "number", i);
			StoredSession found = load(this.first, session.getId());
			assertThat(found.<Integer>getAttribute("number")).isEqualTo(i);
			assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
		}
		StoredSession removing = load(this.first, session.getId());
		removing.removeAttribute("number");
		removing.<List<String>>getAttribute("cart").add("pen");
		removing.setMaxInactiveInterval(Duration.ofHours(2));
		this.first.repository().save(removing);
		StoredSession found = load(this.first, session.getId());
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder("cart", "text");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book", "pen");
		assertThat(found.getMaxInactiveInterval()).isEqualTo(Duration.ofHours(2));
		assertHits(this.first, 42, 2, 0);
	}

	@Test
	void severalSavesOfOneRequest_updateTheCopy() {
		StoredSession session = create(this.first);
		StoredSession found = load(this.first, session.getId());
		for (int i = 0; i < 5; i++) {
			found.setAttribute("number", i);
			this.first.repository().save(found);
		}
		assertThat(load(this.first, session.getId()).<Integer>getAttribute("number")).isEqualTo(4);
		assertHits(this.first, 1, 2, 0);
	}

	@Test
	void changeOfAnotherNodeBetweenLoadAndSave_isNotHiddenByTheCopy() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		StoredSession mine = load(this.first, session.getId());
		set(this.second, session.getId(), "theirs", "b");
		mine.setAttribute("mine", "a");
		this.first.repository().save(mine);
		StoredSession found = load(this.first, session.getId());
		assertThat(found.<String>getAttribute("mine")).isEqualTo("a");
		assertThat(found.<String>getAttribute("theirs")).isEqualTo("b");
	}

	@Test
	void concurrentRequestsOfOneNode_doNotHideEachOthersChanges() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		StoredSession one = load(this.first, session.getId());
		StoredSession two = load(this.first, session.getId());
		one.setAttribute("one", "1");
		two.setAttribute("two", "2");
		this.first.repository().save(one);
		this.first.repository().save(two);
		StoredSession found = load(this.first, session.getId());
		assertThat(found.<String>getAttribute("one")).isEqualTo("1");
		assertThat(found.<String>getAttribute("two")).isEqualTo("2");
	}

	@Test
	void logOutElsewhere_endsTheSessionAtOnce() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		this.second.repository().deleteById(session.getId());
		assertThat(load(this.first, session.getId())).isNull();
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isZero();
	}

	@Test
	void changeOfTheIdElsewhere_endsTheOldIdAtOnce() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		StoredSession changed = load(this.second, session.getId());
		changed.changeSessionId();
		this.second.repository().save(changed);
		assertThat(load(this.first, session.getId())).isNull();
		assertThat(load(this.first, changed.getId()).<String>getAttribute("text")).hasSize(1000);
	}

	@Test
	void wrongSecret_findsNothingThoughThereIsACopy() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		String wrong = session.getHandle() + "~".repeat(43);
		assertThat(load(this.first, wrong)).isNull();
		assertThat(load(this.first, session.getId())).isNotNull();
	}

	@Test
	void expiredSession_isNotFoundThoughThereIsACopy() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		long hits = count(this.first, SessionCounter.NEAR_CACHE_HIT);
		assertThat(load(this.first, session.getId())).isNotNull();
		assertThat(count(this.first, SessionCounter.NEAR_CACHE_HIT) - hits).isOne();
		// The rest of its time to live is its grace
		server.commands().pexpire("app:session:session:{" + session.getHandle() + "}", 1000);
		assertThat(load(this.first, session.getId())).isNull();
		assertThat(count(this.first, SessionCounter.LOOKUP_EXPIRED)).isEqualTo(1);
	}

	@Test
	void principalAndIndex_areReadFromTheCopy() {
		StoredSession session = create(this.first);
		set(this.first, session.getId(), PRINCIPAL, "a principal of 27 characters");
		load(this.first, session.getId());
		set(this.first, session.getId(), "number", 1);
		StoredSession found = load(this.first, session.getId());
		found.setAttribute(PRINCIPAL, "bob");
		this.first.repository().save(found);
		assertThat(this.first.repository().findByPrincipalName("bob")).hasSize(1);
		assertThat(this.first.repository().findByPrincipalName("a principal of 27 characters")).isEmpty();
		assertThat(load(this.first, session.getId()).<String>getAttribute(PRINCIPAL)).isEqualTo("bob");
	}

	@Test
	void copy_isKeptFromTheSecondLookupOn() {
		StoredSession session = createOnly(this.first);
		load(this.first, session.getId());
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isZero();
		load(this.first, session.getId());
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isOne();
		assertThat(this.first.repository().getStatistics().getNearCacheMemory()).isPositive();
	}

	@Test
	void creationListingOrLookupByName_keepsNoCopy() {
		StoredSession session = createOnly(this.first);
		session.setAttribute(PRINCIPAL, "alice");
		this.first.repository().save(session);
		for (int i = 0; i < 3; i++) {
			this.first.repository().findById(session.getId());
			this.first.repository().findById(session.getHandle());
			assertThat(this.first.repository().findByPrincipalName("alice")).hasSize(1);
		}
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isZero();
	}

	@Test
	void crawlersAndPassiveRequests_keepNoCopy() {
		StoredSession session = createOnly(this.first);
		RequestClient crawler = new RequestClient() {

			@Override
			public boolean isBot() {
				return true;
			}

		};
		RequestClient polling = new RequestClient() {

			@Override
			public boolean isPassive() {
				return true;
			}

		};
		for (RequestClient client : List.of(crawler, polling, crawler, polling)) {
			assertThat(BlockingCaller
				.result(this.first.engine().finder().findForClient(new SessionScope(client), session.getId())))
				.isNotNull();
		}
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isZero();
		load(this.first, session.getId());
		assertThat(this.first.repository().getStatistics().getNearCacheSize()).isOne();
	}

	@Test
	void sessionBeforeItsSecondRequest_isCopiedWithItsLastingTimeout() {
		Node node = node((settings) -> settings.firstTimeout(Duration.ofMinutes(1)));
		StoredSession session = createOnly(node);
		for (int i = 0; i < 3; i++) {
			assertThat(load(node, session.getId()).getMaxInactiveInterval())
				.isEqualTo(session.getMaxInactiveInterval());
		}
		assertHits(node, 1, 2, 0);
	}

	@Test
	void absoluteTimeout_isCheckedForACopy() throws InterruptedException {
		Node node = node((settings) -> settings.absoluteTimeout(Duration.ofSeconds(2)));
		StoredSession session = create(node);
		load(node, session.getId());
		assertThat(load(node, session.getId())).isNotNull();
		assertHits(node, 1, 2, 0);
		Thread.sleep(2100);
		assertThat(load(node, session.getId())).isNull();
	}

	@Test
	void flushedRedis_isEmptyForTheCopy() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		server.flushAll();
		assertThat(load(this.first, session.getId())).isNull();
	}

	@Test
	void restoredBackup_isReadInsteadOfTheNewerCopy() {
		StoredSession session = create(this.first);
		set(this.first, session.getId(), "state", "old");
		byte[] backup;
		try (StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE)) {
			byte[] key = key(session).getBytes(StandardCharsets.UTF_8);
			backup = redis.sync().dump(key);
			long ttl = redis.sync().pttl(key);
			set(this.first, session.getId(), "state", "new");
			assertThat(load(this.first, session.getId()).<String>getAttribute("state")).isEqualTo("new");
			redis.sync().del(key);
			redis.sync().restore(key, ttl, backup);
		}
		assertThat(load(this.first, session.getId()).<String>getAttribute("state")).isEqualTo("old");
	}

	@Test
	void failoverThatLosesASave_showsWhatTheNewPrimaryHas() {
		try (RedisServer replica = RedisServer.builder().replicaOf(server).start();
				TcpProxy proxy = TcpProxy.to(server);
				TestRepositories failing = TestRepositories.on(proxy.host(), proxy.port())) {
			Node node = node(failing, (settings) -> {
			});
			StoredSession session = create(node);
			set(node, session.getId(), "first", "kept");
			replica.awaitReplication();
			await().until(() -> replica.commands().hget(key(session), "first") != null);
			replica.commands().replicaofNoOne();
			set(node, session.getId(), "second", "lost");
			assertThat(load(node, session.getId()).<String>getAttribute("second")).isEqualTo("lost");
			proxy.forwardTo(replica);
			proxy.dropConnections();
			await().ignoreExceptions()
				.untilAsserted(() -> assertThat(load(node, session.getId()).getAttributeNames()).contains("first")
					.doesNotContain("second"));
			set(node, session.getId(), "third", "kept");
			StoredSession found = load(node, session.getId());
			assertThat(found.getAttributeNames()).contains("first", "third").doesNotContain("second");
			proxy.forwardTo(server);
			proxy.dropConnections();
			await().ignoreExceptions()
				.untilAsserted(() -> assertThat(load(node, session.getId()).getAttributeNames()).contains("second")
					.doesNotContain("third"));
		}
	}

	@Test
	void rolledBackPrimary_isReadInsteadOfTheCopy() {
		RedisServer primary = RedisServer.builder().option("appendonly", "no").option("save", "").start();
		try (primary; TestRepositories own = TestRepositories.on(primary)) {
			Node node = node(own, (settings) -> {
			});
			StoredSession session = create(node);
			set(node, session.getId(), "state", "saved");
			primary.commands().save();
			set(node, session.getId(), "state", "lost");
			assertThat(load(node, session.getId()).<String>getAttribute("state")).isEqualTo("lost");
			primary.kill();
			primary.restart();
			await().ignoreExceptions()
				.atMost(Duration.ofSeconds(10))
				.untilAsserted(
						() -> assertThat(load(node, session.getId()).<String>getAttribute("state")).isEqualTo("saved"));
		}
	}

	@Test
	void withoutProtectedIds_nothingIsKept() {
		assumeFalse(this.encrypted, "encryption requires protected ids");
		Node node = node((settings) -> settings.protectIds(false));
		StoredSession session = create(node);
		load(node, session.getId());
		load(node, session.getId());
		assertThat(node.repository().getStatistics().getNearCacheSize()).isZero();
		assertHits(node, 0, 0, 0);
	}

	@Test
	void disabledCache_keepsNothing() {
		Node node = node((settings) -> settings.nearCache(false));
		StoredSession session = create(node);
		load(node, session.getId());
		load(node, session.getId());
		assertHits(node, 0, 0, 0);
	}

	@Test
	void copies_takeNoMoreThanTheMaximumSize() {
		Node node = node((settings) -> settings.nearCacheSize(100_000));
		for (int i = 0; i < 200; i++) {
			StoredSession session = create(node);
			load(node, session.getId());
			load(node, session.getId());
		}
		assertThat(node.repository().getStatistics().getNearCacheMemory()).isBetween(20_000L, 100_000L);
		assertThat(count(node, SessionCounter.NEAR_CACHE_EVICTED)).isGreaterThan(50);
	}

	@Test
	void sessionLargerThanASixteenth_isNotKept() {
		Node node = node((settings) -> settings.nearCacheSize(100_000));
		StoredSession session = create(node);
		set(node, session.getId(), "large", "x".repeat(7000));
		load(node, session.getId());
		assertThat(load(node, session.getId()).<String>getAttribute("large")).hasSize(7000);
		assertThat(node.repository().getStatistics().getNearCacheSize()).isZero();
	}

	@Test
	void arraysOfASerializerThatDoesNotCopy_areNotShared() {
		Node node = node((settings) -> settings.serializer(new RawBytes()));
		StoredSession session = node.repository().createSession();
		session.setAttribute("bytes", new byte[] { 1, 2, 3 });
		node.repository().save(session);
		load(node, session.getId());
		load(node, session.getId());
		load(node, session.getId()).<byte[]>getAttribute("bytes")[0] = 9;
		assertThat(load(node, session.getId()).<byte[]>getAttribute("bytes")).containsExactly(1, 2, 3);
		StoredSession written = load(node, session.getId());
		byte[] own = { 4, 5, 6 };
		written.setAttribute("bytes", own);
		node.repository().save(written);
		own[0] = 9;
		assertThat(load(node, session.getId()).<byte[]>getAttribute("bytes")).containsExactly(4, 5, 6);
		assertThat(count(node, SessionCounter.NEAR_CACHE_HIT)).isEqualTo(4);
	}

	private static final class RawBytes implements RedisSerializer<Object> {

		@Override
		public byte[] serialize(Object value) {
			return (byte[]) value;
		}

		@Override
		public Object deserialize(byte[] bytes) {
			return bytes;
		}

	}

	@Test
	void objectsOfOneRequest_areNotSharedWithAnother() {
		StoredSession session = create(this.first);
		load(this.first, session.getId());
		load(this.first, session.getId()).<List<String>>getAttribute("cart").add("not saved");
		assertThat(load(this.first, session.getId()).<List<String>>getAttribute("cart")).containsExactly("book");
	}

	@Test
	void lockedLookup_usesTheCopyToo() {
		Node node = node((settings) -> settings
			.locks(new LockSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0)));
		StoredSession session = create(node);
		lockAndChange(node, session.getId(), 1);
		lockAndChange(node, session.getId(), 2);
		assertHits(node, 1, 2, 0);
		set(this.second, session.getId(), "number", 3);
		assertThat(lockAndChange(node, session.getId(), 4)).isEqualTo(3);
		assertHits(node, 1, 2, 1);
		assertThat(load(node, session.getId()).<Integer>getAttribute("number")).isEqualTo(4);
	}

	private static Integer lockAndChange(Node node, String id, int number) {
		SessionScope scope = new SessionScope(RequestClient.UNKNOWN);
		SessionId parsed = SessionId.parse(id);
		assertThat(BlockingCaller.result(node.engine().locking().lockForClient(scope, parsed))).isTrue();
		try {
			StoredSession session = scope.session(parsed.handle());
			Integer before = session.getAttribute("number");
			session.setAttribute("number", number);
			BlockingCaller.result(node.engine().saver().save(scope, session, (each) -> SaveOptions.of(true, false)));
			return before;
		}
		finally {
			scope.lock(parsed.handle()).release();
		}
	}

	/**
	 * Two nodes read, change, rename and delete sessions at random. Each attribute has
	 * one writer, whose last acknowledged value is what a later read must return.
	 */
	@Test
	void randomOperationsOfTwoNodes_neverReturnAnOlderValue() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(4);
		Queue<String> violations = new ConcurrentLinkedQueue<>();
		AtomicInteger reads = new AtomicInteger();
		try {
			for (int round = 0; round < 12; round++) {
				AtomicReference<String> id = new AtomicReference<>(create(this.first).getId());
				Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
				List<Future<?>> workers = new ArrayList<>();
				for (int number = 0; number < 4; number++) {
					Node node = (number % 2 == 0) ? this.first : this.second;
					String own = "own" + number;
					boolean renames = number == 0;
					workers.add(executor.submit(() -> {
						Random random = ThreadLocalRandom.current();
						for (int i = 1; i <= 60; i++) {
							Map<String, Integer> before = Map.copyOf(acknowledged);
							String current = id.get();
							StoredSession session = load(node, current);
							if (session == null) {
								// Renamed by another worker
								continue;
							}
							reads.incrementAndGet();
							before.forEach((name, value) -> {
								Integer found = session.getAttribute(name);
								if (found == null || found < value) {
									violations.add(name + ": " + found + " after " + value);
								}
							});
							if (random.nextInt(3) == 0) {
								int value = i;
								session.setAttribute(own, value);
								if (renames && random.nextInt(4) == 0) {
									session.changeSessionId();
								}
								node.repository().save(session);
								StoredSession check = node.repository().findById(session.getHandle());
								if (check != null && Integer.valueOf(value).equals(check.getAttribute(own))) {
									acknowledged.put(own, value);
								}
								if (renames) {
									id.set(session.getId());
								}
							}
						}
						return null;
					}));
				}
				for (Future<?> worker : workers) {
					worker.get(60, TimeUnit.SECONDS);
				}
				String last = id.get();
				this.second.repository().deleteById(last);
				assertThat(load(this.first, last)).isNull();
				assertThat(load(this.second, last)).isNull();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(violations).isEmpty();
		assertThat(reads).hasValueGreaterThan(1000);
		assertThat(IntStream.of((int) count(this.first, SessionCounter.NEAR_CACHE_HIT),
				(int) count(this.second, SessionCounter.NEAR_CACHE_STALE)))
			.as("copies were used, and were out of date")
			.allMatch((uses) -> uses > 0);
	}

}
