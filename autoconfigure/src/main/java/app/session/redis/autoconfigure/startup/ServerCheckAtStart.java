package app.session.redis.autoconfigure.startup;

import java.util.List;
import java.util.stream.Collectors;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.operations.Finding;
import app.session.redis.operations.Finding.Severity;
import app.session.redis.operations.ServerCheck;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Reports at start the server settings that put sessions at risk.
 * {@code app.session.redis.server-check} determines whether findings are logged or fail
 * the start.
 */
final class ServerCheckAtStart {

	private static final Log logger = LogFactory.getLog(ServerCheckAtStart.class);

	private final ServerCheck check;

	private final RedisSessionConnectionProperties.ServerCheck action;

	ServerCheckAtStart(ServerCheck check, RedisSessionConnectionProperties.ServerCheck action) {
		this.check = check;
		this.action = action;
	}

	/**
	 * Runs the check once. If Redis is unavailable, a warning is logged.
	 * @throws RedisSessionConfigurationException if there are findings other than
	 * {@link Severity#INFO} and the property is {@code fail}
	 */
	void run() {
		if (this.action == RedisSessionConnectionProperties.ServerCheck.OFF) {
			return;
		}
		List<Finding> findings;
		try {
			findings = this.check.run().findings();
		}
		catch (SessionStoreUnavailableException ex) {
			logger.warn("The Redis server for sessions could not be checked: " + ex.getMessage());
			return;
		}
		List<Finding> serious = findings.stream().filter((finding) -> finding.severity() != Severity.INFO).toList();
		if (this.action == RedisSessionConnectionProperties.ServerCheck.FAIL && !serious.isEmpty()) {
			throw new RedisSessionConfigurationException(
					"The Redis server for sessions puts them at risk:%n%s".formatted(serious.stream()
						.map((finding) -> "    - " + finding.what() + " (" + finding.node() + "). " + finding.why()
								+ ".")
						.collect(Collectors.joining("%n".formatted()))),
					serious.stream()
						.map((finding) -> finding.remedy() + ".")
						.collect(Collectors.joining("%n".formatted()))
							+ "%nTo only log these findings, set 'app.session.redis.server-check' to 'warn'."
								.formatted());
		}
		findings.forEach((finding) -> {
			if (finding.severity() == Severity.INFO) {
				logger.info("Sessions in Redis: " + finding);
			}
			else {
				logger.warn("Sessions in Redis: " + finding);
			}
		});
	}

}
