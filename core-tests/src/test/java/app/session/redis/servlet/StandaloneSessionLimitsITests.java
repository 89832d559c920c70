package app.session.redis.servlet;

import java.time.Duration;

import app.session.redis.SessionId;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The limits on one server.
 */
class StandaloneSessionLimitsITests extends OnTopology implements SessionLimitsContract {

	StandaloneSessionLimitsITests() {
		super(Topology.STANDALONE);
	}

	@Test
	void whatACrashLeftBehindIsFoundOutHoweverSlowRedisIs() {
		RedisServer server = SharedRedis.standalone();
		try (TcpProxy proxy = TcpProxy.to(server);
				TestRepositories slow = TestRepositories.on(proxy.host(), proxy.port())) {
			AtomicRedisSessionRepository repository = slow
				.unstarted((settings) -> settings.limitPerPrincipal(1, OnExceeded.REJECT)
					.commandTimeout(Duration.ofSeconds(2)))
				.repository();
			repository.save(repository.createSession());
			topology().hint(INDEX + "alice", 9e15, SessionId.newHandle());
			StoredSession session = repository.createSession();
			session.setAttribute(PRINCIPAL, "alice");
			proxy.delay(Duration.ofMillis(700));
			repository.save(session);
			assertThat(repository.findById(session.getId())).isNotNull();
			proxy.delay(Duration.ZERO);
		}
	}

}
