package app.session.redis.sample.embedded;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Reports what to install or to configure if no embedded Redis could be started.
 */
class EmbeddedRedisFailureAnalyzer extends AbstractFailureAnalyzer<EmbeddedRedisException> {

	private static final String ACTION = """
			Do one of these:
			  - install Redis: apt-get install redis-server, or brew install redis
			  - use a running Redis: --app.session.redis.hosts=localhost:6379""";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, EmbeddedRedisException cause) {
		return new FailureAnalysis(cause.getMessage(), ACTION, cause);
	}

}
