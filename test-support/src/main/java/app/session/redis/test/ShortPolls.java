package app.session.redis.test;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has Awaitility look every few milliseconds, in all tests of a module, instead of every
 * 100: most conditions are true by then, and there are hundreds of them.
 */
public final class ShortPolls implements LauncherSessionListener {

	private static final Duration INTERVAL = Duration.ofMillis(10);

	@Override
	public void launcherSessionOpened(LauncherSession session) {
		Awaitility.setDefaultPollInterval(INTERVAL);
	}

}
