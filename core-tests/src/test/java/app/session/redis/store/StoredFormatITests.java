package app.session.redis.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.ValueForm;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The stored format, which is fixed: sessions in the files of {@code stored-format-1}
 * were written by the first version of the library that has this format, and every later
 * one must read them. Each file has the id of a session, and the fields of its hash in
 * hexadecimal. {@code -Dstored-format.write=true} writes the files of new variants.
 */
class StoredFormatITests {

	private static final Path FILES = Path.of("src/test/resources/stored-format-1");

	private static final boolean WRITE = Boolean.getBoolean("stored-format.write");

	private static final Duration IDLE = Duration.ofMinutes(30);

	private static final Duration GRACE = Duration.ofMinutes(5);

	/** An absolute deadline, January 1, 2200, in milliseconds in six bytes. */
	private static final String DEADLINE = "0699e991a800";

	/** Where the deadline begins in a header, in hexadecimal digits. */
	private static final int DEADLINE_POSITION = 2 * 38;

	private static final EncryptionKeys KEYS = new EncryptionKeys(Map.of("k1", new byte[32]), "k1");

	private static final Map<String, Object> ATTRIBUTES = Map.of("text", "text äöü", "number", 42L, "list",
			new ArrayList<>(List.of("a", "b")), "m", "a name of one character", ":colon", true);

	private final RedisServer server = SharedRedis.standalone();

	private final StatefulRedisConnection<byte[], byte[]> redis = this.server.client().connect(ByteArrayCodec.INSTANCE);

	private final TestRepositories repositories = TestRepositories.on(this.server);

	/** What a session can be like. */
	enum Variant {

		PLAIN((settings) -> {
		}),

		PRINCIPAL((settings) -> {
		}) {

			@Override
			void change(StoredSession session) {
				session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
			}

		},

		LONG_INDEX_ENTRIES((settings) -> settings.indexedAttributes(List.of("tag"))) {

			@Override
			void change(StoredSession session) {
				session.setAttribute("tag", "t".repeat(300));
			}

		},

		JSON((settings) -> settings.valueForm(ValueForm.JSON)),

		COMPRESSED((settings) -> settings.compression(CompressionAlgorithm.DEFLATE, 0)),

		ENCRYPTED((settings) -> settings.encryptionKeys(KEYS)),

		AUTHENTICATED(
				(settings) -> settings.encryptionKeys(EncryptionKeys.authenticating(Map.of("k1", new byte[32]), "k1"))),

		UNPROTECTED_ID((settings) -> settings.protectIds(false)),

		NEVER_EXPIRING((settings) -> {
		}) {

			@Override
			void change(StoredSession session) {
				session.setMaxInactiveInterval(Duration.ofSeconds(-1));
			}

		},

		SECOND_REQUEST((settings) -> settings.firstTimeout(Duration.ofMinutes(10))),

		DEADLINE((settings) -> settings.absoluteTimeout(Duration.ofDays(1)));

		private final Consumer<SessionSettingsBuilder> settings;

		Variant(Consumer<SessionSettingsBuilder> settings) {
			this.settings = settings;
		}

		void change(StoredSession session) {
		}

		Path file() {
			return FILES.resolve(name().toLowerCase(Locale.ROOT) + ".txt");
		}

	}

	@BeforeEach
	void empty() {
		this.server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.redis.close();
	}

	private Node node(Variant variant) {
		return this.repositories.unstarted((settings) -> {
			settings.idleTimeout(IDLE).grace(GRACE);
			variant.settings.accept(settings);
		});
	}

	private StoredSession create(Node node, Variant variant) {
		StoredSession session = node.repository().createSession();
		ATTRIBUTES.forEach(session::setAttribute);
		variant.change(session);
		node.repository().save(session);
		return session;
	}

	private static byte[] key(String id) {
		return bytes("app:session:session:{" + id.substring(0, 16) + "}");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/** Returns the fields of a stored session, by their names in hexadecimal. */
	private Map<String, String> fields(String id) {
		Map<String, String> fields = new TreeMap<>();
		this.redis.sync()
			.hgetall(key(id))
			.forEach((name, value) -> fields.put(HexFormat.of().formatHex(name), HexFormat.of().formatHex(value)));
		return fields;
	}

	private static String hex(String text) {
		return HexFormat.of().formatHex(bytes(text));
	}

	private List<String> written(Variant variant) throws IOException {
		if (WRITE && Files.notExists(variant.file())) {
			StoredSession session = create(node(variant), variant);
			Map<String, String> fields = fields(session.getId());
			if (variant == Variant.DEADLINE) {
				fields.computeIfPresent(hex("m"), (name, header) -> header.substring(0, DEADLINE_POSITION) + DEADLINE
						+ header.substring(DEADLINE_POSITION + DEADLINE.length()));
			}
			List<String> lines = new ArrayList<>(List.of(session.getId()));
			fields.forEach((name, value) -> lines.add(name + "=" + value));
			Files.createDirectories(FILES);
			Files.write(variant.file(), lines);
			this.server.flushAll();
		}
		return Files.readAllLines(variant.file());
	}

	@ParameterizedTest
	@EnumSource
	void sessionOfTheFirstVersion_isRead(Variant variant) throws IOException {
		List<String> lines = written(variant);
		String id = lines.get(0);
		for (String line : lines.subList(1, lines.size())) {
			int separator = line.indexOf('=');
			this.redis.sync()
				.hset(key(id), HexFormat.of().parseHex(line.substring(0, separator)),
						HexFormat.of().parseHex(line.substring(separator + 1)));
		}
		if (this.redis.sync().hexists(key(id), bytes("l"))) {
			this.redis.sync()
				.hset(key(id), bytes("l"), Long.toString(System.currentTimeMillis()).getBytes(StandardCharsets.UTF_8));
		}
		this.redis.sync().pexpire(key(id), IDLE.plus(GRACE).toMillis());
		Node node = node(variant);
		StoredSession found = node.repository().clientSessions().findById(id);
		assertThat(found).isNotNull();
		assertThat(found.getId()).isEqualTo(id);
		ATTRIBUTES.forEach((name, value) -> assertThat(found.<Object>getAttribute(name)).as(name).isEqualTo(value));
		StoredSession expected = create(node, variant);
		assertThat(found.getAttributeNames()).isEqualTo(expected.getAttributeNames());
		assertThat(found.getMaxInactiveInterval()).isEqualTo(expected.getMaxInactiveInterval());
		found.setAttribute("text", "changed");
		node.repository().save(found);
		assertThat(node.repository().findById(id).<String>getAttribute("text")).isEqualTo("changed");
	}

	@ParameterizedTest
	@EnumSource
	void newSession_hasTheFormatOfTheFirstVersion(Variant variant) throws IOException {
		List<String> lines = written(variant);
		Map<String, String> before = new TreeMap<>();
		lines.subList(1, lines.size())
			.forEach((line) -> before.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
		Map<String, String> now = fields(create(node(variant), variant).getId());
		assertThat(now.keySet()).isEqualTo(before.keySet());
		String header = now.get(hex("m"));
		String headerBefore = before.get(hex("m"));
		assertThat(header).hasSameSizeAs(headerBefore);
		assertThat(header.substring(0, 2)).as("version and flags").isEqualTo(headerBefore.substring(0, 2));
		assertThat(header.substring(46, 64)).as("idle timeout and grace").isEqualTo(headerBefore.substring(46, 64));
		if (variant != Variant.DEADLINE) {
			assertThat(header.substring(76)).as("later idle timeout and index entries")
				.isEqualTo(headerBefore.substring(76));
		}
		before.forEach((name, value) -> {
			if (isDeterministic(variant, name)) {
				assertThat(now.get(name)).as(name).isEqualTo(value);
			}
			else {
				assertThat(now.get(name)).as(name).hasSameSizeAs(value);
			}
		});
	}

	/** Whether a field doesn't depend on the time, on keys or on random bytes. */
	private static boolean isDeterministic(Variant variant, String name) {
		return variant != Variant.ENCRYPTED && variant != Variant.AUTHENTICATED
				&& !List.of(hex("m"), hex("l"), hex("s"), hex("a")).contains(name);
	}

}
