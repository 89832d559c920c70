package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.SessionEngine;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.store.IndexEntry;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The settings of values change under living sessions.
 */
class ValueSettingsITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private static final String LONG = "a long text, ".repeat(1000);

	/** Its connection serves the repositories of all tests: they are many. */
	private static final TestRepositories connections = TestRepositories.on(server);

	private static final Node connection = connections.unstarted((settings) -> {
	});

	private final List<SessionEngine> engines = new ArrayList<>();

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	/** Waits for what is still on its way. */
	@AfterEach
	void stop() {
		this.engines.forEach(SessionEngine::stop);
	}

	@AfterAll
	static void close() {
		connections.close();
	}

	/** What an application may have configured, one after the other, in any order. */
	enum Configuration {

		JDK(ValueForm.JDK, CompressionAlgorithm.NONE, null), JSON(ValueForm.JSON, CompressionAlgorithm.NONE, null),
		JDK_DEFLATE(ValueForm.JDK, CompressionAlgorithm.DEFLATE, null),
		JDK_LZ4(ValueForm.JDK, CompressionAlgorithm.LZ4, null),
		JSON_ZSTD(ValueForm.JSON, CompressionAlgorithm.ZSTD, null),
		JDK_K1(ValueForm.JDK, CompressionAlgorithm.NONE, "k1"), JDK_K2(ValueForm.JDK, CompressionAlgorithm.NONE, "k2"),
		JSON_LZ4_K2(ValueForm.JSON, CompressionAlgorithm.LZ4, "k2"), CUSTOM(null, CompressionAlgorithm.NONE, null),
		CUSTOM_DEFLATE_K1(null, CompressionAlgorithm.DEFLATE, "k1");

		private final ValueForm form;

		private final CompressionAlgorithm compression;

		private final String key;

		Configuration(ValueForm form, CompressionAlgorithm compression, String key) {
			this.form = form;
			this.compression = compression;
			this.key = key;
		}

		void apply(SessionSettingsBuilder settings) {
			settings.indexedAttributes(List.of("tenant"));
			settings.compression(this.compression, 1000);
			settings.encryptionKeys(new EncryptionKeys(keys(), this.key));
			settings.acceptPlainUntil(Instant.now().plus(Duration.ofDays(1)));
			settings.readForms(List.of(ValueForm.values()));
			if (this.form != null) {
				settings.valueForm(this.form);
			}
			else {
				settings.serializer(RedisSerializer.java(ValueSettingsITests.class.getClassLoader()));
			}
		}

		/** What the first byte of the value tells. */
		byte firstByte() {
			if (this.key != null) {
				return 8;
			}
			return (byte) switch (this.compression) {
				case DEFLATE -> 5;
				case LZ4 -> 6;
				case ZSTD -> 7;
				case NONE -> (this.form == null) ? 3 : (this.form == ValueForm.JSON) ? 4 : 2;
			};
		}

	}

	private static Map<String, byte[]> keys() {
		Map<String, byte[]> keys = new LinkedHashMap<>();
		keys.put("k1", "the first key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8));
		keys.put("k2", "the other key, 32 bytes of them.".getBytes(StandardCharsets.UTF_8));
		return keys;
	}

	static Stream<Arguments> changes() {
		return Stream.of(Configuration.values())
			.flatMap((before) -> Stream.of(Configuration.values()).map((after) -> Arguments.of(before, after)));
	}

	private static boolean readableAfter(Configuration before, Configuration after) {
		// The application's own serializer is read while it is configured
		return before.form != null || after.form == null;
	}

	private AtomicRedisSessionRepository node(Configuration configuration) {
		return node(configuration, SaveMode.ON_CHANGE);
	}

	private AtomicRedisSessionRepository node(Configuration configuration, SaveMode saveMode) {
		SessionSettingsBuilder settings = SessionSettings.builder();
		settings.commandTimeout(Duration.ofSeconds(2));
		settings.saveMode(saveMode);
		configuration.apply(settings);
		SessionEngine engine = new SessionEngine(connection.connectionFactory(), settings.build());
		engine.setBeanClassLoader(getClass().getClassLoader());
		engine.afterPropertiesSet();
		this.engines.add(engine);
		return new AtomicRedisSessionRepository(engine);
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("tenant", new ArrayList<>(List.of("t1", "t2")));
		session.setAttribute("list", new ArrayList<>(List.of(LONG)));
		session.setAttribute("text", LONG);
		session.setAttribute("small", 7);
		repository.save(session);
		return session;
	}

	private static Map<String, byte[]> content(StoredSession session) {
		Map<String, byte[]> content = new LinkedHashMap<>();
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync()
				.hgetall(("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII))
				.forEach((field, value) -> content.put(new String(field, StandardCharsets.UTF_8), value));
		}
		return content;
	}

	@ParameterizedTest
	@MethodSource("changes")
	void whatWasWrittenBeforeIsReadFoundAndRenewed(Configuration before, Configuration after) {
		StoredSession session = create(node(before));
		assertThat(content(session).get("list")[0]).isEqualTo(before.firstByte());
		AtomicRedisSessionRepository repository = node(after);
		assertThat(repository.findByPrincipalName("alice")).hasSize(1).containsKey(session.getHandle());
		assertThat(repository.operations().count(PRINCIPAL, "alice")).isEqualTo(1);
		if (!readableAfter(before, after)) {
			assertThat(repository.deleteByPrincipalName("alice")).isEqualTo(1);
			await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
			return;
		}
		StoredSession found = repository.clientSessions().findById(session.getId());
		assertThat(found.<String>getAttribute("text")).isEqualTo(LONG);
		assertThat(found.<Integer>getAttribute("small")).isEqualTo(7);
		assertThat(found.<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
		assertThat(found.<List<String>>getRequiredAttribute("list")).containsExactly(LONG);
		Map<String, byte[]> unchanged = content(session);
		repository.save(found);
		assertThat(content(session)).as("what was only read is not written")
			.allSatisfy((field, value) -> assertThat(value).isEqualTo(unchanged.get(field)));
		found.<List<String>>getRequiredAttribute("list").add("more");
		repository.save(found);
		Map<String, byte[]> content = content(session);
		assertThat(content.get("list")[0]).isEqualTo((before.key != null) ? (byte) 8 : after.firstByte());
		if (before.key != null || after.key == null) {
			assertThat(content.get("text")).as("what was not changed").isEqualTo(unchanged.get("text"));
		}
		else {
			assertThat(content.get("text")[0]).as("sealed with the session").isEqualTo((byte) 8);
		}
		StoredSession again = node(after).findById(session.getId());
		assertThat(again.<List<String>>getRequiredAttribute("list")).containsExactly(LONG, "more");
		assertThat(again.<List<String>>getRequiredAttribute("tenant")).containsExactly("t1", "t2");
		// The save has moved the entries, though it changed nothing of them
		await().untilAsserted(() -> {
			List<String> indexes = indexes();
			assertThat(indexes).hasSize(3)
				.allMatch((key) -> key
					.contains((after.key != null) ? ":~" + after.key + ":" : key.contains("tenant") ? ":t" : ":alice"));
		});
		for (Configuration configuration : List.of(before, after)) {
			AtomicRedisSessionRepository node = node(configuration);
			assertThat(node.findByPrincipalName("alice")).hasSize(1);
			assertThat(node.findByIndexNameAndIndexValue("tenant", "t2")).hasSize(1);
			assertThat(node.operations().count("tenant", "t1")).isEqualTo(1);
		}
		assertThat(node(before).deleteByPrincipalName("alice")).isEqualTo(1);
		await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
	}

	private static List<String> indexes() {
		return server.keys().stream().filter((key) -> key.contains(":index:")).toList();
	}

	@ParameterizedTest
	@EnumSource
	void aSessionThatSeveralConfigurationsWroteIsReadByEach(Configuration last) {
		StoredSession session = node(Configuration.JDK).createSession();
		session.setAttribute(PRINCIPAL, "alice");
		node(Configuration.JDK).save(session);
		List<Configuration> writers = Stream.of(Configuration.values())
			.filter((configuration) -> readableAfter(configuration, last))
			.toList();
		for (Configuration writer : writers) {
			AtomicRedisSessionRepository repository = node(writer);
			StoredSession found = repository.clientSessions().findById(session.getId());
			found.setAttribute("by " + writer, new ArrayList<>(List.of(writer.name(), LONG)));
			repository.save(found);
		}
		StoredSession found = node(last).clientSessions().findById(session.getId());
		for (Configuration writer : writers) {
			assertThat(found.<List<String>>getRequiredAttribute("by " + writer)).containsExactly(writer.name(), LONG);
		}
		assertThat(node(last).findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	void whatIsEncryptedShowsNeitherValuesNorNames() {
		AtomicRedisSessionRepository repository = node(Configuration.JSON_LZ4_K2);
		StoredSession session = create(repository);
		StoredSession found = repository.clientSessions().findById(session.getId());
		found.changeSessionId();
		found.setAttribute(PRINCIPAL, "bob");
		repository.save(found);
		await().untilAsserted(() -> assertThat(indexes()).hasSize(3));
		StringBuilder all = new StringBuilder(server.keys().toString());
		content(found).forEach((field, value) -> all.append(new String(value, StandardCharsets.ISO_8859_1)));
		assertThat(all).doesNotContain("alice", "bob", "a long text", "t1", "t2");
		for (byte[] key : keys().values()) {
			assertThat(all).doesNotContain(new String(key, StandardCharsets.ISO_8859_1),
					Base64.getEncoder().encodeToString(key));
		}
		assertThat(repository.operations().describe(session.getHandle()).indexEntries()).hasSize(3)
			.extracting(IndexEntry::value)
			.allMatch((value) -> value.matches("~k2:[A-Za-z0-9_-]{22}"));
		assertThat(repository.findByPrincipalName("bob")).hasSize(1);
		assertThat(repository.findByPrincipalName("alice")).isEmpty();
	}

	@Test
	void aSessionWithAnEncryptedPrincipalStaysInRedissCompactEncoding() {
		AtomicRedisSessionRepository repository = node(Configuration.JDK_K1);
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL, "alice@example.org");
		repository.save(session);
		assertThat(server.commands().objectEncoding("app:session:session:{" + session.getHandle() + "}"))
			.isNotEqualTo("hashtable");
	}

	@Test
	void everySaveMovesEntriesAndNoOther() {
		StoredSession session = create(node(Configuration.JDK));
		AtomicRedisSessionRepository repository = node(Configuration.JDK_K1);
		StoredSession read = repository.clientSessions().findById(session.getId());
		repository.save(read);
		assertThat(indexes()).as("nothing to save").anyMatch((key) -> key.endsWith(":alice"));
		read.setMaxInactiveInterval(Duration.ofMinutes(20));
		repository.save(read);
		await().untilAsserted(() -> assertThat(indexes()).hasSize(3).allMatch((key) -> key.contains(":~k1:")));
		List<String> moved = indexes();
		read.setAttribute("text", "x");
		repository.save(read);
		assertThat(indexes()).isEqualTo(moved);
		AtomicRedisSessionRepository back = node(Configuration.JDK);
		StoredSession plain = back.clientSessions().findById(session.getId());
		plain.changeSessionId();
		back.save(plain);
		await().untilAsserted(() -> assertThat(indexes()).hasSize(3)
			.noneMatch((key) -> key.contains("~"))
			.anyMatch((key) -> key.endsWith(":principal:alice")));
	}

	@Test
	void anUnreadablePrincipalKeepsItsEntryInTheFormThatIsWritten() {
		StoredSession session = create(node(Configuration.CUSTOM));
		AtomicRedisSessionRepository repository = node(Configuration.JDK_K1);
		StoredSession found = repository.clientSessions().findById(session.getId());
		found.setAttribute("new", "x");
		repository.save(found);
		await().untilAsserted(() -> assertThat(indexes()).hasSize(3).allMatch((key) -> key.contains(":~k1:")));
		assertThat(repository.findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	void whatWasSavedIsWrittenAgainOnlyWhenItHasChanged() {
		AtomicRedisSessionRepository repository = node(Configuration.CUSTOM_DEFLATE_K1);
		StoredSession session = create(repository);
		Map<String, byte[]> content = content(session);
		repository.save(session);
		assertThat(content(session)).allSatisfy((field, value) -> assertThat(value).isEqualTo(content.get(field)));
		session.<List<String>>getRequiredAttribute("list").add("more");
		repository.save(session);
		assertThat(content(session).get("list")).isNotEqualTo(content.get("list"));
		assertThat(content(session).get("tenant")).isEqualTo(content.get("tenant"));
	}

	@Test
	void savingAlwaysRenewsWhatWasNotRead() {
		StoredSession session = create(node(Configuration.JDK));
		AtomicRedisSessionRepository always = node(Configuration.JDK_K1, SaveMode.ALWAYS);
		always.save(always.clientSessions().findById(session.getId()));
		Map<String, byte[]> content = content(session);
		assertThat(content.get("list")[0]).isEqualTo((byte) 8);
		assertThat(content.get("text")[0]).isEqualTo((byte) 8);
		assertThat(node(Configuration.JDK_K1).findById(session.getId()).<List<String>>getRequiredAttribute("list"))
			.containsExactly(LONG);
	}

	@Test
	void nodesOfDifferentConfigurationsAtOnceLeaveNoEntryTooManyOrMissing() throws Exception {
		StoredSession session = create(node(Configuration.JDK));
		List<AtomicRedisSessionRepository> nodes = List.of(node(Configuration.JDK), node(Configuration.JDK_K1),
				node(Configuration.JSON_LZ4_K2));
		ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
		try {
			List<Callable<Void>> tasks = new ArrayList<>();
			for (AtomicRedisSessionRepository node : nodes) {
				tasks.add(() -> {
					for (int i = 0; i < 50; i++) {
						StoredSession found = node.findById(session.getHandle());
						found.setAttribute(PRINCIPAL, "alice" + ThreadLocalRandom.current().nextInt(3));
						node.save(found);
					}
					return null;
				});
			}
			for (Future<Void> task : threads.invokeAll(tasks)) {
				task.get();
			}
		}
		finally {
			threads.shutdown();
		}
		AtomicRedisSessionRepository repository = nodes.get(1);
		String principal = repository.findById(session.getHandle()).getRequiredAttribute(PRINCIPAL);
		await().untilAsserted(() -> assertThat(indexes()).hasSize(3));
		for (AtomicRedisSessionRepository node : nodes) {
			assertThat(node.findByPrincipalName(principal)).hasSize(1);
			assertThat(node.operations().count(PRINCIPAL, principal)).isEqualTo(1);
			assertThat(node.findByIndexNameAndIndexValue("tenant", "t1")).hasSize(1);
		}
	}

}
