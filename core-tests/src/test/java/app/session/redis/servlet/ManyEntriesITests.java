package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import app.session.redis.engine.SessionEngine;
import app.session.redis.index.SessionIndexes;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.TimeoutOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ApplicationEvent;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionExpiredEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Sessions with many index entries, and indexes with many sessions.
 */
@Timeout(60)
class ManyEntriesITests {

	private static final Consumer<SessionSettingsBuilder> SETTINGS = (settings) -> {
		settings.indexedAttributes(List.of("tags", "other"));
		settings.commandTimeout(Duration.ofSeconds(10));
	};

	private static List<String> tags(String prefix, int count) {
		return IntStream.range(0, count).mapToObj((i) -> prefix + i).toList();
	}

	@ParameterizedTest
	@EnumSource
	void indexEntriesAreWrittenAndRemovedInSeveralFlushes(Topology topology) {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			AtomicRedisSessionRepository repository = repositories.unstarted(SETTINGS).repository();
			StoredSession session = repository.createSession();
			session.setAttribute("tags", tags("t", 1100));
			repository.save(session);
			session.setAttribute("tags", tags("u", 1100));
			session.setAttribute("other", tags("o", 10));
			repository.save(session);
			assertThat(repository.findByIndexNameAndIndexValue("tags", "u1099")).containsKey(session.getId());
			assertThat(repository.findByIndexNameAndIndexValue("other", "o9")).containsKey(session.getId());
			await().until(() -> topology.keys().stream().noneMatch((key) -> key.contains(":tags:t")));
			repository.deleteById(session.getId());
			await().until(() -> topology.keys().isEmpty());
		}
	}

	@Test
	void aSessionMayHaveAsManyIndexEntriesAsTheBoundAllowsAndNoMore() {
		SharedRedis.standalone().flushAll();
		int most = SessionIndexes.MAX_ENTRIES;
		try (TestRepositories repositories = Topology.STANDALONE.repositories()) {
			AtomicRedisSessionRepository repository = repositories.unstarted(SETTINGS).repository();
			StoredSession session = repository.createSession();
			session.setAttribute("tags", tags("t", most));
			repository.save(session);
			assertThat(repository.findByIndexNameAndIndexValue("tags", "t" + (most - 1))).containsKey(session.getId());
			StoredSession found = repository.findById(session.getId());
			found.setAttribute("other", "secret");
			assertThatIllegalArgumentException().isThrownBy(() -> repository.save(found))
				.withMessageContaining("'tags'")
				.withMessageContaining(String.valueOf(most))
				.withMessageNotContaining("secret");
			assertThat(repository.findByIndexNameAndIndexValue("tags", "t0")).containsKey(session.getId());
		}
	}

	@Test
	void aNewSessionMayNotHaveMoreIndexEntriesEither() {
		try (TestRepositories repositories = Topology.STANDALONE.repositories()) {
			AtomicRedisSessionRepository repository = repositories.unstarted(SETTINGS).repository();
			StoredSession session = repository.createSession();
			session.setAttribute("tags", tags("secret", SessionIndexes.MAX_ENTRIES + 1));
			assertThatIllegalArgumentException().isThrownBy(() -> repository.save(session))
				.withMessageContaining("'tags'")
				.withMessageNotContaining("secret");
			assertThat(repository.findById(session.getId())).isNull();
		}
	}

	@Test
	void sessionsWithManyEntriesThatExpireTogetherDoNotFillTheQueueOfRequests() {
		SharedRedis.standalone().flushAll();
		try (TcpProxy proxy = TcpProxy.to(SharedRedis.standalone());
				TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			AtomicRedisSessionRepository creator = repositories.unstarted(SETTINGS).repository();
			for (int i = 0; i < 60; i++) {
				create(creator, 60, Duration.ofSeconds(1));
			}
			proxy.delay(Duration.ofMillis(30));
			List<ApplicationEvent> events = new CopyOnWriteArrayList<>();
			LettuceConnectionFactory factory = factory(proxy.host(), proxy.port(), 2500);
			SessionSettingsBuilder settings = SessionSettings.builder();
			SETTINGS.accept(settings);
			settings.collectorInterval(Duration.ofMillis(1100));
			SessionEngine engine = new SessionEngine(factory, settings.build());
			engine.setApplicationEventPublisher((event) -> events.add((ApplicationEvent) event));
			engine.afterPropertiesSet();
			engine.start();
			await().until(() -> SharedRedis.standalone()
				.keys()
				.stream()
				.noneMatch((key) -> key.contains(":tags:") || key.contains(":session:{")));
			assertThat(events).hasSize(60).allMatch(SessionExpiredEvent.class::isInstance);
			engine.stop();
			factory.destroy();
		}
	}

	/** Each flush takes less than the command timeout, all of them more. */
	@Test
	void expiryIsPublishedThoughItTakesLongToUpdateTheEntriesOfOtherSessionsThatCameDue() {
		SharedRedis.standalone().flushAll();
		try (TcpProxy proxy = TcpProxy.to(SharedRedis.standalone());
				TestRepositories repositories = TestRepositories.on(SharedRedis.standalone());
				TestRepositories distant = TestRepositories.on(proxy.host(), proxy.port())) {
			AtomicRedisSessionRepository creator = repositories.unstarted(SETTINGS).repository();
			for (int i = 0; i < 10; i++) {
				create(creator, 600, Duration.ofMinutes(10));
			}
			create(creator, 0, Duration.ofMillis(1));
			makeAllDue();
			Node node = distant.unstarted((settings) -> {
				SETTINGS.accept(settings);
				settings.commandTimeout(Duration.ofMillis(400));
				settings.collectorInterval(Duration.ofSeconds(20));
			});
			assertThat(node.repository().findById("none")).isNull();
			proxy.delay(Duration.ofMillis(50));
			node.engine().start();
			await().until(() -> node.events(SessionExpiredEvent.class).size() == 1);
		}
	}

	private static void create(AtomicRedisSessionRepository repository, int entries, Duration idleTimeout) {
		StoredSession session = repository.createSession();
		session.setAttribute("tags", tags("t", entries));
		session.setMaxInactiveInterval(idleTimeout);
		repository.save(session);
	}

	private static void makeAllDue() {
		var commands = SharedRedis.standalone().commands();
		SharedRedis.standalone()
			.keys()
			.stream()
			.filter((key) -> key.contains(":expir"))
			.forEach((key) -> commands.zrange(key, 0, -1).forEach((handle) -> commands.zadd(key, 1, handle)));
	}

	private static LettuceConnectionFactory factory(String host, int port, int requestQueueSize) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(new RedisStandaloneConfiguration(host, port),
				LettuceClientConfiguration.builder()
					.commandTimeout(Duration.ofSeconds(10))
					.clientOptions(ClientOptions.builder()
						.requestQueueSize(requestQueueSize)
						.timeoutOptions(TimeoutOptions.enabled())
						.build())
					.build());
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	/** As with the queue of the session client, but with fewer sessions. */
	@Test
	void moreSessionsThanTheQueueOfRequestsTakesAreDeletedTogether() {
		SharedRedis.standalone().flushAll();
		try (TestRepositories repositories = TestRepositories.on(SharedRedis.standalone())) {
			Node creator = repositories.unstarted(SETTINGS);
			for (int i = 0; i < 1500; i++) {
				StoredSession session = creator.repository().createSession();
				session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
				creator.repository().save(session);
			}
			LettuceConnectionFactory factory = factory(SharedRedis.standalone().host(), SharedRedis.standalone().port(),
					1200);
			SessionSettingsBuilder settings = SessionSettings.builder();
			SETTINGS.accept(settings);
			SessionEngine engine = new SessionEngine(factory, settings.build());
			engine.afterPropertiesSet();
			AtomicRedisSessionRepository repository = new AtomicRedisSessionRepository(engine);
			assertThat(repository.deleteByPrincipalName("alice")).isEqualTo(1500);
			await().until(() -> SharedRedis.standalone().keys().isEmpty());
			engine.stop();
			factory.destroy();
		}
	}

}
