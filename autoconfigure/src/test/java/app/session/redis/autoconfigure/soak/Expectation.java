package app.session.redis.autoconfigure.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * What a session must contain, according to the responses that its visitor received. A
 * write without a response may take effect until {@link #LATE} has passed, or never.
 */
final class Expectation {

	private static final long LATE = 60_000;

	private final String user;

	private final Disturbances disturbances;

	private final List<Write> values = new ArrayList<>();

	private final List<Write> counts = new ArrayList<>();

	/** The last request that proves that the session was there. */
	private long loggedIn;

	Expectation(String user, Disturbances disturbances) {
		this.user = user;
		this.disturbances = disturbances;
	}

	String user() {
		return this.user;
	}

	/** The log-in, which is confirmed by a replica, has set the value to 0. */
	void loggedIn(long from, long to) {
		this.loggedIn = to;
		this.values.add(new Write(0, from, to, true));
	}

	void wrote(int value, long from, long to, boolean answered) {
		this.values.add(new Write(value, from, to, answered));
	}

	void counted(long from, long to, boolean answered) {
		this.counts.add(new Write(1, from, to, answered));
	}

	/** Whether the session is certainly there, until its visitor ends it. */
	boolean exists() {
		return this.disturbances.isCertain(this.loggedIn - 1000, this.loggedIn);
	}

	/**
	 * Compares a response.
	 * @param state what the application returned
	 * @param from when the request was sent
	 * @param to when the response was received
	 * @return what is wrong; null if nothing is
	 */
	@Nullable String mismatch(String state, long from, long to) {
		boolean certain = this.disturbances.isCertain(from, to);
		if (state.equals(SoakApplication.NONE)) {
			return (certain && exists()) ? "the session is lost" : null;
		}
		String[] words = state.split(" ");
		if (!words[0].equals(this.user)) {
			return "the session is that of " + words[0];
		}
		int value = Integer.parseInt(words[1]);
		int count = words[2].equals("null") ? 0 : Integer.parseInt(words[2]);
		if (this.values.stream().noneMatch((write) -> write.value == value) || count > this.counts.size()) {
			return "nobody wrote " + state;
		}
		if (!certain) {
			return null;
		}
		Set<Integer> possible = possible(to);
		if (!possible.contains(value)) {
			return "the value is " + value + " instead of one of " + possible;
		}
		long least = this.counts.stream().filter(this::isCertain).count();
		if (count < least) {
			return "the count is " + count + ", at least " + least + " were confirmed";
		}
		return null;
	}

	private Set<Integer> possible(long now) {
		Set<Integer> possible = new TreeSet<>();
		for (Write write : this.values) {
			if (isCertain(write)) {
				possible.clear();
				this.values.stream()
					.filter((earlier) -> !earlier.answered && earlier.to < write.to && earlier.to > now - LATE)
					.forEach((earlier) -> possible.add(earlier.value));
			}
			possible.add(write.value);
		}
		return possible;
	}

	private boolean isCertain(Write write) {
		return write.answered && this.disturbances.isCertain(write.from, write.to);
	}

	/**
	 * A write.
	 *
	 * @param value what was written
	 * @param from when the request was sent
	 * @param to when the response was received, or the request failed
	 * @param answered whether there was a response
	 */
	private record Write(int value, long from, long to, boolean answered) {

	}

}
