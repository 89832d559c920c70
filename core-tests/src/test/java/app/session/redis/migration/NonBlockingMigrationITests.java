package app.session.redis.migration;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionId;
import app.session.redis.client.SlowRedis;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.settings.SessionSettings;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests the migration of sessions for callers that must not block, while replies are
 * delayed.
 */
@Timeout(60)
class NonBlockingMigrationITests {

	private final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(this.server);

	private final SessionCounts statistics = new SessionCounts();

	private SlowRedis redis;

	private SessionMigration migration;

	@BeforeEach
	void connect() throws Exception {
		this.server.flushAll();
		this.redis = new SlowRedis(this.server);
		this.migration = new SessionMigration(this.redis.caller(), this.redis.store(),
				new SpringSessionStore(this.redis.store(), "old"),
				ValueCodec.builder().classLoader(getClass().getClassLoader()).build(),
				new SessionIndexes(null, List.of(), List.of(), new IndexValues(null)), SessionSeals.none("app:session"),
				SessionSettings.builder().build(), this.statistics);
	}

	@AfterEach
	void close() {
		this.redis.close();
		this.repositories.close();
	}

	private String oldSession() {
		String id = UUID.randomUUID().toString();
		long now = Instant.now().toEpochMilli();
		JdkSerializationRedisSerializer serializer = new JdkSerializationRedisSerializer();
		byte[] key = ("old:sessions:" + id).getBytes(StandardCharsets.UTF_8);
		try (RedisConnection connection = this.repositories.unstarted((settings) -> {
		}).connectionFactory().getConnection()) {
			Map.of("creationTime", now, "lastAccessedTime", now, "maxInactiveInterval", 600,
					"sessionAttr:" + FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice")
				.forEach((name, value) -> connection.hashCommands()
					.hSet(key, name.getBytes(StandardCharsets.UTF_8), serializer.serialize(value)));
		}
		return id;
	}

	@Test
	void aSessionIsMigratedOnce() throws Exception {
		String oldId = oldSession();
		SessionId id = this.redis.start(() -> this.migration.migrate(oldId)).get(20, TimeUnit.SECONDS);
		assertThat(id).isNotNull();
		assertThat(this.redis.start(() -> this.migration.migrate(oldId)).get(20, TimeUnit.SECONDS)).isEqualTo(id);
		assertThat(this.statistics.get(SessionCounter.TAKEN_OVER)).isEqualTo(1);
		await().until(() -> this.server.commands().keys("old:*").isEmpty());
		assertThat(this.repositories.unstarted((settings) -> {
		}).repository().findByPrincipalName("alice")).hasSize(1);
		this.redis.assertNothingBlocked();
	}

	@Test
	void aMissingSessionIsNotMigrated() throws Exception {
		String oldId = UUID.randomUUID().toString();
		assertThat(this.redis.start(() -> this.migration.migrate(oldId)).get(20, TimeUnit.SECONDS)).isNull();
		assertThat(this.migration.migrate("no id at all")).isCompletedWithValue(null);
		this.redis.assertNothingBlocked();
	}

	@Test
	void whatIsAbsentIsFoundOut() throws Exception {
		String there = oldSession();
		List<String> absent = List.of(UUID.randomUUID().toString(), UUID.randomUUID().toString());
		assertThat(this.redis.start(() -> this.migration.absent(List.of(absent.get(0), there, absent.get(1))))
			.get(20, TimeUnit.SECONDS)).isEqualTo(absent);
		this.redis.assertNothingBlocked();
	}

}
