package app.session.redis.engine;

import java.util.List;

import app.session.redis.log.LimitedLog;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.ClientBinding;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.ClientBindingSettings;
import app.session.redis.settings.OnMismatch;
import org.apache.commons.logging.LogFactory;

/**
 * Compares the client of a request with the one that logged in to its session, if
 * sessions are bound to clients.
 */
final class ClientCheck {

	private final LimitedLog log = new LimitedLog(LogFactory.getLog(ClientCheck.class));

	private final ClientBinding binding;

	private final OnMismatch onMismatch;

	private final SessionCounts counts;

	ClientCheck(ClientBindingSettings settings, SessionCounts counts) {
		this.binding = new ClientBinding(settings);
		this.onMismatch = settings.onMismatch();
		this.counts = counts;
	}

	/**
	 * Returns whether a request can't use a session because its client differs from the
	 * one that logged in. Logs and counts each difference.
	 */
	boolean isOther(SessionScope scope, StoredSession session) {
		if (!this.binding.isEnabled() || !scope.isRequest()) {
			return false;
		}
		List<String> differences = this.binding.differences(session, scope.client().details());
		if (differences.isEmpty()) {
			return false;
		}
		this.counts.increment(SessionCounter.CLIENT_MISMATCHES);
		this.log.warn("A client with another " + String.join(" and ", differences)
				+ " than the one that logged in has sent the id of session " + session.getHandle());
		return this.onMismatch != OnMismatch.LOG;
	}

	/** Returns whether the session of such a request ends. */
	boolean ends() {
		return this.onMismatch == OnMismatch.END;
	}

}
