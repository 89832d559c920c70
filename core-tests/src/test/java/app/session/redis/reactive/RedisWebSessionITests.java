package app.session.redis.reactive;

import java.time.Duration;

import app.session.redis.engine.SessionEngine;
import app.session.redis.settings.SessionSettings;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

/**
 * The contract holds for stored sessions.
 */
class RedisWebSessionITests extends WebSessionContract {

	private static final RedisServer server = SharedRedis.standalone();

	private LettuceConnectionFactory connectionFactory;

	private SessionEngine engine;

	private RedisWebSessionManager manager;

	@BeforeEach
	void start() {
		server.flushAll();
		this.connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(server.host(), server.port()));
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.engine = new SessionEngine(this.connectionFactory,
				SessionSettings.builder().commandTimeout(Duration.ofSeconds(2)).build(), new ReactiveCaller());
		this.engine.afterPropertiesSet();
		this.engine.start();
		this.manager = new RedisWebSessionManager(this.engine);
	}

	@AfterEach
	void stop() {
		this.engine.stop();
		this.connectionFactory.destroy();
	}

	@Override
	WebHttpHandlerBuilder with(WebHttpHandlerBuilder builder) {
		return builder.sessionManager(this.manager)
			.filter(new RedisSessionWebFilter(this.manager))
			.exceptionHandler(new UnavailableSessionHandler(this.manager, Duration.ofSeconds(1),
					UnavailableSessionHandler.DEFAULT_ORDER));
	}

}
