package app.session.redis.autoconfigure.startup;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Analyzes a {@link RedisUnreachableException}.
 */
public class RedisUnreachableFailureAnalyzer extends AbstractFailureAnalyzer<RedisUnreachableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RedisUnreachableException cause) {
		RedisObstacle obstacle = cause.getObstacle();
		StringBuilder description = new StringBuilder(String.valueOf(cause.getMessage()));
		if (obstacle == RedisObstacle.TLS || obstacle == RedisObstacle.OTHER) {
			description.append(String.format("%n%nThe cause is: %s", rootCause(cause)));
		}
		StringBuilder action = new StringBuilder(obstacle.action());
		if (cause.getRemedy() != null) {
			action.append(String.format("%n%n%s", cause.getRemedy()));
		}
		if (obstacle.isPassing()) {
			action.append(String.format("%n%nTo make the application wait for Redis, set "
					+ "'app.session.redis.startup' to 'wait'. To start it without Redis, set the property to 'lazy'."));
		}
		return new FailureAnalysis(description.toString(), action.toString(), cause);
	}

	private static String rootCause(Throwable failure) {
		Throwable root = failure;
		for (@Nullable
		Throwable cause = failure.getCause(); cause != null && cause != root; cause = cause.getCause()) {
			root = cause;
		}
		return root.toString();
	}

}
