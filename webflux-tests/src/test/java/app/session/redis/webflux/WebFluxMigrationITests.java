package app.session.redis.webflux;

import java.util.List;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveRedisTemplate;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.data.redis.serializer.RedisSerializationContext;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.data.redis.ReactiveRedisIndexedSessionRepository;
import org.springframework.session.data.redis.ReactiveRedisSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that sessions of Spring Session's reactive repositories are taken over.
 */
class WebFluxMigrationITests {

	private static final String PRINCIPAL = ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final RedisServer server = SharedRedis.standalone();

	private LettuceConnectionFactory connectionFactory;

	private WebFluxNode node;

	@BeforeEach
	void start() {
		this.server.flushAll();
		this.connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(this.server.host(), this.server.port()));
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.node = WebFluxNode.start(this.server, "app.session.redis.migrate-from=spring:session");
	}

	@AfterEach
	void stop() {
		this.node.close();
		this.connectionFactory.destroy();
	}

	private ReactiveRedisTemplate<String, Object> template() {
		return new ReactiveRedisTemplate<>(this.connectionFactory,
				RedisSerializationContext.<String, Object>newSerializationContext(new JdkSerializationRedisSerializer())
					.key(RedisSerializer.string())
					.hashKey(RedisSerializer.string())
					.build());
	}

	private <S extends Session> String create(ReactiveSessionRepository<S> repository) {
		S session = repository.createSession().block();
		session.setAttribute("value", "old");
		session.setAttribute(PRINCIPAL, "anna");
		repository.save(session).block();
		return session.getId();
	}

	private void assertTakenOver(String id) {
		Browser browser = this.node.browser().cookie(id);
		assertThat(browser.get("/read")).isEqualTo("old");
		assertThat(browser.cookie()).isNotEqualTo(id);
		assertThat(browser.get("/sessions?principal=anna")).isEqualTo("1");
		Awaitility.await().untilAsserted(() -> assertThat(remains(id)).isEmpty());
	}

	/** Returns the keys that still refer to a session. */
	private List<String> remains(String id) {
		return this.server.keys()
			.stream()
			.filter((key) -> key.startsWith("spring:session:"))
			.filter((key) -> key.contains(id) || !key.contains("expirations") || this.server.commands().zcard(key) > 0)
			.toList();
	}

	@Test
	void sessionOfTheReactiveRepository_isTakenOver() {
		assertTakenOver(create(new ReactiveRedisSessionRepository(template())));
	}

	@Test
	void sessionOfTheIndexedReactiveRepository_isTakenOverWithItsIndex() {
		ReactiveRedisIndexedSessionRepository repository = new ReactiveRedisIndexedSessionRepository(template(),
				new ReactiveRedisTemplate<>(this.connectionFactory, RedisSerializationContext.string()));
		String id = create(repository);
		assertThat(this.server.keys()).anyMatch((key) -> key.endsWith(id + ":idx"));
		assertTakenOver(id);
	}

}
