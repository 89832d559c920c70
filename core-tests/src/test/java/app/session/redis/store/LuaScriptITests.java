package app.session.redis.store;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import app.session.redis.client.LuaScript;
import app.session.redis.index.SessionIndexes;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the scripts directly, for behaviour that isn't visible through the repository.
 */
class LuaScriptITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final byte[] DIGEST = SessionHeader.digest("secret");

	private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

	private static final byte[] KEPT = "kept".getBytes(StandardCharsets.UTF_8);

	private static final byte[] OTHER_DIGEST = SessionHeader.digest("another secret");

	private final StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.redis.close();
	}

	private List<Object> run(LuaScript script, Object... args) {
		byte[][] bytes = new byte[args.length][];
		for (int i = 0; i < args.length; i++) {
			bytes[i] = (args[i] instanceof byte[] given) ? given : args[i].toString().getBytes(StandardCharsets.UTF_8);
		}
		return runOn(script, new byte[][] { KEY }, bytes);
	}

	private List<Object> runOn(LuaScript script, byte[][] keys, byte[]... args) {
		Object reply = this.redis.sync().eval(script.source(), ScriptOutputType.MULTI, keys, args);
		List<Object> items = new ArrayList<>();
		((List<?>) reply).forEach((item) -> items
			.add((item instanceof byte[] value) ? new String(value, StandardCharsets.ISO_8859_1) : item));
		return items;
	}

	private void create(Duration idle, Duration grace, Duration absolute) {
		create(idle, grace, absolute, "");
	}

	private void create(Duration idle, Duration grace, Duration absolute, Object later) {
		byte[] header = new SessionHeader(DIGEST, Instant.now(), idle, grace, null, null).encode(new byte[0]);
		assertThat(run(LuaScript.CREATE, header, absolute.toMillis(), later, "attribute", "1")).containsExactly(1L);
	}

	private SessionHeader header() {
		return SessionHeader.decode(rawHeader());
	}

	private List<Object> save(byte[] digest, Object idle, Object age) {
		return run(LuaScript.SAVE, digest, "", idle, age, "", "", "", "", "", "", "", "", 0, "attribute", "2");
	}

	private List<Object> saveEntries(Set<String> indexes, Set<IndexEntry> entries) {
		return run(LuaScript.SAVE, DIGEST, "", "", "", IndexEntry.encodeNames(indexes), IndexEntry.encode(entries), "",
				"", "", "", "", "", 0, "attribute", "2");
	}

	private static Set<IndexEntry> entries(Object encoded) {
		return IndexEntry.decode(((String) encoded).getBytes(StandardCharsets.ISO_8859_1));
	}

	private static Set<IndexEntry> many(String index, int count) {
		return IntStream.range(0, count)
			.mapToObj(
					(i) -> new IndexEntry(index, (i % 100 == 0) ? "long " + i + "x".repeat(300) : "value number " + i))
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	/**
	 * Returns the microseconds for which the last command of that name kept Redis busy.
	 */
	private static long busy(String command) {
		String stats = server.commands().info("commandstats");
		String start = "cmdstat_" + command + ":";
		String line = stats.lines().filter((each) -> each.startsWith(start)).findAny().orElseThrow();
		return Long.parseLong(line.replaceFirst(".*,usec=(\\d+),.*", "$1"));
	}

	/**
	 * A few milliseconds, which grow with the number of entries. The bound is far off, so
	 * that a busy machine doesn't exceed it; work that grew with the square of the number
	 * would take more than a second.
	 */
	@Test
	void aSaveOfAsManyIndexEntriesAsThereMayBeDoesNotHoldUpOthers() {
		int count = SessionIndexes.MAX_ENTRIES;
		Set<IndexEntry> before = many("kept", count / 2);
		before.addAll(many("other", count / 2));
		Set<IndexEntry> after = many("other", count / 2 + 1);
		long quickest = Long.MAX_VALUE;
		for (int i = 0; i < 3; i++) {
			server.flushAll();
			create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
			saveEntries(Set.of("kept", "other"), before);
			server.commands().configResetstat();
			List<Object> reply = saveEntries(Set.of("other"), after);
			quickest = Math.min(quickest, busy("eval"));
			assertThat(entries(reply.get(1))).isEqualTo(many("other", count / 2));
		}
		Set<IndexEntry> expected = many("kept", count / 2);
		expected.addAll(after);
		assertThat(IndexEntry.decode(this.redis.sync().hget(KEY, "i".getBytes(StandardCharsets.UTF_8))))
			.isEqualTo(expected);
		assertThat(quickest).isLessThan(300_000);
	}

	@Test
	void loadReturnsWhyATouchWasRefused() {
		try (RedisServer own = RedisServer.start();
				StatefulRedisConnection<byte[], byte[]> connection = own.client().connect(ByteArrayCodec.INSTANCE)) {
			byte[] header = new SessionHeader(DIGEST, Instant.now(), Duration.ofMinutes(1), Duration.ofMinutes(1), null,
					null)
				.encode(new byte[0]);
			connection.sync().hset(KEY, Map.of("m".getBytes(StandardCharsets.UTF_8), header));
			connection.sync().pexpire(KEY, 120_000);
			assertThat(load(connection)).hasSize(3);
			own.commands().configSet("min-replicas-to-write", "1");
			assertThat(load(connection)).endsWith(3L);
			own.commands().configSet("min-replicas-to-write", "0");
			own.commands().replicaof(own.host(), 1);
			assertThat(load(connection)).endsWith(2L);
		}
	}

	private static List<Object> load(StatefulRedisConnection<byte[], byte[]> connection) {
		return connection.sync()
			.eval(LuaScript.LOAD.source(), ScriptOutputType.MULTI, new byte[][] { KEY }, DIGEST,
					"0".getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void createLeavesASessionThatIsThere() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		byte[] header = new SessionHeader(OTHER_DIGEST, Instant.now(), Duration.ofHours(9), Duration.ofMinutes(1), null,
				null)
			.encode(new byte[0]);
		assertThat(run(LuaScript.CREATE, header, 0, "", "attribute", "9")).containsExactly(0L);
		assertThat(server.commands().hget("key", "attribute")).isEqualTo("1");
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(120_000);
	}

	@Test
	void createCapsTheTimeToLiveByTheAbsoluteTimeout() {
		create(Duration.ofMinutes(30), Duration.ofMinutes(1), Duration.ofMinutes(2));
		assertThat(server.commands().pttl("key")).isBetween(170_000L, 180_000L);
		assertThat(server.commands().hget("key", "l")).isNotNull();
	}

	@Test
	void loadRefusesAnotherDigestAndTouchesOnlyOnRequest() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(run(LuaScript.LOAD, OTHER_DIGEST, 0)).containsExactly(0L);
		server.commands().pexpire("key", 100_000);
		assertThat(run(LuaScript.LOAD, DIGEST, -1)).hasSize(5);
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(100_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 30_000)).as("the interval is capped at a tenth").hasSize(5);
		assertThat(server.commands().pttl("key")).isGreaterThan(119_000);
	}

	@Test
	void theSecondRequestGivesASessionItsLastingIdleTimeout() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO, Duration.ofHours(1).toMillis());
		assertThat(header().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
		assertThat(header().lastingIdleTimeout()).isEqualTo(Duration.ofHours(1));
		assertThat(run(LuaScript.LOAD, DIGEST, -1)).as("no request of its client").hasSize(5);
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(120_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 30_000)).as("within the touch interval").hasSize(5);
		assertThat(server.commands().pttl("key")).isBetween(3_650_000L, 3_660_000L);
		assertThat(header().idleTimeout()).isEqualTo(Duration.ofHours(1));
		assertThat(header().laterIdleTimeout()).isNull();
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).as("and keeps it").hasSize(5);
		assertThat(server.commands().hexists("key", "l")).isFalse();
	}

	@Test
	void aSessionWithoutASecondRequestExpiresSooner() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO, Duration.ofHours(1).toMillis());
		server.commands().pexpire("key", 60_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).containsExactly(-3L);
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(60_000);
		assertThat(run(LuaScript.CLAIM, "node", 40_000, 1)).hasSizeGreaterThan(2);
	}

	@Test
	void theSecondRequestKeepsTheAbsoluteDeadlineAndTheIndexEntries() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofHours(1).toMillis());
		IndexEntry alice = IndexEntry.principal("a");
		assertThat(saveEntries(Set.of(alice.name()), Set.of(alice))).containsExactly(1L, "");
		SessionHeader before = header();
		List<Object> loaded = run(LuaScript.LOAD, DIGEST, 0);
		assertThat(server.commands().pttl("key")).as("capped").isBetween(170_000L, 180_000L);
		assertThat(header().deadline()).isEqualTo(before.deadline());
		assertThat(header().laterIdleTimeout()).isNull();
		assertThat(header().created()).isEqualTo(before.created());
		assertThat(entries(run(LuaScript.LOOK).get(0))).containsExactly(alice);
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).as("the answer had the new header")
			.hasSameSizeAs(loaded)
			.contains(loaded.get(loaded.indexOf("m") + 1));
	}

	@Test
	void theSecondRequestOfASessionThatIsToLiveForEver() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO, -1);
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(120_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).hasSize(5);
		assertThat(server.commands().pttl("key")).isEqualTo(-1);
		assertThat(server.commands().hget("key", "l")).isNotNull();
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).as("knows its last access").hasSize(7);
	}

	@Test
	void aSaveBeforeTheSecondRequestChangesTheLastingIdleTimeout() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO, Duration.ofHours(1).toMillis());
		assertThat(save(DIGEST, 7_200_000, "")).containsExactly(1L);
		assertThat(header().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
		assertThat(header().lastingIdleTimeout()).isEqualTo(Duration.ofHours(2));
		assertThat(server.commands().pttl("key")).isLessThanOrEqualTo(120_000);
		assertThat(save(DIGEST, "", 0)).as("an access").containsExactly(1L);
		assertThat(header().idleTimeout()).isEqualTo(Duration.ofHours(2));
		assertThat(header().laterIdleTimeout()).isNull();
		assertThat(server.commands().pttl("key")).isGreaterThan(7_200_000);
	}

	@Test
	void loadDistinguishesAnExpiredSessionFromNoneForClientsWithItsSecretAndKeepsIt() {
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).containsExactly(0L);
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().pexpire("key", 60_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).containsExactly(-3L);
		assertThat(run(LuaScript.LOAD, "", -1)).as("by its handle").containsExactly(-3L);
		assertThat(run(LuaScript.LOAD, OTHER_DIGEST, 0)).containsExactly(0L);
		assertThat(server.commands().pttl("key")).isBetween(50_000L, 60_000L);
	}

	@Test
	void loadDistinguishesASessionPastItsAbsoluteDeadlineFromNone() {
		create(Duration.ofMinutes(30), Duration.ofMinutes(1), Duration.ofMillis(1));
		await().untilAsserted(() -> assertThat(run(LuaScript.LOAD, DIGEST, 0)).containsExactly(-3L));
		assertThat(run(LuaScript.LOAD, OTHER_DIGEST, 0)).containsExactly(0L);
	}

	@Test
	void saveRefusesWhatIsGoneExpiredClaimedOrRenamed() {
		assertThat(save(DIGEST, "", "")).containsExactly(0L, "");
		assertThat(server.keys()).isEmpty();
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(save(OTHER_DIGEST, "", "")).containsExactly(-2L, "");
		assertThat(save(new byte[0], "", "")).containsExactly(1L);
		server.commands().pexpire("key", 60_000);
		assertThat(save(DIGEST, 600_000, 0)).containsExactly(-7L, "");
		assertThat(run(LuaScript.CLAIM, "node", 40_000, 1)).hasSizeGreaterThan(2);
		assertThat(server.commands().pttl("key")).as("two leases").isGreaterThan(70_000);
		assertThat(save(DIGEST, 600_000, 0)).containsExactly(-7L, "");
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).containsExactly(-3L);
		assertThat(run(LuaScript.LOAD, OTHER_DIGEST, 0)).containsExactly(0L);
		assertThat(run(LuaScript.DELETE, DIGEST, 1)).containsExactly(0L);
		assertThat(run(LuaScript.DESCRIBE)).containsExactly(0L);
	}

	private List<Object> described() {
		List<Object> reply = run(LuaScript.DESCRIBE);
		assertThat(reply.get(0)).isEqualTo(reply.size() - 1L);
		return reply.subList(1, reply.size());
	}

	@Test
	void saveReplacesTheEntriesOfItsIndexesAndLeavesOthers() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		IndexEntry alice = IndexEntry.principal("alice");
		IndexEntry bob = IndexEntry.principal("bob");
		IndexEntry red = new IndexEntry("tags", "red, and so long that it doesn't fit behind the header");
		IndexEntry blue = new IndexEntry("tags", "bl\u00fc:e");
		IndexEntry empty = new IndexEntry("tags", "");
		assertThat(saveEntries(Set.of(alice.name()), Set.of(alice))).containsExactly(1L, "");
		assertThat(saveEntries(Set.of("tags"), Set.of(red, blue, empty))).containsExactly(1L, "");
		List<Object> reply = saveEntries(Set.of(bob.name()), Set.of(bob));
		assertThat(entries(reply.get(1))).containsExactly(alice);
		assertThat(server.commands().hexists("key", "i")).isTrue();
		assertThat(described()).hasSizeGreaterThan(5);
		reply = saveEntries(Set.of("tags", "none"), Set.of());
		assertThat(entries(reply.get(1))).containsExactlyInAnyOrder(red, blue, empty);
		reply = saveEntries(Set.of(bob.name()), Set.of());
		assertThat(entries(reply.get(1))).containsExactly(bob);
		assertThat(server.commands().hexists("key", "i")).isFalse();
		assertThat(saveEntries(Set.of(alice.name()), Set.of(alice))).containsExactly(1L, "");
		assertThat(server.commands().hexists("key", "i")).as("it fits behind the header").isFalse();
		save(DIGEST, 600_000, 0);
		assertThat(entries(described().get(1))).containsExactly(alice);
	}

	@Test
	void entriesAreKeptBesideADeadlineAndWithLengthsOfFourBytes() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(10));
		IndexEntry fitting = IndexEntry.principal("x".repeat(18));
		IndexEntry tooLong = IndexEntry.principal("x".repeat(19));
		IndexEntry huge = new IndexEntry("n".repeat(300), "v".repeat(70_000));
		saveEntries(Set.of(fitting.name()), Set.of(fitting));
		assertThat(server.commands().hexists("key", "i")).isFalse();
		assertThat(entries(described().get(1))).containsExactly(fitting);
		assertThat(entries(saveEntries(Set.of(tooLong.name()), Set.of(tooLong)).get(1))).containsExactly(fitting);
		assertThat(server.commands().hexists("key", "i")).isTrue();
		saveEntries(Set.of(huge.name()), Set.of(huge));
		assertThat(entries(described().get(1))).containsExactlyInAnyOrder(tooLong, huge);
		assertThat(entries(saveEntries(Set.of(huge.name()), Set.of()).get(1))).containsExactly(huge);
		assertThat(save(DIGEST, 120_000, "")).containsExactly(1L);
		assertThat(SessionHeader.decode(header(described())).deadline()).isAfter(Instant.now());
	}

	private static byte[] header(List<Object> description) {
		return ((String) description.get(0)).getBytes(StandardCharsets.ISO_8859_1);
	}

	@Test
	void everySaveButAPureAccess_changesTheRevision() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		byte[] created = rawHeader();
		assertThat(run(LuaScript.LOAD, DIGEST, 0)).isNotEmpty();
		assertThat(rawHeader()).as("after an access").isEqualTo(created);
		revise("", "", "0", "");
		assertThat(rawHeader()).as("after a save of an access only").isEqualTo(created);
		revise("", "", "", "random", "attribute", "1");
		byte[] changed = rawHeader();
		assertThat(revision(changed)).isNotEqualTo(revision(created));
		assertThat(Arrays.copyOf(changed, 32)).isEqualTo(Arrays.copyOf(created, 32));
		revise("", "120000", "", "random");
		byte[] longer = rawHeader();
		assertThat(revision(longer)).as("after a change of the timeout only").isNotEqualTo(revision(changed));
		revise(OTHER_DIGEST, "", "", "random");
		assertThat(revision(rawHeader())).as("after a change of the id only").isNotEqualTo(revision(longer));
	}

	@Test
	void sameSaveOnTopOfOtherContent_resultsInAnotherRevision() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		revise("", "", "", "random", "attribute", "1");
		byte[] first = rawHeader();
		revise("", "", "", "random", "attribute", "1");
		assertThat(revision(rawHeader())).isNotEqualTo(revision(first));
	}

	@Test
	void revisionThatOverflows_startsAgain() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		long before = revision(rawHeader());
		revise("", "", "", new byte[] { -1, -1, -1, -1, -1, -1 }, "attribute", "1");
		assertThat(revision(rawHeader())).isEqualTo((before + (1L << 48) - 1) % (1L << 48));
	}

	private void revise(Object newDigest, Object idle, Object age, Object random, Object... fields) {
		List<Object> args = new ArrayList<>(
				List.of(DIGEST, newDigest, idle, age, "", "", "", "", "", "", random, "", 0));
		args.addAll(List.of(fields));
		assertThat(run(LuaScript.SAVE, args.toArray())).containsExactly(1L);
	}

	private byte[] rawHeader() {
		return this.redis.sync().hget(KEY, "m".getBytes(StandardCharsets.UTF_8));
	}

	private static long revision(byte[] header) {
		return new BigInteger(1, Arrays.copyOfRange(header, 32, 38)).longValueExact();
	}

	@Test
	void saveMovesTheLastAccessForwardOnly() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(save(DIGEST, "", 50_000)).containsExactly(1L);
		assertThat(server.commands().pttl("key")).isGreaterThan(119_000);
		server.commands().pexpire("key", 70_000);
		assertThat(save(DIGEST, "", -5)).containsExactly(1L);
		assertThat(server.commands().pttl("key")).isBetween(119_000L, 120_000L);
	}

	@Test
	void saveKeepsTheLastAccessWhenTheTimeoutChangesToNeverAndBack() {
		create(Duration.ofMinutes(10), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().pexpire("key", Duration.ofMinutes(9).toMillis());
		assertThat(save(DIGEST, 0, "")).containsExactly(1L);
		assertThat(server.commands().pttl("key")).isEqualTo(-1);
		assertThat(save(DIGEST, 600_000, "")).containsExactly(1L);
		assertThat(server.commands().pttl("key")).isBetween(535_000L, 540_000L);
		assertThat(server.commands().hexists("key", "l")).isFalse();
	}

	@Test
	void aClaimIsItsOwnersUntilItsLeaseEnds() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		List<Object> alive = run(LuaScript.CLAIM, "first", 300, 1);
		assertThat(alive).startsWith(2L).hasSize(4);
		server.commands().pexpire("key", 60_000);
		assertThat(run(LuaScript.CLAIM, "first", 300, 1)).hasSizeGreaterThan(4);
		List<Object> others = run(LuaScript.CLAIM, "second", 300, 1);
		assertThat(others).hasSize(2).startsWith(3L);
		assertThat((long) others.get(1)).isBetween(1L, 300L);
		assertThat(run(LuaScript.RENEW, "second", 300)).containsExactly(0L);
		assertThat(run(LuaScript.FINISH, "second")).containsExactly(0L);
		assertThat(run(LuaScript.RENEW, "first", 300)).containsExactly(1L);
		await().until(() -> run(LuaScript.CLAIM, "second", 10_000, 1).size() > 4);
		assertThat(run(LuaScript.RENEW, "first", 300)).containsExactly(0L);
		assertThat(run(LuaScript.FINISH, "first")).containsExactly(0L);
		assertThat(run(LuaScript.FINISH, "second")).containsExactly(1L);
		assertThat(run(LuaScript.CLAIM, "second", 300, 1)).containsExactly(0L);
	}

	private List<Object> keepEnded() {
		return runOn(LuaScript.DELETE, new byte[][] { KEY, KEPT }, DIGEST, bytes("0"), bytes("5000"));
	}

	private List<Object> readEnded() {
		return runOn(LuaScript.ENDED, new byte[][] { KEY, KEPT });
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Test
	void aSessionIsReadWhileItLivesAndWhileItIsKept() {
		assertThat(readEnded()).containsExactly(0L);
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(readEnded()).contains("attribute", "1");
		assertThat(keepEnded()).contains("m");
		assertThat(server.keys()).containsExactly("kept");
		assertThat(server.commands().pttl("kept")).isBetween(1L, 5000L);
		assertThat(readEnded()).contains("attribute", "1");
		server.commands().hset("kept", "m", "\u00ff");
		assertThat(readEnded()).as("newer").containsExactly(-1L);
		server.commands().hset("kept", "m", "");
		assertThat(readEnded()).as("damaged").containsExactly(-5L);
		server.commands().set("kept", "no hash");
		assertThat(readEnded()).as("damaged").containsExactly(-5L);
	}

	@Test
	void aSessionThatHasExpiredIsKeptWithItsAge() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().pexpire("key", 60_000);
		assertThat(run(LuaScript.CLAIM, "owner", 300, 1)).hasSizeGreaterThan(4);
		assertThat(readEnded()).as("claimed").contains("attribute", "1");
		assertThat(runOn(LuaScript.FINISH, new byte[][] { KEY, KEPT }, bytes("other"), bytes("60000"), bytes("5000")))
			.containsExactly(0L);
		assertThat(runOn(LuaScript.FINISH, new byte[][] { KEY, KEPT }, bytes("owner"), bytes("60000"), bytes("5000")))
			.containsExactly(1L);
		List<Object> kept = readEnded();
		assertThat((long) kept.get(kept.size() - 1)).isBetween(60_000L, 65_000L);
	}

	@Test
	void aSessionCanEndWithoutMemoryAndWithoutTheRightToRename() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().configSet("maxmemory", "1");
		try {
			assertThat(keepEnded()).contains("m");
		}
		finally {
			server.commands().configSet("maxmemory", "0");
		}
		assertThat(server.commands().pttl("kept")).isPositive();
		assertThat(server.commands().hget("kept", "l")).isNotNull();
		server.flushAll();
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().aclSetuser("default", AclSetuserArgs.Builder.removeCommand(CommandType.RENAME));
		try {
			assertThat(keepEnded()).contains("m");
		}
		finally {
			server.commands().aclSetuser("default", AclSetuserArgs.Builder.addCommand(CommandType.RENAME));
		}
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void aClaimReturnsTheHeaderOfASessionWithoutAttributes() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		IndexEntry alice = IndexEntry.principal("alice");
		saveEntries(Set.of(alice.name()), Set.of(alice));
		this.redis.sync().hset(KEY, "s".getBytes(StandardCharsets.UTF_8), "secret".getBytes(StandardCharsets.UTF_8));
		this.redis.sync().hset(KEY, "attribute".getBytes(StandardCharsets.UTF_8), new byte[100_000]);
		server.commands().pexpire("key", 60_000);
		List<Object> claimed = run(LuaScript.CLAIM, "node", 40_000, 1);
		assertThat(entries(claimed.get(claimed.indexOf("i") + 1))).containsExactly(alice);
		assertThat(claimed.get(claimed.indexOf("s") + 1)).isEqualTo("secret");
		assertThat(claimed).doesNotContain("attribute");
		assertThat((long) claimed.get(claimed.size() - 2)).isBetween(60_000L, 70_000L);
		assertThat((long) claimed.get(claimed.size() - 1)).isBetween(100_000L, 100_500L);
		assertThat(run(LuaScript.CLAIM, "node", 40_000, 0)).endsWith(0L);
	}

	@Test
	void aLoadWithoutContentChecksTheSessionAndRecordsTheAccess() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		server.commands().pexpire("key", 90_000);
		List<Object> reply = run(LuaScript.LOAD, DIGEST, 0, "*");
		assertThat(reply.get(0)).isEqualTo(-8L);
		assertThat((long) reply.get(1)).isBetween(30_000L, 31_000L);
		assertThat(server.commands().pttl("key")).isGreaterThan(110_000);
		assertThat(run(LuaScript.LOAD, OTHER_DIGEST, 0, "*")).containsExactly(0L);
		server.commands().pexpire("key", 50_000);
		assertThat(run(LuaScript.LOAD, DIGEST, 0, "*")).containsExactly(-3L);
		server.commands().del("key");
		assertThat(run(LuaScript.LOAD, DIGEST, 0, "*")).containsExactly(0L);
		server.commands().set("key", "text");
		assertThat(run(LuaScript.LOAD, DIGEST, 0, "*")).containsExactly(-5L);
	}

	@Test
	void aSecondRequestThatLoadsNoContentGetsTheRegularIdleTimeout() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO, 600_000);
		assertThat(header().laterIdleTimeout()).isEqualTo(Duration.ofMinutes(10));
		assertThat(run(LuaScript.LOAD, DIGEST, 0, "*")).startsWith(-8L);
		assertThat(header().idleTimeout()).isEqualTo(Duration.ofMinutes(10));
		assertThat(header().laterIdleTimeout()).isNull();
		assertThat(server.commands().pttl("key")).isGreaterThan(600_000);
	}

	@Test
	void aSaveOfAttributesAloneHasTheResultOfTheGeneralScript() {
		Map<String, String> frequent = saveAttributes(0);
		Map<String, String> general = saveAttributes(500);
		assertThat(general).hasSize(frequent.size() + 500);
		general.keySet().removeIf((name) -> name.startsWith("more"));
		assertThat(frequent).isEqualTo(general).containsKeys("m", "a", "new").doesNotContainKey("attribute");
	}

	/** Saves attributes, so many that the script for the frequent case leaves them. */
	private Map<String, String> saveAttributes(int more) {
		this.redis.sync().del(KEY);
		byte[] entries = IndexEntry.encode(Set.of(IndexEntry.principal("alice")));
		byte[] header = new SessionHeader(DIGEST, Instant.ofEpochMilli(1_000), Duration.ofMinutes(1),
				Duration.ofMinutes(1), null, null)
			.encode(entries);
		System.arraycopy("REVISI".getBytes(StandardCharsets.UTF_8), 0, header, 32, 6);
		run(LuaScript.CREATE, header, 0, "", "attribute", "1", "a", "seal");
		List<Object> args = new ArrayList<>(
				List.of(DIGEST, "", "", "", "", "", "seal", "", "", "", "random", header, 1, "attribute", "new", "2"));
		for (int i = 0; i < more; i++) {
			args.addAll(List.of("more" + i, "x"));
		}
		List<Object> reply = run(LuaScript.SAVE, args.toArray());
		assertThat(reply).startsWith(1L, "");
		assertThat(((String) reply.get(2)).getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(rawHeader());
		assertThat(IndexEntry.decode(Arrays.copyOfRange(rawHeader(), 38, rawHeader().length)))
			.containsExactly(IndexEntry.principal("alice"));
		Map<String, String> fields = new HashMap<>();
		this.redis.sync()
			.hgetall(KEY)
			.forEach((name, value) -> fields.put(new String(name, StandardCharsets.UTF_8),
					new String(value, StandardCharsets.ISO_8859_1)));
		return fields;
	}

	@Test
	void aSaveOfAttributesAloneIsRefusedLikeAnyOther() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(saveNew(OTHER_DIGEST, "")).containsExactly(-2L, "");
		assertThat(saveNew(DIGEST, "another seal")).containsExactly(-4L, "");
		server.commands().pexpire("key", 60_000);
		assertThat(saveNew(DIGEST, "")).containsExactly(-7L, "");
		server.commands().del("key");
		assertThat(saveNew(DIGEST, "")).containsExactly(0L, "");
		server.commands().set("key", "text");
		assertThat(saveNew(DIGEST, "")).containsExactly(-5L, "");
	}

	private List<Object> saveNew(byte[] digest, String seal) {
		return run(LuaScript.SAVE, digest, "", "", "", "", "", seal, "", "", "", "random", "", 0, "new", "2");
	}

	@Test
	void anAccessRenewsATimeToLiveOfMonths() {
		Duration idle = Duration.ofDays(90);
		create(idle, Duration.ofMinutes(1), Duration.ZERO);
		server.commands().pexpire("key", Duration.ofDays(50).toMillis());
		run(LuaScript.LOAD, DIGEST, 0);
		assertThat(server.commands().pttl("key")).isGreaterThan(idle.toMillis());
	}

	@Test
	void aSessionThatIsClaimedAgainAndAgainIsNotKeptForEver() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		int lengthened = 0;
		for (int i = 0; i < 30; i++) {
			server.commands().pexpire("key", 30_000);
			assertThat(run(LuaScript.CLAIM, "node" + i % 2, 0, 1)).hasSizeGreaterThan(4);
			assertThat(run(LuaScript.CLAIM, "node" + i % 2, 40_000, 1)).hasSizeGreaterThan(4);
			assertThat(run(LuaScript.RENEW, "node" + i % 2, 40_000)).containsExactly(1L);
			lengthened += (server.commands().pttl("key") > 30_000) ? 1 : 0;
			// Its lease ends
			run(LuaScript.CLAIM, "node" + i % 2, 0, 1);
		}
		assertThat(lengthened).isBetween(2, 10);
	}

	@Test
	void aliveReturnsWhichSessionsLive() {
		assertThat(run(LuaScript.ALIVE)).containsExactly(0L);
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		assertThat(run(LuaScript.ALIVE)).containsExactly(1L);
		server.commands().pexpire("key", 60_000);
		assertThat(run(LuaScript.ALIVE)).containsExactly(0L);
		server.commands().hset("key", "m", "newer");
		assertThat(run(LuaScript.ALIVE)).containsExactly(-1L);
		server.commands().hset("key", "m", "");
		assertThat(run(LuaScript.ALIVE)).containsExactly(-5L);
		server.commands().set("key", "no session");
		assertThat(run(LuaScript.ALIVE)).containsExactly(-5L);
	}

	@Test
	void loadOmitsASessionThatIsLargerThanRequested() {
		create(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO);
		this.redis.sync().hset(KEY, "attribute".getBytes(StandardCharsets.UTF_8), new byte[1000]);
		List<Object> reply = run(LuaScript.LOAD, "", -1, "", 900);
		assertThat(reply).hasSize(2).startsWith(-6L);
		assertThat((long) reply.get(1)).isBetween(1000L, 1100L);
		assertThat(run(LuaScript.LOAD, "", -1, "", reply.get(1))).contains("attribute");
	}

	@Test
	void aHintMovesOnlyFromTheScoreThatWasRead() {
		assertThat(run(LuaScript.HINT, "handle", 100_000, "")).containsExactly(1L);
		assertThat(run(LuaScript.HINT, "handle", 1, "12")).containsExactly(0L);
		assertThat(run(LuaScript.HINT, "gone", 1, "12")).containsExactly(0L);
		server.commands().zadd("key", 12, "handle");
		assertThat(run(LuaScript.DUE, 5)).startsWith("handle", "12").hasSize(3);
		assertThat(run(LuaScript.HINT, "handle", 100_000, "12")).containsExactly(1L);
		assertThat(run(LuaScript.DUE, 5)).hasSize(1);
	}

	@Test
	void aHintIsBroughtForwardOnlyWhenItIsThere() {
		assertThat(run(LuaScript.HINT, "handle", 1000, "<")).containsExactly(0L);
		assertThat(server.keys()).isEmpty();
		server.commands().zadd("key", 12, "handle");
		assertThat(run(LuaScript.HINT, "handle", 1000, "<")).containsExactly(1L);
		assertThat(server.commands().zscore("key", "handle")).as("not later, and not as it was read").isEqualTo(11);
		server.commands().zadd("key", 9e15, "handle");
		assertThat(run(LuaScript.HINT, "handle", 1000, "<")).containsExactly(1L);
		assertThat(server.commands().zscore("key", "handle")).isLessThan(System.currentTimeMillis() + 2000);
	}

	@Test
	void dueReturnsTheOldestFirstAndNoMoreThanRequested() {
		server.commands().zadd("key", 3, "c");
		server.commands().zadd("key", 1, "a");
		server.commands().zadd("key", 2, "b");
		assertThat(run(LuaScript.DUE, 2)).startsWith("a", "1", "b", "2").hasSize(5);
	}

	@Test
	void removeLeavesWhatHasNotPassed() {
		server.commands().zadd("key", 100, "handle");
		assertThat(run(LuaScript.REMOVE, "other", "")).containsExactly(0L);
		assertThat(run(LuaScript.REMOVE, "handle", "")).containsExactly(1L);
		server.commands().zadd("key", 9e15, "handle");
		assertThat(run(LuaScript.REMOVE, "handle", "")).containsExactly(0L);
	}

	@Test
	void removeLeavesWhatIsNotAsItWasFound() {
		server.commands().zadd("key", 9e14, "handle");
		assertThat(run(LuaScript.REMOVE, "handle", "900000000000000.5")).containsExactly(0L);
		assertThat(run(LuaScript.REMOVE, "other", "900000000000000")).containsExactly(0L);
		assertThat(run(LuaScript.REMOVE, "handle", "900000000000000")).containsExactly(1L);
		assertThat(server.keys()).isEmpty();
	}

	private List<Object> reserve(String handle, int limit) {
		return run(LuaScript.RESERVE, handle, limit, 30_000, "");
	}

	@Test
	void reserveMarksAPlaceUntilItsTimeHasPassed() {
		long before = System.currentTimeMillis();
		List<Object> reserved = reserve("first", 1);
		assertThat(reserved).hasSize(2).startsWith(1L);
		assertThat((String) reserved.get(1)).endsWith(".5");
		assertThat(server.commands().zscore("key", "first")).isEqualTo(Double.parseDouble((String) reserved.get(1)))
			.isBetween(before + 29_000.0, before + 40_000.0);
		assertThat(server.commands().pttl("key")).as("a day longer").isBetween(86_400_000L, 86_430_000L);
		assertThat(reserve("second", 1)).containsExactly(0L, "first", reserved.get(1));
		assertThat(reserve("second", 2)).startsWith(1L);
		assertThat(reserve("third", 2)).startsWith(0L).hasSize(5);
		server.commands().zadd("key", 1000.5, "first");
		assertThat(reserve("third", 2)).startsWith(1L);
		assertThat(server.commands().zrange("key", 0, -1)).containsExactly("second", "third");
	}

	@Test
	void reserveLeavesSessionsWhoseTimeHasPassed() {
		server.commands().zadd("key", 1000, "first");
		assertThat(reserve("second", 1)).containsExactly(0L, "first", "1000");
	}

	@Test
	void whoHasAPlaceHasItHoweverFullItIs() {
		reserve("first", 2);
		run(LuaScript.INDEX, "first", 900_000, 0, 0);
		Double score = server.commands().zscore("key", "first");
		assertThat(score % 1).isZero();
		reserve("second", 2);
		assertThat(reserve("first", 1)).containsExactly(1L);
		assertThat(server.commands().zscore("key", "first")).isEqualTo(score);
		assertThat(server.commands().pttl("key")).as("as for the session").isGreaterThan(86_400_000L + 890_000);
	}

	@Test
	void aPlaceThatIsReservedAgainIsNotReleasedByItsPreviousHolder() {
		String before = (String) reserve("first", 1).get(1);
		String after = (String) reserve("first", 1).get(1);
		assertThat(Double.parseDouble(after)).isGreaterThan(Double.parseDouble(before));
		assertThat(run(LuaScript.REMOVE, "first", before)).containsExactly(0L);
		assertThat(run(LuaScript.REMOVE, "first", after)).containsExactly(1L);
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void aReservationMovesToAnotherSessionButNoSessionsPlaceDoes() {
		reserve("first", 1);
		assertThat(run(LuaScript.RESERVE, "second", 1, 30_000, "first")).startsWith(1L);
		assertThat(server.commands().zrange("key", 0, -1)).containsExactly("second");
		run(LuaScript.INDEX, "second", 900_000, 0, 0);
		assertThat(run(LuaScript.RESERVE, "third", 1, 30_000, "second")).startsWith(0L);
		assertThat(run(LuaScript.RESERVE, "third", 1, 30_000, "gone")).startsWith(0L);
		assertThat(server.commands().zrange("key", 0, -1)).containsExactly("second");
	}

	@Test
	void anIndexOfReservationsAloneIsNotTakenForOneWithoutEnd() {
		reserve("first", 1);
		run(LuaScript.INDEX, "first", 1000, 0, 0);
		assertThat(server.commands().pttl("key")).isBetween(86_400_000L, 86_430_000L);
		run(LuaScript.INDEX, "endless", 86_400_000, 1, 0);
		reserve("second", 9);
		assertThat(server.commands().pttl("key")).isEqualTo(-1);
	}

	@Test
	void admitAddsUpToTheLimitAndIsTheSameTwice() {
		assertThat(run(LuaScript.ADMIT, 0)).containsExactly(0L, 0L);
		assertThat(run(LuaScript.ADMIT, 1, "first", 1, 30_000)).containsExactly(1L, 0L);
		assertThat(run(LuaScript.ADMIT, 1, "first", 1, 30_000)).containsExactly(1L, 1L);
		assertThat(run(LuaScript.ADMIT, 1, "second", 1, 30_000)).containsExactly(0L, 1L);
		assertThat(run(LuaScript.ADMIT, 0)).containsExactly(0L, 1L);
		assertThat(server.commands().zrange("key", 0, -1)).containsExactly("first");
		assertThat(server.commands().zscore("key", "first")).isBetween(System.currentTimeMillis() + 20_000.0,
				System.currentTimeMillis() + 30_000.0);
	}

	@Test
	void anIndexOutlivesItsLongestMemberAndRenewsOnlyWhatIsThere() {
		assertThat(run(LuaScript.INDEX, "gone", 1000, 0, 1)).containsExactly(0L);
		assertThat(server.keys()).isEmpty();
		assertThat(run(LuaScript.INDEX, "long", 900_000, 0, 0)).containsExactly(1L);
		long ttl = server.commands().pttl("key");
		assertThat(ttl).isBetween(86_400_000L + 890_000, 86_400_000L + 900_000);
		run(LuaScript.INDEX, "short", 1000, 0, 0);
		assertThat(server.commands().pttl("key")).isBetween(ttl - 5000, ttl);
		run(LuaScript.INDEX, "endless", 86_400_000, 1, 0);
		assertThat(server.commands().pttl("key")).isEqualTo(-1);
		assertThat(run(LuaScript.INDEX, "short", 1000, 0, 1)).containsExactly(2L);
		assertThat(server.commands().pttl("key")).isEqualTo(-1);
	}

	@Test
	void theCollectorsLeaseIsOneNodesAtATime() {
		assertThat(run(LuaScript.LEASE, "first", 300)).containsExactly(1L);
		assertThat(run(LuaScript.LEASE, "second", 300)).containsExactly(0L);
		assertThat(run(LuaScript.RELEASE, "second")).containsExactly(0L);
		assertThat(run(LuaScript.LEASE, "first", 300)).containsExactly(1L);
		await().until(() -> run(LuaScript.LEASE, "second", 10_000).equals(List.of(1L)));
		assertThat(run(LuaScript.RELEASE, "first")).containsExactly(0L);
		assertThat(run(LuaScript.RELEASE, "second")).containsExactly(1L);
		assertThat(server.keys()).isEmpty();
	}

}
