package app.session.redis.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.OnUnreadable;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Handles, counts and logs attributes that can't be read; each attribute's name is logged
 * once.
 */
public final class UnreadableAttributes {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private static final int MAX_LOGGED = 1000;

	private final OnUnreadable policy;

	private final SessionCounts counts;

	private final OptionNames optionNames;

	private final Set<String> logged = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the policy.
	 * @param policy how unreadable attributes are treated
	 * @param counts the counters of this node
	 * @param optionNames the names of options in messages
	 */
	public UnreadableAttributes(OnUnreadable policy, SessionCounts counts, OptionNames optionNames) {
		this.policy = policy;
		this.counts = counts;
		this.optionNames = optionNames;
	}

	OnUnreadable policy() {
		return this.policy;
	}

	/**
	 * Handles an attribute that can't be read. Returns normally if it must be treated as
	 * absent, and throws otherwise.
	 */
	void found(String attribute, UnreadableValueException failure) {
		this.counts.increment(SessionCounter.ATTRIBUTES_DROPPED);
		if (this.policy == OnUnreadable.FAIL) {
			throw new UnreadableValueException("The session attribute '" + attribute + "' can't be read. "
					+ failure.getMessage() + ". To let such requests continue, drop such attributes ("
					+ this.optionNames.setting(Option.ON_UNREADABLE, OnUnreadable.DROP_ATTRIBUTE)
					+ ") or their sessions ("
					+ this.optionNames.setting(Option.ON_UNREADABLE, OnUnreadable.DROP_SESSION) + ")", failure);
		}
		if (this.logged.size() < MAX_LOGGED && this.logged.add(attribute)) {
			logger.warn("The session attribute '" + attribute + "' of at least one session can't be read, so "
					+ ((this.policy == OnUnreadable.DROP_SESSION) ? "such sessions are treated as ended. "
							: "it is treated as absent. ")
					+ failure.getMessage());
		}
	}

}
