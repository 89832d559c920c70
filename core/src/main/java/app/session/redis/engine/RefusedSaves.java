package app.session.redis.engine;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.log.LimitedLog;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SaveResult;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Counts, logs and handles saves that Redis has refused because the session has ended or
 * its id has changed since it was read.
 */
final class RefusedSaves {

	private static final Log logger = LogFactory.getLog(RefusedSaves.class);

	private final LimitedLog expiries = new LimitedLog(logger, 1);

	private final SessionSettings settings;

	private final SessionCounts counts;

	RefusedSaves(SessionSettings settings, SessionCounts counts) {
		this.settings = settings;
		this.counts = counts;
	}

	/**
	 * Handles a refused save.
	 * @throws IllegalStateException if refused saves have to fail, or if the session was
	 * sealed again too often
	 */
	void refused(StoredSession session, SaveResult result) {
		if (result == SaveResult.LOCK_LOST) {
			throw SessionLocking.lost(session);
		}
		session.refused();
		if (result == SaveResult.SEAL_CHANGED) {
			throw new IllegalStateException("The changes of session " + session.getHandle()
					+ " were not saved: other requests changed its principal too often at the same time");
		}
		String message = "Session " + session.getHandle() + reason(session, result)
				+ " since it was read, so its changes were not saved";
		logger.debug(message);
		if (this.settings.saves().afterDelete() == SaveAfterDelete.FAIL) {
			throw new IllegalStateException(message);
		}
	}

	private String reason(StoredSession session, SaveResult result) {
		if (result == SaveResult.ID_CHANGED) {
			this.counts.increment(SessionCounter.CONFLICT_ID_CHANGED);
			return " has been given another id";
		}
		boolean absolute = session.isPastDeadline();
		if (result == SaveResult.EXPIRED || absolute || session.isIdleTooLong()) {
			this.counts.increment(SessionCounter.CONFLICT_EXPIRED);
			OptionNames names = this.settings.optionNames();
			this.expiries.warn("Session " + session.getHandle() + " expired while a request was using it, so "
					+ "the changes of the request were not saved: its "
					+ (absolute
							? "absolute timeout has passed. Set a longer timeout ("
									+ names.name(Option.ABSOLUTE_TIMEOUT) + ")"
							: "idle timeout has passed. Set a longer timeout (" + names.name(Option.TIMEOUT)
									+ "), or have such requests call setMaxInactiveInterval and save the "
									+ "session before they start long-running work"));
			return " has expired";
		}
		this.counts.increment(SessionCounter.CONFLICT_ENDED);
		return " has ended";
	}

}
