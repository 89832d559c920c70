package app.session.redis.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import app.session.redis.SessionId;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueCodec;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.store.SessionHeader;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * What somebody who can write to Redis, but has no key, can do to an encrypted store.
 */
class EncryptedStoreITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final String CONTEXT = "SPRING_SECURITY_CONTEXT";

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private static EncryptionKeys keys(String active) {
		Map<String, byte[]> keys = new LinkedHashMap<>();
		keys.put("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8));
		keys.put("k2", "the other key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8));
		return new EncryptionKeys(keys, active);
	}

	private Node encrypted() {
		return node((settings) -> settings.encryptionKeys(keys("k1")));
	}

	private Node accepting(String active) {
		return node((settings) -> {
			settings.encryptionKeys(keys(active));
			settings.acceptPlainUntil(Instant.now().plus(Duration.ofDays(1)));
		});
	}

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return this.repositories.unstarted((builder) -> {
			// Each read must see what the test has written to Redis
			builder.nearCache(false);
			settings.accept(builder);
		});
	}

	private Node plain() {
		return node((settings) -> {
		});
	}

	private static StoredSession create(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(CONTEXT, context(principal, "ROLE_USER"));
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		node.repository().save(session);
		return session;
	}

	private static SecurityContext context(String principal, String role) {
		return new SecurityContextImpl(UsernamePasswordAuthenticationToken.authenticated(principal, null,
				AuthorityUtils.createAuthorityList(role)));
	}

	private static StoredSession open(Node node, StoredSession session) {
		return node.repository().clientSessions().findById(session.getId());
	}

	private static String principal(StoredSession session) {
		SecurityContext context = session.getAttribute(CONTEXT);
		return (context != null) ? context.getAuthentication().getName() : null;
	}

	private static byte[] key(StoredSession session) {
		return ("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static Map<String, byte[]> content(StoredSession session) {
		Map<String, byte[]> content = new LinkedHashMap<>();
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync()
				.hgetall(key(session))
				.forEach((field, value) -> content.put(new String(field, StandardCharsets.UTF_8), value));
		}
		return content;
	}

	private static void write(StoredSession session, String field, byte[] value) {
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync().hset(key(session), bytes(field), value);
		}
	}

	private static void remove(StoredSession session, String field) {
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync().hdel(key(session), bytes(field));
		}
	}

	private static void restore(StoredSession session, Map<String, byte[]> content) {
		content.forEach((field, value) -> write(session, field, value));
	}

	/** As {@code ValueCodec} writes Java serialization without encryption. */
	private static byte[] serialized(Object value) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(2);
		try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
			objects.writeObject(value);
		}
		return out.toByteArray();
	}

	@Test
	void aPlainSecurityContextMakesNobodyAnAdministrator() throws IOException {
		Node node = encrypted();
		StoredSession session = create(node, "bob");
		write(session, CONTEXT, serialized(context("bob", "ROLE_ADMIN")));
		StoredSession found = open(node, session);
		assertThat(found.<Object>getAttribute(CONTEXT)).isNull();
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
		write(session, "role", bytes("\001admin"));
		assertThat(open(node, session).<Object>getAttribute("role")).isNull();
	}

	@Test
	void aChosenSecretOpensNothing() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		String secret = "a-secret-that-the-attacker-has-chosen-it-is";
		byte[] header = content(session).get("m");
		System.arraycopy(SessionHeader.digest(secret), 0, header, 1, 16);
		write(session, "m", header);
		assertThat(node.repository().clientSessions().findById(session.getHandle() + secret)).isNull();
		assertThat(node.repository().findById(session.getHandle())).isNull();
		assertThat(node.repository().getStatistics().get(SessionCounter.REFUSED)).isEqualTo(2);
		assertThat(node.repository().getStatistics().get(SessionCounter.LOOKUP_UNREADABLE)).isEqualTo(2);
	}

	@Test
	void aForgedSessionIsRefusedWholly() throws IOException {
		StoredSession forged = create(plain(), "alice");
		Node node = encrypted();
		assertThat(open(node, forged)).isNull();
		assertThat(node.repository().findById(forged.getHandle())).isNull();
		assertThat(node.repository().findByPrincipalName("alice")).isEmpty();
		assertThat(node.repository().deleteByPrincipalName("alice")).isZero();
		StoredSession genuine = create(node, "bob");
		Map<String, byte[]> content = content(genuine);
		write(forged, "a", content.get("a"));
		assertThat(open(node, forged)).as("with another session's seal").isNull();
		restore(forged, content);
		assertThat(open(node, forged)).as("with all that another session has").isNull();
	}

	@Test
	void neitherTimeOfTheHeaderCanBeChanged() {
		Node node = node((settings) -> {
			settings.encryptionKeys(keys("k1"));
			settings.absoluteTimeout(Duration.ofHours(1));
		});
		StoredSession session = create(node, "alice");
		byte[] header = content(session).get("m");
		assertThat(principal(open(node, session))).isEqualTo("alice");
		assertThat(node.repository().operations().describe(session.getHandle()).deadline())
			.isBetween(Instant.now().plus(Duration.ofMinutes(59)), Instant.now().plus(Duration.ofHours(1)));
		for (int place : new int[] { 22, 43 }) {
			byte[] changed = header.clone();
			changed[place]++;
			write(session, "m", changed);
			assertThat(open(node, session)).as("byte " + place).isNull();
		}
		byte[] withoutDeadline = header.clone();
		withoutDeadline[0] &= ~4;
		write(session, "m", withoutDeadline);
		assertThat(open(node, session)).as("no deadline").isNull();
		write(session, "m", header);
		assertThat(open(node, session)).isNotNull();
	}

	@Test
	void whatAPrincipalHadBeforeTheLogInDoesNotReplay() {
		Node node = encrypted();
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		session.setAttribute("coupon", "anonymous");
		node.repository().save(session);
		Map<String, byte[]> before = content(session);
		StoredSession login = open(node, session);
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		node.repository().save(login);
		Map<String, byte[]> after = content(login);
		assertThat(after.get("a")).isNotEqualTo(before.get("a"));
		assertThat(after.get("coupon")).as("sealed anew").isNotEqualTo(before.get("coupon"));
		assertThat(open(node, login).<String>getAttribute("coupon")).isEqualTo("anonymous");
		write(login, "coupon", before.get("coupon"));
		assertThat(open(node, login).<Object>getAttribute("coupon")).as("replayed").isNull();
		assertThat(principal(open(node, login))).isEqualTo("alice");
		write(login, "a", before.get("a"));
		assertThat(open(node, login)).as("with the seal of the time before").isNull();
	}

	@Test
	void aSwitchOfThePrincipalWithoutANewIdRenewsTheEpochToo() {
		Node node = encrypted();
		StoredSession session = create(node, "admin");
		byte[] asAdmin = content(session).get(CONTEXT);
		StoredSession found = open(node, session);
		found.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		node.repository().save(found);
		write(session, CONTEXT, asAdmin);
		assertThat(open(node, session).<Object>getAttribute(CONTEXT)).isNull();
		assertThat(open(node, session).<List<String>>getAttribute("cart")).containsExactly("book");
	}

	@Test
	void aSecretThatSomebodyWritesOpensNothing() {
		String secret = "a-secret-that-the-attacker-has-chosen-it-is";
		for (Node node : List.of(encrypted(), plain())) {
			StoredSession session = create(node, "alice");
			write(session, "s", bytes(secret));
			StoredSession found = node.repository().findByPrincipalName("alice").values().iterator().next();
			assertThat(found.getId()).doesNotContain(secret);
			assertThat(node.repository().findById(session.getHandle()).getId()).doesNotContain(secret);
			write(session, "s", bytes(""));
			assertThat(node.repository().findById(session.getHandle()).getId()).isNotEmpty();
			node.repository().deleteById(session.getHandle());
		}
	}

	@Test
	void theIdFromBeforeTheLogInOpensNothingThoughTheHeaderIsPreparedAndRestored() {
		Node node = encrypted();
		byte[] entries = content(create(node, "alice")).get("m");
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", "x");
		node.repository().save(session);
		byte[] header = content(session).get("m");
		byte[] prepared = Arrays.copyOf(header, entries.length);
		System.arraycopy(entries, 38, prepared, 38, entries.length - 38);
		write(session, "m", prepared);
		byte[] seal = content(session).get("a");
		StoredSession login = open(encrypted(), session);
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		encrypted().repository().save(login);
		write(session, "m", header);
		write(session, "a", seal);
		StoredSession old = open(node, session);
		assertThat(old).as("the anonymous session").isNotNull();
		assertThat(principal(old)).isNull();
		assertThat(old.<Object>getAttribute("cart")).isNull();
	}

	@Test
	void aChangeOfTheIdAloneRenewsTheEpoch() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		byte[] epoch = Arrays.copyOf(content(session).get("a"), 16);
		StoredSession found = open(node, session);
		found.changeSessionId();
		node.repository().save(found);
		assertThat(Arrays.copyOf(content(session).get("a"), 16)).isNotEqualTo(epoch);
		assertThat(open(node, found).<List<String>>getAttribute("cart")).containsExactly("book");
	}

	@Test
	void rolesThatAreTakenAwayDoNotReplay() {
		Node node = encrypted();
		StoredSession session = node.repository().createSession();
		session.setAttribute(CONTEXT, context("alice", "ROLE_ADMIN"));
		node.repository().save(session);
		byte[] asAdmin = content(session).get(CONTEXT);
		StoredSession found = open(node, session);
		found.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		node.repository().save(found);
		write(session, CONTEXT, asAdmin);
		assertThat(open(node, session).<Object>getAttribute(CONTEXT)).isNull();
	}

	@Test
	void anotherSpellingOfAnAttributesNameIsNone() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		write(session, ":cart", content(session).get("cart"));
		StoredSession found = open(node, session);
		found.removeAttribute("cart");
		found.setAttribute(CONTEXT, context("bob", "ROLE_USER"));
		node.repository().save(found);
		StoredSession again = open(node, session);
		assertThat(principal(again)).isEqualTo("bob");
		assertThat(again.<Object>getAttribute("cart")).isNull();
	}

	@Test
	void anObjectThatWasReadStaysTheSessionsThoughAnotherRequestSealsItAnew() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		StoredSession slow = open(node, session);
		List<String> cart = slow.getRequiredAttribute("cart");
		slow.setAttribute("seen", "yes");
		StoredSession fast = open(encrypted(), session);
		fast.setAttribute(CONTEXT, context("bob", "ROLE_USER"));
		encrypted().repository().save(fast);
		node.repository().save(slow);
		cart.add("pen");
		node.repository().save(slow);
		assertThat(open(node, session).<List<String>>getAttribute("cart")).containsExactly("book", "pen");
		assertThat(principal(open(node, session))).isEqualTo("bob");
	}

	@Test
	void anIndexEntryInPlainTextDoesNotBecomeADigest() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		byte[] header = Arrays.copyOf(content(session).get("m"), 38);
		byte[] entry = bytes("\t" + "principal" + "\3ceo");
		byte[] forged = Arrays.copyOf(header, 38 + entry.length);
		System.arraycopy(entry, 0, forged, 38, entry.length);
		byte[] context = content(session).get(CONTEXT);
		context[context.length - 1] ^= 1;
		write(session, CONTEXT, context);
		write(session, "m", forged);
		StoredSession found = open(node, session);
		if (found != null) {
			found.setAttribute("a", "b");
			node.repository().save(found);
		}
		assertThat(node.repository().operations().count(PRINCIPAL, "ceo")).isZero();
	}

	@Test
	void withTypeCheckWarnPlainTextMakesNoUnlistedObject() throws IOException {
		Consumer<SessionSettingsBuilder> authenticating = (settings) -> {
			settings.allowedTypes(List.of());
			settings.typeCheck(TypeCheck.WARN);
			settings.encryptionKeys(EncryptionKeys.authenticating(
					Map.of("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8)), "k1"));
		};
		Node node = node(authenticating);
		StoredSession session = node.repository().createSession();
		session.setAttribute("own", new Unlisted("x"));
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		node.repository().save(session);
		assertThat(open(node, session).<Unlisted>getAttribute("own")).isEqualTo(new Unlisted("x"));
		assertThat(content(session).get("own")).startsWith(9);
		write(session, "own", serialized(new Unlisted("forged")));
		assertThat(open(node, session).<Object>getAttribute("own")).isNull();
		Node plain = node((settings) -> settings.allowedTypes(List.of()));
		StoredSession forged = plain.repository().createSession();
		forged.setAttribute("listed", new ArrayList<>(List.of("x")));
		plain.repository().save(forged);
		write(forged, "own", serialized(new Unlisted("forged")));
		StoredSession found = open(node, forged);
		assertThat(found.<Object>getAttribute("own")).as("plain text").isNull();
		found = open(node, forged);
		found.setAttribute("more", "y");
		node.repository().save(found);
		StoredSession sealed = open(node, forged);
		assertThat(sealed.<List<String>>getAttribute("listed")).containsExactly("x");
		assertThat(sealed.<Object>getAttribute("own")).as("not sealed with the session").isNull();
		assertThat(node.repository().operations().unlistedTypes()).singleElement()
			.satisfies((type) -> assertThat(type.type()).isEqualTo(Unlisted.class.getName()));
	}

	@Test
	void typeCheckWarnWithoutAKeyIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> node((settings) -> settings.typeCheck(TypeCheck.WARN)))
			.withMessageContaining("authenticates");
	}

	@Test
	void anAttributeOfAnotherSessionOrNameIsRefused() {
		Node node = encrypted();
		StoredSession alice = create(node, "alice");
		StoredSession bob = create(node, "bob");
		write(bob, CONTEXT, content(alice).get(CONTEXT));
		assertThat(open(node, bob).<Object>getAttribute(CONTEXT)).isNull();
		write(bob, "other", content(bob).get("cart"));
		assertThat(open(node, bob).<Object>getAttribute("other")).isNull();
	}

	@Test
	void anIndexEntryCountsOnlyIfTheSessionConfirmsIt() {
		Node node = encrypted();
		StoredSession alice = create(node, "alice");
		StoredSession bob = create(node, "bob");
		String index = server.keys()
			.stream()
			.filter((key) -> key.contains(":index:") && server.commands().zscore(key, alice.getHandle()) != null)
			.findFirst()
			.orElseThrow();
		byte[] header = content(bob).get("m");
		byte[] ofAlice = content(alice).get("m");
		System.arraycopy(ofAlice, 38, header, 38, header.length - 38);
		server.commands().zadd(index, System.currentTimeMillis() + 3_600_000.0, bob.getHandle());
		write(bob, "m", header);
		assertThat(open(node, bob)).as("index entries are not proven").isNotNull();
		assertThat(node.repository().findByPrincipalName("alice").values()).containsExactly(alice);
		assertThat(node.repository().operations().page(PRINCIPAL, "alice", null, 10).sessions()).singleElement()
			.satisfies((session) -> assertThat(session.handle()).isEqualTo(alice.getHandle()));
		assertThat(node.repository().deleteByPrincipalName("alice")).isEqualTo(1);
		assertThat(open(node, bob)).isNotNull();
	}

	@Test
	void theEndOfAForgedSessionIsPublishedWithoutItsAttributes() {
		StoredSession forged = plain().repository().createSession();
		forged.setAttribute("role", "admin");
		forged.setMaxInactiveInterval(Duration.ofSeconds(1));
		plain().repository().save(forged);
		Node node = this.repositories.node((settings) -> settings.encryptionKeys(keys("k1")));
		await().until(() -> !node.events(SessionExpiredEvent.class).isEmpty());
		SessionExpiredEvent event = node.events(SessionExpiredEvent.class).get(0);
		assertThat(event.getSession().<Object>getAttribute("role")).isNull();
		await().until(() -> server.keys().stream().noneMatch((key) -> key.contains(forged.getHandle())));
	}

	@Test
	void aDeletedSealMakesNoPlainSession() {
		for (Node node : List.of(encrypted(), accepting("k1"))) {
			StoredSession session = create(node, "alice");
			remove(session, "a");
			StoredSession found = open(node, session);
			assertThat((found != null) ? principal(found) : null).isNull();
		}
	}

	@Test
	void aSessionInPlainTextIsAcceptedUntilTheInstantAndSealedWithItsNextSave() {
		StoredSession session = create(plain(), "alice");
		Node node = accepting("k1");
		StoredSession found = open(node, session);
		assertThat(principal(found)).isEqualTo("alice");
		node.repository().save(found);
		assertThat(content(session)).as("a read changes nothing").doesNotContainKey("a");
		assertThat(node.repository().getStatistics().get(SessionCounter.PLAIN)).isEqualTo(1);
		found.setAttribute("more", "x");
		node.repository().save(found);
		assertThat(content(session)).containsKey("a");
		assertThat(content(session).get("cart")).startsWith(8);
		Node strict = encrypted();
		StoredSession sealed = open(strict, session);
		assertThat(principal(sealed)).isEqualTo("alice");
		assertThat(sealed.<List<String>>getAttribute("cart")).containsExactly("book");
		assertThat(sealed.<String>getAttribute("more")).isEqualTo("x");
		assertThat(strict.repository().getStatistics().get(SessionCounter.PLAIN)).isZero();
	}

	@Test
	void onceSealedASessionNeverAcceptsPlainText() throws IOException {
		Node node = accepting("k1");
		StoredSession session = create(node, "bob");
		write(session, CONTEXT, serialized(context("bob", "ROLE_ADMIN")));
		assertThat(open(node, session).<Object>getAttribute(CONTEXT)).isNull();
	}

	@Test
	void theInstantIsCheckedWithEachRead() {
		StoredSession session = create(plain(), "alice");
		Instant[] now = { Instant.now() };
		Node node = node((settings) -> {
			settings.clock(new Clock() {

				@Override
				public Instant instant() {
					return now[0];
				}

				@Override
				public ZoneOffset getZone() {
					return ZoneOffset.UTC;
				}

				@Override
				public Clock withZone(ZoneId zone) {
					return this;
				}

			});
			settings.encryptionKeys(keys("k1"));
			settings.acceptPlainUntil(now[0].plusSeconds(60));
		});
		assertThat(open(node, session)).isNotNull();
		now[0] = now[0].plusSeconds(60);
		assertThat(open(node, session)).isNull();
	}

	@Test
	void aNodeThatDoesNotEncryptYetKeepsSessionsSealed() {
		Node first = encrypted();
		Node notYet = node((settings) -> settings.encryptionKeys(keys(null)));
		StoredSession session = create(first, "alice");
		StoredSession found = open(notYet, session);
		found.setAttribute("more", "x");
		found.changeSessionId();
		notYet.repository().save(found);
		assertThat(content(session).get("more")).startsWith(8);
		StoredSession again = open(first, found);
		assertThat(again.<String>getAttribute("more")).isEqualTo("x");
		again.setAttribute(CONTEXT, context("carol", "ROLE_USER"));
		first.repository().save(again);
		StoredSession onOther = open(notYet, again);
		onOther.setAttribute(CONTEXT, context("dave", "ROLE_USER"));
		notYet.repository().save(onOther);
		assertThat(principal(open(first, onOther))).isEqualTo("dave");
		assertThat(content(create(notYet, "eve"))).as("a new session").doesNotContainKey("a");
	}

	@Test
	void aNodeWithoutTheKeyRefusesTheSessionAndChangesNothing() {
		StoredSession session = create(node((settings) -> settings.encryptionKeys(keys("k2"))), "alice");
		Map<String, byte[]> before = content(session);
		for (Node node : List
			.of(plain(),
					node((settings) -> settings.encryptionKeys(new EncryptionKeys(
							Map.of("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8)),
							"k1"))))) {
			assertThat(open(node, session)).isNull();
		}
		assertThat(content(session)).usingRecursiveComparison().isEqualTo(before);
		assertThat(principal(open(encrypted(), session))).isEqualTo("alice");
	}

	@Test
	void aSaveByHandleMeetsALogInAtTheSameMoment() {
		Node node = encrypted();
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		node.repository().save(session);
		StoredSession byHandle = node.repository().findById(session.getHandle());
		StoredSession login = open(encrypted(), session);
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		encrypted().repository().save(login);
		byHandle.setAttribute("expired", "by an operator");
		node.repository().save(byHandle);
		StoredSession found = open(node, login);
		assertThat(found.<String>getAttribute("expired")).isEqualTo("by an operator");
		assertThat(principal(found)).isEqualTo("alice");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
	}

	@Test
	void aSaveAfterAnotherRequestHasChangedThePrincipalIsSealedLikewise() {
		Node node = encrypted();
		StoredSession session = create(node, "alice");
		StoredSession slow = open(node, session);
		slow.<List<String>>getRequiredAttribute("cart").add("pen");
		slow.setAttribute("seen", "yes");
		StoredSession fast = open(encrypted(), session);
		fast.setAttribute(CONTEXT, context("bob", "ROLE_USER"));
		encrypted().repository().save(fast);
		node.repository().save(slow);
		StoredSession found = open(node, session);
		assertThat(principal(found)).isEqualTo("bob");
		assertThat(found.<String>getAttribute("seen")).isEqualTo("yes");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book", "pen");
		assertThat(node.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED)).isZero();
	}

	@RepeatedTest(5)
	void requestsThatSealASessionAtTheSameMomentLoseNothing() throws Exception {
		StoredSession session = create(plain(), "alice");
		List<Node> nodes = List.of(accepting("k1"), accepting("k2"),
				node((settings) -> settings.encryptionKeys(keys(null))), accepting("k1"));
		ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (int i = 0; i < nodes.size(); i++) {
				Node node = nodes.get(i);
				String name = "n" + i;
				tasks.add(() -> {
					for (int round = 0; round < 20; round++) {
						StoredSession found = open(node, session);
						found.setAttribute(name + "-" + round, "v" + round);
						if (round % 5 == 0) {
							found.setAttribute(CONTEXT, context(name + round, "ROLE_USER"));
						}
						node.repository().save(found);
					}
					return null;
				});
			}
			for (Future<Void> result : threads.invokeAll(tasks)) {
				result.get();
			}
		}
		finally {
			threads.shutdown();
		}
		StoredSession found = open(encrypted(), session);
		for (int i = 0; i < nodes.size(); i++) {
			for (int round = 0; round < 20; round++) {
				assertThat(found.<String>getAttribute("n" + i + "-" + round)).isEqualTo("v" + round);
			}
		}
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
		assertThat(principal(found)).isNotNull();
	}

	record Unlisted(String text) implements Serializable {
	}

	@ParameterizedTest
	@ValueSource(longs = { 31, 365 })
	void moreThanThirtyDaysOfPlainTextAreRefused(long days) {
		assertThatIllegalArgumentException().isThrownBy(() -> node((settings) -> {
			settings.encryptionKeys(keys("k1"));
			settings.acceptPlainUntil(Instant.now().plus(Duration.ofDays(days)));
		})).withMessageContaining("at most 30 days ahead");
	}

	@Test
	void settingsThatUndoTheEncryptionAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> node((settings) -> {
			settings.encryptionKeys(keys("k1"));
			settings.protectIds(false);
		})).withMessageContaining("SessionSettingsBuilder.protectIds");
		assertThatIllegalArgumentException().isThrownBy(() -> node((settings) -> {
			settings.encryptionKeys(keys("k1"));
			settings.migrateFrom("spring:session");
		})).withMessageContaining("SessionSettingsBuilder.acceptPlainUntil");
		node((settings) -> {
			settings.encryptionKeys(keys(null));
			settings.protectIds(false);
			settings.migrateFrom("spring:session");
		});
	}

	@Test
	void theSessionsOwnIdIsInNoValueAndComesBackToItsClient() {
		for (Node node : List.of(plain(), encrypted())) {
			StoredSession session = node.repository().createSession();
			String cookie = "SESSION=" + Base64.getEncoder().encodeToString(bytes(session.getId()));
			session.setAttribute("saved request", new ArrayList<>(List.of(cookie)));
			session.setAttribute("id", session.getId());
			node.repository().save(session);
			SessionId id = SessionId.parse(session.getId());
			StringBuilder all = new StringBuilder();
			content(session).forEach((field, value) -> all.append(new String(value, StandardCharsets.ISO_8859_1)));
			assertThat(all).doesNotContain(id.secret(), cookie);
			StoredSession found = open(node, session);
			assertThat(found.<String>getAttribute("id")).isEqualTo(session.getId());
			assertThat(found.<List<String>>getAttribute("saved request")).containsExactly(cookie);
			node.repository().save(found);
			StoredSession byHandle = encrypted().repository().findById(session.getHandle());
			if (byHandle != null) {
				assertThat(byHandle.<String>getAttribute("id")).startsWith(session.getHandle())
					.doesNotContain(id.secret());
			}
			found.changeSessionId();
			found.setAttribute("new id", found.getId());
			node.repository().save(found);
			StoredSession changed = open(node, found);
			assertThat(changed.<String>getAttribute("new id")).isEqualTo(found.getId());
			assertThat(changed.<String>getAttribute("id")).as("of an id that opens nothing any more")
				.doesNotContain(id.secret());
		}
	}

}
