package app.session.redis.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationListener;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a primary and its replica, both configured by their addresses.
 */
class ReplicasITests {

	private final RedisServer primary = RedisServer.start();

	private final RedisServer replica = RedisServer.builder().replicaOf(this.primary).start();

	private final WebApplicationContextRunner contextRunner = ContextRunners.application()
		.withPropertyValues(
				"app.session.redis.hosts=127.0.0.1:" + this.replica.port() + ",127.0.0.1:" + this.primary.port(),
				"app.session.redis.events=broadcast");

	@BeforeEach
	void replicate() {
		this.replica.awaitReplication();
	}

	@AfterEach
	void close() {
		this.replica.close();
		this.primary.close();
	}

	@Test
	void thePrimaryIsFoundAmongThem() {
		this.contextRunner.run((context) -> {
			AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
			StoredSession session = save(repository);
			assertThat(repository.findById(session.getId()).<String>getAttribute("a")).isEqualTo("b");
		});
	}

	@Test
	void anotherThatBecomesThePrimaryIsFoundToo() {
		this.contextRunner.run((context) -> {
			AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
			StoredSession before = save(repository);
			Awaitility.await()
				.until(() -> this.replica.keys().contains("app:session:session:{" + before.getHandle() + "}"));
			this.replica.commands().replicaofNoOne();
			this.primary.commands().replicaof("127.0.0.1", this.replica.port());
			Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> save(repository) != null);
			assertThat(repository.findById(before.getId()).<String>getAttribute("a")).isEqualTo("b");
		});
	}

	@Test
	void indexesAreReadFromTheReplicaAndSessionsAreNot() {
		this.contextRunner.withPropertyValues("app.session.redis.read-from=replica").run((context) -> {
			// the start tries every command
			this.primary.commands().configResetstat();
			AtomicRedisSessionRepository repository = context.getBean(AtomicRedisSessionRepository.class);
			StoredSession session = repository.createSession();
			session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
			repository.save(session);
			Awaitility.await().until(() -> repository.findByPrincipalName("alice").size() == 1);
			assertThat(
					repository.operations().count(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice"))
				.isEqualTo(1);
			assertThat(repository.findById(session.getId())).isNotNull();
			String asked = this.replica.commands().info("commandstats");
			assertThat(asked).contains("cmdstat_zrange:", "cmdstat_zcard:").doesNotContain("cmdstat_eval");
			assertThat(this.primary.commands().info("commandstats")).doesNotContain("cmdstat_zrange:");
			session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "bob");
			repository.save(session);
			Awaitility.await().until(() -> repository.findByPrincipalName("alice").isEmpty());
		});
	}

	@Test
	void nodesReceiveMessagesOfEachOther() {
		List<String> heard = new CopyOnWriteArrayList<>();
		this.contextRunner
			.withBean("listener", ApplicationListener.class,
					() -> (ApplicationListener<SessionDeletedEvent>) (event) -> heard.add(event.getSessionId()))
			.run((listening) -> this.contextRunner.run((acting) -> {
				AtomicRedisSessionRepository repository = acting.getBean(AtomicRedisSessionRepository.class);
				List<String> deleted = new ArrayList<>();
				// until the subscription, which starts in the background, exists
				Awaitility.await().until(() -> {
					StoredSession session = save(repository);
					repository.deleteById(session.getId());
					deleted.add(session.getHandle());
					return !heard.isEmpty();
				});
				assertThat(heard).allSatisfy((id) -> assertThat(deleted).contains(id.substring(id.length() - 16)));
			}));
	}

	private static StoredSession save(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute("a", "b");
		repository.save(session);
		return session;
	}

}
