package app.session.redis.sample.device;

import java.time.Duration;
import java.time.Instant;

/**
 * Describes in words how long ago an event was.
 */
final class LastSeen {

	private LastSeen() {
	}

	static String inWords(Instant then, Instant now) {
		Duration ago = Duration.between(then, now);
		if (ago.toDays() > 0) {
			return count(ago.toDays(), "day");
		}
		if (ago.toHours() > 0) {
			return count(ago.toHours(), "hour");
		}
		// Also when the clock of another instance is ahead of ours
		return (ago.toMinutes() > 0) ? count(ago.toMinutes(), "minute") : "just now";
	}

	private static String count(long number, String unit) {
		return number + " " + unit + ((number == 1) ? "" : "s") + " ago";
	}

}
