package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

import app.session.redis.log.LimitedLog;
import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.web.http.HeaderHttpSessionIdResolver;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages that clients can cause with each request.
 */
@ExtendWith(OutputCaptureExtension.class)
class LogFloodTests {

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

	private static void assertBounded(CapturedOutput output, String message) {
		assertThat(StringUtils.countOccurrencesOf(output.toString(), message)).isBetween(1, LimitedLog.PER_MINUTE);
	}

	@Test
	void sessionThatCanNotBeTakenOverIsLoggedAndCountedOnce(CapturedOutput output) {
		Node node = this.repositories.unstarted((settings) -> settings.migrateFrom("old"));
		String id = createUnreadable(node);
		for (int i = 0; i < 20; i++) {
			assertThat(node.repository().clientSessions().findById(id)).isNull();
		}
		assertThat(StringUtils.countOccurrencesOf(output.toString(), "can't be migrated")).isEqualTo(1);
		assertThat(node.repository().getStatistics().get(SessionCounter.NOT_TAKEN_OVER)).isEqualTo(1);
		assertThat(output).doesNotContain(id);
	}

	@Test
	void manySessionsThatCanNotBeTakenOverAreCountedAndNotAllLogged(CapturedOutput output) {
		Node node = this.repositories.unstarted((settings) -> settings.migrateFrom("old"));
		for (int i = 0; i < 30; i++) {
			assertThat(node.repository().clientSessions().findById(createUnreadable(node))).isNull();
		}
		assertBounded(output, "can't be migrated");
		assertThat(node.repository().getStatistics().get(SessionCounter.NOT_TAKEN_OVER)).isEqualTo(30);
	}

	private static String createUnreadable(Node node) {
		String id = UUID.randomUUID().toString();
		try (RedisConnection connection = node.connectionFactory().getConnection()) {
			for (String name : new String[] { "creationTime", "lastAccessedTime", "maxInactiveInterval" }) {
				connection.hashCommands().hSet(bytes("old:sessions:" + id), bytes(name), bytes("unreadable"));
			}
		}
		return id;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Test
	void failingListener(CapturedOutput output) {
		AtomicRedisSessionRepository repository = this.repositories.unstarted((settings) -> {
		}, (each) -> each.setApplicationEventPublisher((event) -> {
			throw new IllegalStateException("for the test");
		})).repository();
		for (int i = 0; i < 30; i++) {
			repository.save(repository.createSession());
		}
		assertBounded(output, "A listener of SessionCreatedEvent failed");
	}

	@Test
	void damagedSessions(CapturedOutput output) {
		AtomicRedisSessionRepository repository = this.repositories.unstarted((settings) -> {
		}).repository();
		for (int i = 0; i < 30; i++) {
			StoredSession session = repository.createSession();
			server.commands().set("app:session:session:{" + session.getHandle() + "}", "x");
			assertThat(repository.clientSessions().findById(session.getId())).isNull();
		}
		assertBounded(output, "is damaged and treated as");
		assertThat(repository.getStatistics().get(SessionCounter.DAMAGED)).isEqualTo(30);
	}

	@Test
	void savesThatFailAtTheEndOfAsynchronousProcessing(CapturedOutput output) throws Exception {
		AtomicRedisSessionRepository repository = this.repositories.unstarted((settings) -> {
		}).repository();
		RedisSessionFilter filter = new RedisSessionFilter(repository, Duration.ofSeconds(1));
		filter.setHttpSessionIdResolver(HeaderHttpSessionIdResolver.xAuthToken());
		for (int i = 0; i < 30; i++) {
			MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
			request.setAsyncSupported(true);
			filter.doFilter(request, new MockHttpServletResponse(), (req, res) -> {
				((HttpServletRequest) req).getSession().setAttribute("thread", new Thread());
				req.startAsync();
			});
			request.getAsyncContext().complete();
		}
		assertBounded(output, "at the end of asynchronous processing failed");
	}

}
