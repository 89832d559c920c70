package app.session.redis.web;

import app.session.redis.AtomicRedisSessionRepository;
import app.session.redis.StoredSession;
import app.session.redis.TestRepositories;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request knows of sessions, and what it must not take for knowledge.
 */
class RequestScopeTests {

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository repository = node();

	private final StoredSession session = create(node());

	@BeforeEach
	void beginRequest() {
		// Another node brings the script into Redis, so that it need not be sent twice.
		assertThat(node().findById(this.session.getId())).isNotNull();
		new RequestScope().bind(() -> false);
	}

	@AfterEach
	void close() {
		RequestScope.restore(null);
		this.repositories.close();
	}

	private AtomicRedisSessionRepository node() {
		return this.repositories.unstarted((repository) -> {
		}).repository();
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		repository.save(session);
		return session;
	}

	@Test
	void aSessionIsReadOnceAndIsTheSameWhoeverAsks() {
		try (Monitor monitor = Monitor.of(server)) {
			StoredSession found = this.repository.clientSessions().findById(this.session.getId());
			assertThat(found).isNotNull();
			assertThat(this.repository.clientSessions().findById(this.session.getId())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getId())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getHandle())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getHandle() + "A".repeat(43))).isNull();
			assertThat(monitor.commands()).hasSize(1);
		}
	}

	@Test
	void aSessionThatWasFoundByItsPrincipalBeforeIsStillTheClients() {
		assertThat(this.repository.findByPrincipalName("alice")).containsKey(this.session.getHandle());
		assertThat(this.repository.clientSessions().findById(this.session.getHandle() + "A".repeat(43))).isNull();
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		assertThat(found).isNotNull();
		assertThat(found.getId()).isEqualTo(this.session.getId());
		assertThat(this.repository.findById(this.session.getHandle())).isSameAs(found);
	}

	@Test
	void aSessionThatTheRequestEndedStaysEnded() {
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		this.repository.clientSessions().deleteById(this.session.getId());
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(this.repository.clientSessions().findById(this.session.getId())).isNull();
			assertThat(this.repository.findById(this.session.getHandle())).isNull();
			found.setAttribute("late", "x");
			this.repository.save(found);
			assertThat(monitor.commands()).noneMatch(
					(command) -> command.name().startsWith("EVAL") && command.args().toString().contains(":session:{"));
		}
	}

	@Test
	void anUnknownIdIsAskedForOnce() {
		try (Monitor monitor = Monitor.of(server)) {
			String unknown = "A".repeat(59);
			assertThat(this.repository.clientSessions().findById(unknown)).isNull();
			assertThat(this.repository.clientSessions().findById(unknown)).isNull();
			assertThat(monitor.commands()).hasSize(1);
		}
	}

	@Test
	void anIdThatWasChangedIsDeadInTheRequestOnceItIsSaved() {
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		String changed = found.changeSessionId();
		assertThat(this.repository.clientSessions().findById(this.session.getId())).isSameAs(found);
		this.repository.clientSessions().save(found);
		assertThat(this.repository.clientSessions().findById(this.session.getId())).isNull();
		assertThat(this.repository.clientSessions().findById(changed)).isSameAs(found);
	}

}
