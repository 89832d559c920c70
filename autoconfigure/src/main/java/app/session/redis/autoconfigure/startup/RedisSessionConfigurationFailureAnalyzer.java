package app.session.redis.autoconfigure.startup;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a {@link RedisSessionConfigurationException}.
 */
class RedisSessionConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<RedisSessionConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RedisSessionConfigurationException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.getAction(), cause);
	}

}
