package app.session.redis.servlet;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions with more attributes than a request uses: those that are not used have no
 * object.
 */
class UnreadAttributesITests {

	private static final int ATTRIBUTES = 20;

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private Node node;

	private String id;

	@BeforeEach
	void create() {
		server.flushAll();
		this.node = this.repositories
			.unstarted((settings) -> settings.allowedTypes(List.of("app.session.redis.servlet")));
		StoredSession session = this.node.repository().createSession();
		for (int i = 0; i < ATTRIBUTES; i++) {
			session.setAttribute("a" + i, "value " + i);
		}
		save(session);
		this.id = session.getId();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private StoredSession load() {
		return this.node.repository().findById(this.id);
	}

	private void save(StoredSession session) {
		this.node.repository().save(session);
	}

	@Test
	void everyAttribute_canBeRead() {
		StoredSession session = load();
		for (int i = 0; i < ATTRIBUTES; i++) {
			assertThat(session.<String>getAttribute("a" + i)).isEqualTo("value " + i);
			assertThat(session.<String>getAttribute("missing" + i)).isNull();
		}
		assertThat(session.getAttributeNames()).hasSize(ATTRIBUTES);
	}

	@Test
	void names_includeAttributesThatWereNotRead() {
		StoredSession session = load();
		session.getAttribute("a0");
		session.setAttribute("new", "value");
		session.removeAttribute("a1");
		assertThat(session.getAttributeNames()).hasSize(ATTRIBUTES).contains("a0", "a2", "new").doesNotContain("a1");
	}

	@Test
	void removedAttribute_staysRemoved_afterTheSave() {
		StoredSession session = load();
		session.removeAttribute("a1");
		save(session);
		assertThat(session.<String>getAttribute("a1")).isNull();
		assertThat(load().<String>getAttribute("a1")).isNull();
		assertThat(load().getAttributeNames()).hasSize(ATTRIBUTES - 1);
	}

	@Test
	void attributeThatIsReplacedUnread_isWritten_andOthersAreKept() {
		StoredSession session = load();
		session.setAttribute("a1", "another");
		save(session);
		assertThat(session.<String>getAttribute("a2")).isEqualTo("value 2");
		assertThat(load().<String>getAttribute("a1")).isEqualTo("another");
		assertThat(load().<String>getAttribute("a19")).isEqualTo("value 19");
	}

	@Test
	void valueThatReadsOtherAttributesWhileItIsSaved_isSaved() {
		StoredSession session = load();
		List<Reader> readers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			readers.add(new Reader(session, i));
			session.setAttribute("reader" + i, readers.get(i));
		}
		save(session);
		assertThat(readers).allSatisfy((reader) -> assertThat(reader.read).isNotEmpty());
		assertThat(load().getAttributeNames()).hasSize(ATTRIBUTES + 3);
	}

	/** Its serialization looks up attributes of its session. */
	private static final class Reader implements Serializable {

		private static final long serialVersionUID = 1;

		private final transient StoredSession session;

		private final int first;

		private final transient List<String> read = new ArrayList<>();

		Reader(StoredSession session, int first) {
			this.session = session;
			this.first = first;
		}

		private void writeObject(ObjectOutputStream out) throws IOException {
			for (int i = this.first; i < ATTRIBUTES; i += 3) {
				this.read.add(this.session.getAttribute("a" + i));
			}
			out.defaultWriteObject();
		}

	}

}
