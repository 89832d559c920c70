package app.session.redis.test;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Sets Awaitility's poll interval to 10 ms for all tests of a module, instead of 100 ms:
 * most conditions are true earlier, and there are hundreds of them.
 */
public final class ShortPolls implements LauncherSessionListener {

	private static final Duration INTERVAL = Duration.ofMillis(10);

	@Override
	public void launcherSessionOpened(LauncherSession session) {
		Awaitility.setDefaultPollInterval(INTERVAL);
	}

}
