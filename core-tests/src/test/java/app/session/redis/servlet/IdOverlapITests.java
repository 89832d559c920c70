package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests which changes of a request are saved after another request has changed the
 * session's id, with and without encryption.
 */
@ParameterizedClass
@ValueSource(booleans = { false, true })
class IdOverlapITests {

	private static final String CONTEXT = "SPRING_SECURITY_CONTEXT";

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

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

	private Node node(Consumer<SessionSettingsBuilder> customizer) {
		return this.repositories.unstarted((settings) -> {
			if (this.encrypted) {
				settings.encryptionKeys(new EncryptionKeys(
						Map.of("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8)), "k1"));
			}
			settings.indexedAttributes(List.of("tenant"));
			customizer.accept(settings);
		});
	}

	private static SecurityContext context(String principal, String... roles) {
		return new SecurityContextImpl(UsernamePasswordAuthenticationToken.authenticated(principal, null,
				AuthorityUtils.createAuthorityList(roles)));
	}

	private StoredSession create(String principal) {
		StoredSession session = this.first.repository().createSession();
		if (principal != null) {
			session.setAttribute(CONTEXT, context(principal, "ROLE_USER"));
		}
		session.setAttribute("removed", "x");
		session.setAttribute("cart", new ArrayList<>(List.of("book")));
		this.first.repository().save(session);
		return session;
	}

	private static StoredSession load(Node node, String id) {
		StoredSession session = node.repository().clientSessions().findById(id);
		assertThat(session).isNotNull();
		return session;
	}

	/** Changes the id in another request. Returns the new id. */
	private String changeId(String id) {
		StoredSession session = load(this.first, id);
		session.changeSessionId();
		this.first.repository().save(session);
		return session.getId();
	}

	private void assertRefused(StoredSession slow, String present) {
		long before = this.second.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED);
		Set<String> names = load(this.first, present).getAttributeNames();
		slow.setAttribute("late", "x");
		this.second.repository().save(slow);
		assertThat(load(this.first, present).getAttributeNames()).isEqualTo(names).doesNotContain("late");
		assertThat(this.second.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED))
			.isEqualTo(before + 1);
	}

	private void assertAccepted(StoredSession slow, String present) {
		slow.setAttribute("late", "x");
		this.second.repository().save(slow);
		assertThat(load(this.first, present).<String>getAttribute("late")).isEqualTo("x");
		assertThat(this.second.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED)).isZero();
	}

	@Test
	void attributesOfARunningRequest_areSaved() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		slow.setAttribute("late", "x");
		slow.removeAttribute("removed");
		slow.<List<String>>getAttribute("cart").add("pen");
		this.second.repository().save(slow);
		StoredSession found = load(this.first, present);
		assertThat(found.<String>getAttribute("late")).isEqualTo("x");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book", "pen");
		assertThat(found.getAttributeNames()).containsExactlyInAnyOrder(CONTEXT, "cart", "late");
		assertThat(this.second.repository().getStatistics().get(SessionCounter.CONFLICT_ID_CHANGED)).isZero();
	}

	@Test
	void repeatedSavesOfARunningRequest_areAllAccepted() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		for (String value : List.of("a", "b", "c")) {
			slow.setAttribute("late", value);
			slow.<List<String>>getAttribute("cart").add(value);
			this.second.repository().save(slow);
			StoredSession found = load(this.first, present);
			assertThat(found.<String>getAttribute("late")).isEqualTo(value);
			assertThat(found.<List<String>>getAttribute("cart")).endsWith(value);
		}
		slow.removeAttribute("late");
		this.second.repository().save(slow);
		assertThat(load(this.first, present).getAttributeNames()).doesNotContain("late");
	}

	@Test
	void savesOfBothRequests_areMerged() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		StoredSession next = load(this.first, present);
		next.setAttribute("next", "1");
		this.first.repository().save(next);
		assertAccepted(slow, present);
		next.setAttribute("next", "2");
		this.first.repository().save(next);
		StoredSession found = load(this.second, present);
		assertThat(found.<String>getAttribute("next")).isEqualTo("2");
		assertThat(found.<String>getAttribute("late")).isEqualTo("x");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
	}

	@Test
	void indexOfASavedAttribute_isUpdated() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		changeId(session.getId());
		slow.setAttribute("tenant", "north");
		this.second.repository().save(slow);
		assertThat(this.first.repository().findByIndexNameAndIndexValue("tenant", "north")).hasSize(1);
		assertThat(this.first.repository().findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	void previousId_opensNothing() {
		StoredSession session = create("alice");
		String old = session.getId();
		StoredSession slow = load(this.second, old);
		String present = changeId(old);
		assertAccepted(slow, present);
		assertThat(this.second.repository().clientSessions().findById(old)).isNull();
		assertThat(this.second.repository().findById(old)).isNull();
		assertThat(slow.getId()).isEqualTo(old);
	}

	@Test
	void contentOfTheNewId_isNotVisibleToTheRunningRequest() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		StoredSession next = load(this.first, present);
		next.setAttribute("secret", "x");
		this.first.repository().save(next);
		assertAccepted(slow, present);
		assertThat(slow.getAttributeNames()).doesNotContain("secret");
	}

	@Test
	void idOfTheRunningRequest_isNotChanged() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		String own = slow.changeSessionId();
		assertAccepted(slow, present);
		assertThat(this.second.repository().clientSessions().findById(own)).isNull();
		assertThat(slow.getId()).as("so that no client receives an invalid id").isEqualTo(session.getId());
	}

	@Test
	void lifetime_isNotChanged() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		Duration before = load(this.first, present).getMaxInactiveInterval();
		slow.setMaxInactiveInterval(Duration.ofDays(20));
		assertAccepted(slow, present);
		assertThat(load(this.first, present).getMaxInactiveInterval()).isEqualTo(before);
		assertThat(server.commands().pttl(key(session))).isLessThanOrEqualTo(before.plusMinutes(5).toMillis());
		slow.setMaxInactiveInterval(Duration.ofSeconds(1));
		slow.setLastAccessedTime(slow.getLastAccessedTime().minusSeconds(1000));
		slow.setAttribute("late", "y");
		this.second.repository().save(slow);
		assertThat(load(this.first, present).<String>getAttribute("late")).isEqualTo("y");
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

	@Test
	void securityContextOfTheRunningRequest_isNotSaved() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		slow.setAttribute(CONTEXT, context("alice", "ROLE_USER", "ROLE_ADMIN"));
		assertAccepted(slow, present);
		SecurityContext context = load(this.first, present).getAttribute(CONTEXT);
		assertThat(AuthorityUtils.authorityListToSet(context.getAuthentication().getAuthorities()))
			.containsExactly("ROLE_USER");
	}

	@Test
	void anotherPrincipalOfTheRunningRequest_refusesItsSave() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		slow.setAttribute(CONTEXT, context("mallory", "ROLE_USER"));
		assertRefused(slow, present);
		assertThat(this.first.repository().findByPrincipalName("mallory")).isEmpty();
	}

	@Test
	void logOutOfTheRunningRequest_refusesItsSave() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		slow.removeAttribute(CONTEXT);
		assertRefused(slow, present);
	}

	@Test
	void fixatedAnonymousRequest_cannotPoisonTheVictimsSession() {
		StoredSession session = create(null);
		StoredSession slow = load(this.second, session.getId());
		StoredSession login = load(this.first, session.getId());
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("victim", "ROLE_USER"));
		this.first.repository().save(login);
		assertRefused(slow, login.getId());
	}

	@Test
	void fixatedAnonymousRequest_cannotPoisonASessionWhoseIdChangesWithEachWrite() {
		Node immediate = node((settings) -> settings.flushMode(FlushMode.IMMEDIATE));
		StoredSession session = create(null);
		StoredSession slow = load(this.second, session.getId());
		StoredSession login = load(immediate, session.getId());
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("victim", "ROLE_USER"));
		assertRefused(slow, login.getId());
	}

	@Test
	void attackersOwnLogin_cannotPoisonTheVictimsSession() {
		StoredSession session = create("attacker");
		StoredSession slow = load(this.second, session.getId());
		StoredSession login = load(this.first, session.getId());
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("victim", "ROLE_USER"));
		this.first.repository().save(login);
		assertRefused(slow, login.getId());
	}

	@Test
	void changeOfThePrincipalAfterTheChangeOfTheId_forgetsThePreviousId() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		StoredSession next = load(this.first, present);
		next.setAttribute(CONTEXT, context("bob", "ROLE_USER"));
		this.first.repository().save(next);
		assertThat(previous(session)).isNull();
		assertRefused(slow, present);
		// Alice again
		next.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		this.first.repository().save(next);
		assertRefused(slow, present);
	}

	@Test
	void changeOfTheSecurityContext_forgetsThePreviousId() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		StoredSession next = load(this.first, present);
		next.setAttribute(CONTEXT, context("alice", "ROLE_USER", "FACTOR_PASSWORD"));
		this.first.repository().save(next);
		assertThat(previous(session)).isNull();
		assertRefused(slow, present);
	}

	@Test
	void securityContextWrittenBeforeTheChangeOfTheId_refusesOlderRequests() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		StoredSession stronger = load(this.first, session.getId());
		stronger.setAttribute(CONTEXT, context("alice", "ROLE_USER", "FACTOR_PASSWORD"));
		this.first.repository().save(stronger);
		assertRefused(slow, changeId(session.getId()));
	}

	@Test
	void securityContextWrittenWithTheChangeOfTheId_refusesOlderRequests() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		StoredSession stronger = load(this.first, session.getId());
		stronger.changeSessionId();
		stronger.setAttribute(CONTEXT, context("alice", "ROLE_USER", "FACTOR_PASSWORD"));
		this.first.repository().save(stronger);
		assertRefused(slow, stronger.getId());
	}

	@Test
	void logInOfARunningRequest_isNotAPrincipalFromTheBeginning() {
		StoredSession session = create(null);
		StoredSession slow = load(this.second, session.getId());
		slow.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		this.second.repository().save(slow);
		assertRefused(slow, changeId(session.getId()));
	}

	@Test
	void logOutWithoutInvalidation_forgetsThePreviousId() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		StoredSession next = load(this.first, present);
		next.removeAttribute(CONTEXT);
		this.first.repository().save(next);
		assertThat(previous(session)).isNull();
		assertRefused(slow, present);
	}

	@Test
	void logOut_endsTheSessionForTheRunningRequest() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		this.first.repository().deleteById(present);
		slow.setAttribute("late", "x");
		this.second.repository().save(slow);
		assertThat(server.keys()).noneMatch((key) -> key.contains(session.getHandle()));
	}

	@Test
	void requestFromBeforeTheLastButOneChange_isRefused() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		assertRefused(slow, changeId(changeId(session.getId())));
	}

	@Test
	void afterTheOverlap_savesAreRefused() throws InterruptedException {
		Node brief = node((settings) -> settings.idOverlap(Duration.ofMillis(300)));
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		StoredSession changed = load(brief, session.getId());
		changed.changeSessionId();
		brief.repository().save(changed);
		Thread.sleep(400);
		assertRefused(slow, changed.getId());
	}

	@Test
	void overlapOfZero_discardsTheChanges() {
		Node none = node((settings) -> settings.idOverlap(Duration.ZERO));
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		StoredSession changed = load(none, session.getId());
		changed.changeSessionId();
		none.repository().save(changed);
		assertThat(previous(session)).isNull();
		assertRefused(slow, changed.getId());
		StoredSession slowest = load(none, changed.getId());
		String present = changeId(changed.getId());
		assertThat(previous(session)).isNotNull();
		slowest.setAttribute("late", "x");
		none.repository().save(slowest);
		assertThat(load(this.first, present).getAttributeNames()).doesNotContain("late");
	}

	@Test
	void loginDoesNotStoreThePreviousId() {
		StoredSession session = create(null);
		StoredSession login = load(this.first, session.getId());
		login.changeSessionId();
		login.setAttribute(CONTEXT, context("alice", "ROLE_USER"));
		this.first.repository().save(login);
		assertThat(previous(session)).isNull();
	}

	@Test
	void forgedPreviousId_isRefusedWithoutAPrincipal() {
		StoredSession session = create(null);
		StoredSession slow = load(this.second, session.getId());
		byte[] digest = Arrays.copyOfRange(read(session, "m"), 1, 17);
		String present = changeId(session.getId());
		byte[] forged = Arrays.copyOf(digest, 22);
		Arrays.fill(forged, 16, 22, (byte) 0x7f);
		write(session, "o", forged);
		assertRefused(slow, present);
	}

	@Test
	void damagedPreviousId_isIgnored() {
		StoredSession session = create("alice");
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		write(session, "o", new byte[] { 1, 2, 3 });
		assertRefused(slow, present);
	}

	@Test
	void withSaveAfterDeleteFail_anAcceptedSaveSucceedsAndARefusedOneFails() {
		Node failing = node((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL));
		StoredSession session = create("alice");
		StoredSession slow = load(failing, session.getId());
		String present = changeId(session.getId());
		slow.setAttribute("late", "x");
		failing.repository().save(slow);
		assertThat(load(this.first, present).<String>getAttribute("late")).isEqualTo("x");
		changeId(present);
		slow.setAttribute("late", "y");
		assertThatIllegalStateException().isThrownBy(() -> failing.repository().save(slow))
			.withMessageContaining("another id");
	}

	@Test
	void saveModeAlways_writesTheAttributesOfTheRunningRequest() {
		Node always = node((settings) -> settings.saveMode(SaveMode.ALWAYS));
		StoredSession session = create("alice");
		StoredSession slow = load(always, session.getId());
		String present = changeId(session.getId());
		slow.setAttribute("late", "x");
		always.repository().save(slow);
		StoredSession found = load(this.first, present);
		assertThat(found.<String>getAttribute("late")).isEqualTo("x");
		assertThat(found.<List<String>>getAttribute("cart")).containsExactly("book");
		assertThat(found.<SecurityContext>getAttribute(CONTEXT).getAuthentication().getName()).isEqualTo("alice");
	}

	@Test
	void sessionFoundByItsHandle_isSavedAsBefore() {
		StoredSession session = create("alice");
		StoredSession found = this.second.repository().findByPrincipalName("alice").values().iterator().next();
		String present = changeId(session.getId());
		found.setAttribute("late", "x");
		this.second.repository().save(found);
		assertThat(load(this.first, present).<String>getAttribute("late")).isEqualTo("x");
	}

	@Test
	void principalByAttribute_isRecognized() {
		StoredSession session = this.first.repository().createSession();
		session.setAttribute(PRINCIPAL, "alice");
		this.first.repository().save(session);
		StoredSession slow = load(this.second, session.getId());
		String present = changeId(session.getId());
		assertAccepted(slow, present);
		StoredSession next = load(this.first, present);
		next.setAttribute(PRINCIPAL, "bob");
		this.first.repository().save(next);
		slow.setAttribute("late", "y");
		this.second.repository().save(slow);
		assertThat(load(this.first, present).<String>getAttribute("late")).isEqualTo("x");
	}

	@Test
	void attributesOfManyRunningRequests_areAllSaved() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(5);
		try {
			for (int round = 0; round < 20; round++) {
				StoredSession session = create("alice");
				CyclicBarrier barrier = new CyclicBarrier(5);
				List<Future<?>> running = new ArrayList<>();
				for (int i = 0; i < 4; i++) {
					String name = "late" + i;
					StoredSession slow = load(this.second, session.getId());
					running.add(executor.submit((Callable<?>) () -> {
						barrier.await();
						slow.setAttribute(name, "x");
						this.second.repository().save(slow);
						return null;
					}));
				}
				Future<String> present = executor.submit(() -> {
					StoredSession changed = load(this.first, session.getId());
					changed.changeSessionId();
					barrier.await();
					this.first.repository().save(changed);
					return changed.getId();
				});
				for (Future<?> request : running) {
					request.get();
				}
				assertThat(load(this.first, present.get()).getAttributeNames()).contains("late0", "late1", "late2",
						"late3");
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static byte[] previous(StoredSession session) {
		return read(session, "o");
	}

	private static byte[] read(StoredSession session, String field) {
		try (StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE)) {
			return redis.sync().hget(bytes(key(session)), bytes(field));
		}
	}

	private static void write(StoredSession session, String field, byte[] value) {
		try (StatefulRedisConnection<byte[], byte[]> redis = server.client().connect(ByteArrayCodec.INSTANCE)) {
			redis.sync().hset(bytes(key(session)), bytes(field), value);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
