package app.session.redis.servlet;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.ValueForm;
import app.session.redis.index.IndexCounts;
import app.session.redis.index.SessionDescription;
import app.session.redis.index.SessionPage;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.ClientDetails;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * What those are told who look after sessions, wherever Redis runs.
 */
interface SessionOperationsContract extends TopologyContract {

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return repositories().unstarted(settings);
	}

	private Node node() {
		return node((settings) -> {
		});
	}

	private static StoredSession create(Node node, String principal) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, principal);
		node.repository().save(session);
		return session;
	}

	/** All that the pages hold, with how many pages there were. */
	private static Set<String> listed(Function<@Nullable String, SessionPage> pages, List<Integer> sizes) {
		Set<String> listed = new HashSet<>();
		SessionPage page = pages.apply(null);
		while (true) {
			sizes.add(page.sessions().size());
			listed.addAll(page.sessions().stream().map(SessionDescription::handle).collect(Collectors.toSet()));
			if (page.next() == null) {
				return listed;
			}
			page = pages.apply(page.next());
		}
	}

	@Test
	default void sessionsAreCountedAndPaged() {
		Node node = node();
		Set<String> handles = new HashSet<>();
		IntStream.range(0, 1000).forEach((i) -> handles.add(create(node, "user" + i % 10).getHandle()));
		SessionOperations operations = node.repository().operations();
		assertThat(operations.count()).isEqualTo(1000);
		assertThat(operations.state().live()).isEqualTo(1000);
		List<Integer> sizes = new ArrayList<>();
		assertThat(listed((cursor) -> operations.page(cursor, 100), sizes)).isEqualTo(handles);
		assertThat(sizes.size()).isBetween(2, 11);
		assertThatIllegalArgumentException().isThrownBy(() -> operations.page("nonsense", 10));
		assertThatIllegalArgumentException().isThrownBy(() -> operations.page("99-0", 10));
		assertThatIllegalArgumentException().isThrownBy(() -> operations.page(null, 0));
	}

	@Test
	default void sessionsOfAnIndexValueAreCountedAndPaged() {
		Node node = node();
		Set<String> handles = new HashSet<>();
		IntStream.range(0, 700).forEach((i) -> handles.add(create(node, "alice").getHandle()));
		create(node, "bob");
		SessionOperations operations = node.repository().operations();
		assertThat(operations.count(PRINCIPAL, "alice")).isEqualTo(700);
		assertThat(operations.count(PRINCIPAL, "nobody")).isZero();
		List<Integer> sizes = new ArrayList<>();
		assertThat(listed((cursor) -> operations.page(PRINCIPAL, "alice", cursor, 100), sizes)).isEqualTo(handles);
		assertThat(sizes).as("pages").hasSizeBetween(4, 8);
		assertThat(operations.page(PRINCIPAL, "nobody", null, 10)).isEqualTo(new SessionPage(List.of(), null));
	}

	@Test
	default void sessionsWithSeveralIndexValues_areFoundCountedPagedAndEnded() {
		Node node = node((settings) -> settings.indexedAttributes(List.of("tenant", "product")));
		Set<String> wanted = new HashSet<>();
		for (int i = 0; i < 300; i++) {
			StoredSession session = node.repository().createSession();
			session.setAttribute("tenant", (i % 3 == 0) ? "x" : "y");
			session.setAttribute("product", new ArrayList<>(List.of("1", (i % 5 == 0) ? "42" : "2")));
			node.repository().save(session);
			if (i % 15 == 0) {
				wanted.add(session.getHandle());
			}
		}
		SessionOperations operations = node.repository().operations();
		Map<String, String> values = Map.of("tenant", "x", "product", "42");
		assertThat(operations.count(values)).isEqualTo(20);
		assertThat(operations.count(Map.of("tenant", "x"))).isEqualTo(100);
		assertThat(operations.count(Map.of("tenant", "x", "product", "none"))).isZero();
		assertThat(listed((cursor) -> operations.page(values, cursor, 5), new ArrayList<>())).isEqualTo(wanted);
		assertThat(node.repository().find(values).values()).extracting(StoredSession::getHandle)
			.containsExactlyInAnyOrderElementsOf(wanted);
		assertThat(node.repository().find(Map.of("tenant", "x"))).hasSize(100);
		assertThat(operations.page(Map.of("tenant", "x", "product", "none"), null, 5))
			.isEqualTo(new SessionPage(List.of(), null));
		assertThat(operations.end(values)).isEqualTo(20);
		assertThat(operations.count(values)).isZero();
		assertThat(operations.count()).isEqualTo(280);
	}

	@Test
	default void aSearchThatCanNotBeMeant_isRefused() {
		Node node = node((settings) -> settings.indexedAttributes(List.of("tenant")));
		SessionOperations operations = node.repository().operations();
		assertThatIllegalArgumentException().isThrownBy(() -> operations.count(Map.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> operations.page(Map.of(), null, 10));
		assertThatIllegalArgumentException().isThrownBy(() -> operations.end(Map.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> node.repository().find(Map.of("tennant", "x")))
			.withMessageContaining("There is no index 'tennant'")
			.withMessageContaining("indexedAttributes");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> operations.page(Map.of("tenant", "x", PRINCIPAL, "alice"), "5.0-0", 10))
			.withMessageContaining("cursor");
		assertThatIllegalArgumentException().isThrownBy(() -> operations.counts("tennant", null, 10));
		assertThatIllegalArgumentException().isThrownBy(() -> operations.counts("tenant", null, 0));
	}

	@Test
	default void aSearchFindsNoSessionThatOnlyAnIndexNames() {
		Node node = node((settings) -> settings.indexedAttributes(List.of("tenant")));
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("tenant", "x");
		node.repository().save(session);
		topology().hint("app:session:index:tenant:y", 9e15, session.getHandle());
		topology().hint("app:session:index:tenant:y", 9e15, SessionId.newHandle());
		Map<String, String> values = Map.of(PRINCIPAL, "alice", "tenant", "y");
		assertThat(node.repository().find(values)).isEmpty();
		assertThat(node.repository().operations().page(values, null, 10).sessions()).isEmpty();
	}

	@Test
	default void valuesOfAnIndexAreListedWithTheirCounts() {
		Node node = node((settings) -> settings.indexedAttributes(List.of("tenant")));
		Map<String, Long> expected = new HashMap<>();
		for (int i = 0; i < 120; i++) {
			StoredSession session = create(node, "user" + i % 10);
			session.setAttribute("tenant", (i % 11 == 10) ? null : "t" + i % 11);
			node.repository().save(session);
			if (i % 11 != 10) {
				expected.merge("t" + i % 11, 1L, Long::sum);
			}
		}
		SessionOperations operations = node.repository().operations();
		assertThat(operations.counts("tenant", null, 100).counts()).isEqualTo(expected);
		assertThat(operations.counts("tenant", null, 100).next()).isNull();
		assertThat(operations.counts("tenant", null, expected.size()).next()).isNull();
		Map<String, Long> paged = new HashMap<>();
		String next = null;
		int pages = 0;
		do {
			IndexCounts page = operations.counts("tenant", next, 3);
			assertThat(page.counts()).hasSizeLessThanOrEqualTo(3);
			paged.putAll(page.counts());
			next = page.next();
			pages++;
		}
		while (next != null);
		assertThat(paged).isEqualTo(expected);
		assertThat(pages).isEqualTo(4);
		assertThat(operations.counts(PRINCIPAL, null, 100).counts()).hasSize(10).containsEntry("user3", 12L);
		operations.end(PRINCIPAL, "user3");
		assertThat(operations.counts(PRINCIPAL, null, 100).counts()).hasSize(9);
		RedisSessionRegistry registry = new RedisSessionRegistry(node.repository());
		assertThat(registry.getAllPrincipals()).hasSize(9).startsWith("user0", "user1");
		assertThat(registry.getPrincipals("user1", 2).counts().keySet()).containsExactly("user2", "user4");
		assertThat(registry.getAllSessions("user1", false)).hasSize(12);
	}

	@Test
	default void encryptedSessionsAreFoundBySeveralIndexValues_butNotListedByThem() {
		Node node = node((settings) -> settings.indexedAttributes(List.of("tenant"))
			.encryptionKeys(new EncryptionKeys(Map.of("k1", new byte[32]), "k1")));
		StoredSession session = create(node, "alice");
		session.setAttribute("tenant", "x");
		node.repository().save(session);
		create(node, "alice");
		Map<String, String> values = Map.of(PRINCIPAL, "alice", "tenant", "x");
		SessionOperations operations = node.repository().operations();
		assertThat(operations.count(values)).isEqualTo(1);
		assertThat(operations.page(values, null, 10).sessions()).extracting(SessionDescription::handle)
			.containsExactly(session.getHandle());
		assertThat(node.repository().find(values)).hasSize(1);
		assertThatIllegalStateException().isThrownBy(() -> operations.counts("tenant", null, 10))
			.withMessageContaining("encrypted");
		assertThatIllegalStateException()
			.isThrownBy(() -> new RedisSessionRegistry(node.repository()).getAllPrincipals());
	}

	@Test
	default void aPageHoldsNoSessionThatHasLeftTheIndexValueNorOneThatIsGone() {
		Node node = node();
		StoredSession session = create(node, "alice");
		topology().hint("app:session:index:principal:bob", 9e15, session.getHandle());
		topology().hint("app:session:index:principal:bob", 9e15, SessionId.newHandle());
		assertThat(node.repository().operations().page(PRINCIPAL, "bob", null, 10).sessions()).isEmpty();
	}

	@Test
	default void whatCanNotBeReadHidesNothing() {
		Node node = node();
		StoredSession damaged = create(node, "alice");
		StoredSession newer = create(node, "alice");
		StoredSession session = create(node, "alice");
		topology().damage("app:session:session:{" + damaged.getHandle() + "}", "\u0010");
		topology().damage("app:session:session:{" + newer.getHandle() + "}", "~");
		SessionOperations operations = node.repository().operations();
		assertThat(operations.page(null, 10).sessions()).extracting(SessionDescription::handle)
			.containsExactly(session.getHandle());
		assertThat(operations.page(PRINCIPAL, "alice", null, 10).sessions()).hasSize(1);
	}

	@Test
	default void aSessionIsDescribedWithoutItsAttributes() {
		Node node = node();
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("text", "12345");
		node.repository().save(session);
		SessionOperations operations = node.repository().operations();
		SessionDescription description = operations.describe(session.getHandle());
		assertThat(description.handle()).isEqualTo(session.getHandle());
		assertThat(description.created()).isEqualTo(session.getCreationTime());
		assertThat(description.attributes()).containsEntry("text", 6L).containsKey(PRINCIPAL);
		assertThat(description.bytes()).isEqualTo(12);
		assertThat(description.values()).isEmpty();
		assertThat(description.indexEntries()).containsExactly(IndexEntry.principal("alice"));
		assertThat(description.expiresIn()).isBetween(Duration.ofMinutes(29), Duration.ofMinutes(30));
		assertThat(description.timeToLive()).isBetween(Duration.ofMinutes(34), Duration.ofMinutes(35));
		assertThat(description.idleTimeout()).isEqualTo(Duration.ofMinutes(30));
		assertThat(SessionOperations.principal(description)).isEqualTo("alice");
		assertThat(operations.client(description)).isNull();
		assertThat(operations.describe("A".repeat(16))).isNull();
		assertThat(operations.describe("?")).isNull();
		assertThat(operations.describe(session.getId())).isNotNull();
		assertThat(operations.describe(session.getHandle() + "A".repeat(43))).as("another secret").isNull();
	}

	@Test
	default void theClientIsToldWhateverTheSettings() {
		EncryptionKeys keys = new EncryptionKeys(Map.of("k", new byte[32]), "k");
		for (Consumer<SessionSettingsBuilder> settings : List.<Consumer<SessionSettingsBuilder>>of((settings) -> {
		}, (settings) -> settings.valueForm(ValueForm.JSON),
				(settings) -> settings.compression(CompressionAlgorithm.DEFLATE, 1),
				(settings) -> settings.encryptionKeys(keys))) {
			Node node = node(settings);
			StoredSession session = node.repository().createSession();
			session.setAttribute(ClientDetails.ADDRESS_ATTRIBUTE, "192.0.2.1");
			session.setAttribute(ClientDetails.USER_AGENT_ATTRIBUTE, "Mozilla/5.0 ".repeat(10));
			session.setAttribute("secret", "s3cret");
			node.repository().save(session);
			SessionOperations operations = node.repository().operations();
			SessionDescription description = operations.describe(session.getHandle());
			assertThat(operations.client(description))
				.isEqualTo(new ClientDetails("192.0.2.1", "Mozilla/5.0 ".repeat(10)));
			assertThat(description.values()).doesNotContainKey("secret");
		}
		SessionOperations other = node().repository().operations();
		assertThat(other.page(null, 10).sessions()).hasSize(4)
			.filteredOn((session) -> other.client(session) == null)
			.as("encrypted with a key that isn't there")
			.hasSize(1);
	}

	@Test
	default void classesAreToldWithoutDeserializing() {
		EncryptionKeys keys = new EncryptionKeys(Map.of("k", new byte[32]), "k");
		for (Consumer<SessionSettingsBuilder> settings : List.<Consumer<SessionSettingsBuilder>>of((settings) -> {
		}, (settings) -> settings.compression(CompressionAlgorithm.DEFLATE, 1),
				(settings) -> settings.encryptionKeys(keys), (settings) -> settings.valueForm(ValueForm.JSON))) {
			Node node = node(settings);
			StoredSession session = node.repository().createSession();
			session.setAttribute("text", "x");
			session.setAttribute("cart", new Cart(List.of("a")));
			session.setAttribute("list", new ArrayList<>(List.of("a", "b")));
			node.repository().save(session);
			assertThat(node.repository().operations().types(session.getHandle())).isEqualTo(
					Map.of("text", "java.lang.String", "cart", Cart.class.getName(), "list", "java.util.ArrayList"));
		}
		assertThat(node().repository().operations().types(SessionId.newHandle())).isEmpty();
	}

	@Test
	default void sessionsAreEndedAndTold() {
		Node node = node();
		StoredSession session = create(node, "alice");
		create(node, "alice");
		SessionOperations operations = node.repository().operations();
		assertThat(operations.end(session.getHandle() + "A".repeat(43))).as("another secret").isFalse();
		assertThat(operations.end(session.getId())).isTrue();
		assertThat(operations.end(session.getHandle())).isFalse();
		assertThat(operations.end(PRINCIPAL, "alice")).isEqualTo(1);
		assertThat(node.events(SessionDeletedEvent.class)).hasSize(2);
	}

	@Test
	default void nothingOfItIsAnAccess() {
		Node node = node();
		StoredSession session = create(node, "alice");
		SessionOperations operations = node.repository().operations();
		await().until(() -> operations.describe(session.getHandle()).idle().toMillis() > 20);
		operations.page(null, 10);
		operations.types(session.getHandle());
		assertThat(operations.describe(session.getHandle()).idle()).isGreaterThan(Duration.ofMillis(20));
	}

	@Test
	default void theStateTellsWhoCollectsAndHowFarItIs() {
		Node idle = node();
		SessionStoreState state = idle.repository().operations().state();
		assertThat(state.collectorNode()).isNull();
		assertThat(state.collectorLag()).isZero();
		assertThat(state.lastCollected()).isNull();
		String handle = create(idle, "alice").getHandle();
		topology().hint("app:session:expiry:" + (handle.hashCode() & 15), Instant.now().toEpochMilli() - 60_000,
				handle);
		assertThat(idle.repository().operations().state().collectorLag()).isBetween(Duration.ofSeconds(59),
				Duration.ofSeconds(90));
		Node collecting = repositories().node((settings) -> {
		});
		await().until(() -> collecting.repository().operations().state().lastCollected() != null);
		state = idle.repository().operations().state();
		assertThat(state.collectorNode()).isNotNull();
		assertThat(state.collectorLag()).isZero();
		assertThat(state.collecting()).isFalse();
		assertThat(collecting.repository().operations().state().collecting()).isTrue();
		assertThat(state.live()).isEqualTo(1);
	}

	/**
	 * Something that applications keep.
	 */
	record Cart(List<String> items) implements Serializable {
	}

}
