package app.session.redis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.expiry.ExpiryStore;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Large sessions of which the node has no copy: a script checks them, and a plain
 * {@code HGETALL} returns the content.
 */
class DirectLoadITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final byte[] HEADER = { 'm' };

	private static final byte[] CLAIM = { 'c' };

	private static final Duration TOUCH = Duration.ZERO;

	private final TestRepositories repositories = TestRepositories.on(server);

	private final StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE);

	private final SessionCounts counts = new SessionCounts();

	private Node node;

	private SessionStore store;

	private StoredSession session;

	private byte[] digest;

	private byte[] key;

	@BeforeEach
	void create() {
		server.flushAll();
		this.node = this.repositories.unstarted((settings) -> {
		});
		this.store = new SessionStore(
				new CallSender(this.node.connectionFactory(), Duration.ofSeconds(2), null, this.counts), "app:session");
		this.session = this.node.repository().createSession();
		save("large", "x".repeat(10_000));
		this.key = this.store.keys().session(this.session.getHandle());
		this.digest = digest(this.session.getId());
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.redis.close();
	}

	private void save(String name, String value) {
		this.session.setAttribute(name, value);
		this.node.repository().save(this.session);
	}

	private static byte[] digest(String id) {
		return SessionHeader.digest(SessionId.parse(id).secret());
	}

	private SessionRecord load(byte[] digest) {
		return this.store.await(this.store.load(this.session.getHandle(), digest, TOUCH, null));
	}

	private static Map<String, byte[]> attributes(SessionRecord found) {
		Map<String, byte[]> attributes = new HashMap<>();
		found.forEachAttribute(attributes::put);
		return attributes;
	}

	/** Returns the names of the commands of a load. */
	private List<String> commands(byte[] digest) {
		try (Monitor monitor = Monitor.of(server)) {
			load(digest);
			return monitor.commands().stream().map(Monitor.Command::name).toList();
		}
	}

	/** Changes Redis between the two commands of a load, and returns the result. */
	private SessionRecord loadWith(Runnable change) {
		DirectLoad load = new DirectLoad(this.store.keys(), this.session.getHandle(), this.digest, TOUCH, null);
		this.store.await(this.store.engine().send(load.calls().get(0)));
		change.run();
		this.store.engine().send(load.calls().get(1));
		return this.store.await(load.loaded(this.store.replies()));
	}

	private void setHeader(int position, int value) {
		byte[] header = this.redis.sync().hget(this.key, HEADER);
		header[position] = (byte) value;
		this.redis.sync().hset(this.key, HEADER, header);
	}

	@Test
	void largeSession_isReadWithoutLuaFromTheSecondTimeOn_inOneRoundTrip() {
		Map<String, byte[]> byScript = attributes(load(this.digest));
		long roundTrips = this.counts.get(SessionCounter.ROUND_TRIPS);
		Map<String, byte[]> direct = attributes(load(this.digest));
		assertThat(this.counts.get(SessionCounter.ROUND_TRIPS) - roundTrips).isOne();
		assertThat(commands(this.digest)).containsExactly("EVALSHA", "HGETALL");
		assertThat(direct.keySet()).isEqualTo(byScript.keySet()).isNotEmpty();
		assertThat(direct).allSatisfy((name, value) -> assertThat(value).isEqualTo(byScript.get(name)));
	}

	@Test
	void smallSession_isReadByTheScriptAlone() {
		save("large", "small");
		load(this.digest);
		load(this.digest);
		assertThat(commands(this.digest)).containsExactly("EVALSHA");
	}

	@Test
	void sessionThatHasBecomeSmall_isReadByTheScriptAgain() {
		load(this.digest);
		save("large", "small");
		assertThat(commands(this.digest)).containsExactly("EVALSHA", "HGETALL");
		assertThat(commands(this.digest)).containsExactly("EVALSHA");
	}

	@Test
	void wrongSecret_transfersNoContent() {
		load(this.digest);
		load(this.digest);
		assertThat(load(digest(this.session.getHandle() + "w".repeat(43)))).isNull();
		assertThat(commands(digest(this.session.getHandle() + "v".repeat(43)))).containsExactly("EVALSHA");
	}

	@Test
	void secretOfAnotherLargeSession_transfersNoContent() {
		load(this.digest);
		StoredSession other = this.node.repository().createSession();
		other.setAttribute("large", "x".repeat(10_000));
		this.node.repository().save(other);
		this.store.await(this.store.load(other.getHandle(), digest(other.getId()), TOUCH, null));
		assertThat(commands(digest(other.getId()))).containsExactly("EVALSHA");
		assertThat(load(digest(other.getId()))).isNull();
	}

	@Test
	void forgottenScripts_areSentAgain() {
		load(this.digest);
		server.commands().scriptFlush();
		assertThat(attributes(load(this.digest))).containsKey("large");
		assertThat(commands(this.digest)).containsExactly("EVALSHA", "HGETALL");
	}

	@Test
	void listing_readsLargeSessions_andOmitsThoseThatCanNotBeRead() {
		String handle = this.session.getHandle();
		assertThat(listed().sessions()).singleElement()
			.satisfies((found) -> assertThat(attributes(found)).containsKey("large"));
		setHeader(0, 32);
		assertThat(listed()).isEqualTo(LoadedSessions.none());
		this.redis.sync().hset(this.key, HEADER, new byte[] { 16, 1 });
		assertThat(listed()).isEqualTo(LoadedSessions.none());
		this.redis.sync().del(this.key);
		assertThat(listed().gone()).containsExactly(handle);
		this.redis.sync().set(this.key, HEADER);
		assertThat(listed()).isEqualTo(LoadedSessions.none());
	}

	private LoadedSessions listed() {
		return this.store
			.await(this.store.bulk().loadLarge(List.of(new LoadedSessions.Large(this.session.getHandle(), 10_000))));
	}

	@Test
	void claimedSession_isReadByItsClaimantOnly() {
		SessionRecord claimed = load(this.digest);
		ExpiryStore expiry = new ExpiryStore(this.store, "node", Duration.ofSeconds(10));
		List<ExpiryStore.Claim> claims = List.of(new ExpiryStore.Claim(claimed, 10_000));
		assertThat(this.store.await(expiry.content(claims))).isEmpty();
		this.redis.sync().hset(this.key, CLAIM, "123456other".getBytes(StandardCharsets.UTF_8));
		assertThat(this.store.await(expiry.content(claims))).isEmpty();
		this.redis.sync().hset(this.key, CLAIM, "123456node".getBytes(StandardCharsets.UTF_8));
		assertThat(this.store.await(expiry.content(claims))).singleElement().satisfies((found) -> {
			assertThat(attributes(found)).containsKey("large");
			assertThat(found.age()).isEqualTo(claimed.age());
		});
		this.redis.sync().del(this.key);
		assertThat(this.store.await(expiry.content(claims))).isEmpty();
	}

	@Test
	void changedId_isReadByTheScriptTheFirstTime() {
		load(this.digest);
		this.session.changeSessionId();
		this.node.repository().save(this.session);
		assertThat(load(this.digest)).isNull();
		assertThat(commands(digest(this.session.getId()))).containsExactly("EVALSHA");
		assertThat(commands(digest(this.session.getId()))).containsExactly("EVALSHA", "HGETALL");
	}

	@Test
	void directLoad_recordsTheAccess() {
		load(this.digest);
		this.redis.sync().pexpire(this.key, this.redis.sync().pttl(this.key) - Duration.ofMinutes(25).toMillis());
		assertThat(load(this.digest).age()).isGreaterThan(Duration.ofMinutes(20));
		assertThat(load(this.digest).age()).isLessThan(Duration.ofMinutes(1));
	}

	@Test
	void expiredSession_isNotFound() {
		load(this.digest);
		this.redis.sync().pexpire(this.key, 1000);
		long expired = this.counts.get(SessionCounter.LOOKUP_EXPIRED);
		assertThat(load(this.digest)).isNull();
		assertThat(this.counts.get(SessionCounter.LOOKUP_EXPIRED) - expired).isOne();
	}

	@Test
	void keyOfAnotherType_isADamagedSession() {
		load(this.digest);
		this.redis.sync().del(this.key);
		this.redis.sync().set(this.key, HEADER);
		assertThat(load(this.digest)).isNull();
		assertThat(this.counts.get(SessionCounter.DAMAGED)).isOne();
	}

	@Test
	void changeOfAnotherNode_betweenTheCommands_isReturned() {
		assertThat(attributes(loadWith(() -> save("other", "value")))).containsKeys("large", "other");
	}

	@Test
	void sessionThatEnds_betweenTheCommands_isNotFound() {
		assertThat(loadWith(() -> this.redis.sync().del(this.key))).isNull();
		assertThat(this.counts.get(SessionCounter.LOOKUP_MISS)).isOne();
	}

	@Test
	void idThatChanges_betweenTheCommands_opensNothing() {
		assertThat(loadWith(() -> {
			this.session.changeSessionId();
			this.node.repository().save(this.session);
		})).isNull();
	}

	@Test
	void sessionThatIsClaimed_betweenTheCommands_isNotFound() {
		assertThat(loadWith(() -> setHeader(0, 17))).isNull();
	}

	@Test
	void newerFormat_betweenTheCommands_isNotRead() {
		assertThatExceptionOfType(SessionStoreUnavailableException.class)
			.isThrownBy(() -> loadWith(() -> setHeader(0, 32)))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(Reason.NEWER_FORMAT));
	}

	@Test
	void damage_betweenTheCommands_isCountedAndNotRead() {
		assertThat(loadWith(() -> this.redis.sync().hset(this.key, HEADER, new byte[] { 16, 1 }))).isNull();
		assertThat(this.counts.get(SessionCounter.DAMAGED)).isOne();
		assertThat(this.counts.get(SessionCounter.LOOKUP_UNREADABLE)).isOne();
	}

	@Test
	void anotherSession_underTheSameKey_opensNothing() {
		StoredSession other = this.node.repository().createSession();
		this.node.repository().save(other);
		assertThat(loadWith(() -> {
			this.redis.sync().del(this.key);
			this.redis.sync().rename(this.store.keys().session(other.getHandle()), this.key);
		})).isNull();
	}

	@Test
	void emptyHash_isNoSession() {
		Call fields = Call.fields("no:such:key".getBytes(StandardCharsets.UTF_8));
		assertThat(this.store.await(this.store.engine().send(fields)).field('m')).isNull();
	}

}
