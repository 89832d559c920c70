package app.session.redis.autoconfigure.soak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What happened during a run.
 */
final class SoakRecord {

	private final Disturbances disturbances = new Disturbances();

	private final Map<Integer, Integer> requests = new TreeMap<>();

	private final Map<String, Integer> faults = new TreeMap<>();

	private final List<End> ends = new ArrayList<>();

	/** When the session of each user began, and when it was last used. */
	private final Map<String, long[]> lives = new HashMap<>();

	private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

	private int events;

	private int repeated;

	Disturbances disturbances() {
		return this.disturbances;
	}

	synchronized void request(int status) {
		this.requests.merge(status, 1, Integer::sum);
	}

	synchronized void fault(String name) {
		this.faults.merge(name, 1, Integer::sum);
	}

	/** A session of a user began and was last used. */
	synchronized void lived(String user, long from, long to) {
		this.lives.put(user, new long[] { from, to });
	}

	/**
	 * Whether a primary may have lost the session of a user, whose index entry is on
	 * another primary then. Searches skip it; it ends a day after its session would have.
	 * @param user the user
	 * @param timeout how long the session lives without an access, in milliseconds
	 */
	synchronized boolean mayHaveLost(String user, long timeout) {
		long[] life = this.lives.get(user);
		return life != null && !this.disturbances.isCertain(life[0], life[1] + timeout);
	}

	/** A session was ended, or was left to expire. */
	synchronized void ended(String kind, String handle, long from, long to) {
		this.ends.add(new End(kind, handle, from, to));
	}

	void violation(String violation) {
		this.violations.add(violation);
	}

	List<String> violations() {
		return List.copyOf(this.violations);
	}

	/** Returns the sessions that must have an event, and have none yet. */
	synchronized List<String> missing(List<SoakNode.Ended> published) {
		Map<String, List<SoakNode.Ended>> byHandle = byHandle(published);
		return this.ends.stream()
			.filter((end) -> this.disturbances.isCertain(end.from, end.to))
			.filter((end) -> !byHandle.containsKey(end.handle))
			.map((end) -> end.kind + " " + end.handle)
			.toList();
	}

	/** Compares the events with the sessions that have ended. */
	synchronized void checkEvents(List<SoakNode.Ended> published) {
		missing(published).forEach((end) -> violation("never published: " + end));
		Map<String, List<SoakNode.Ended>> byHandle = byHandle(published);
		this.events = published.size();
		for (Entry<String, List<SoakNode.Ended>> entry : byHandle.entrySet()) {
			List<SoakNode.Ended> events = entry.getValue();
			if (events.size() > 1) {
				this.repeated++;
				if (this.disturbances.isOnce(events.get(0).time() - 5000, events.get(events.size() - 1).time())) {
					violation("published " + events.size() + " times without a fault: " + entry.getKey());
				}
			}
		}
		for (End end : this.ends) {
			byHandle.getOrDefault(end.handle, List.of())
				.stream()
				.filter((event) -> !event.kind().equals(end.kind))
				.filter((event) -> this.disturbances.isCertain(end.from, event.time()))
				.forEach((event) -> violation(end.handle + " was " + end.kind + ", published: " + event.kind()));
		}
	}

	private static Map<String, List<SoakNode.Ended>> byHandle(List<SoakNode.Ended> published) {
		Map<String, List<SoakNode.Ended>> byHandle = new HashMap<>();
		published.stream()
			.sorted((first, second) -> Long.compare(first.time(), second.time()))
			.forEach((event) -> byHandle.computeIfAbsent(event.handle(), (handle) -> new ArrayList<>()).add(event));
		return byHandle;
	}

	/** Returns a row of the table of docs/reliability.md. */
	synchronized String row(String name) {
		int answered = this.requests.getOrDefault(200, 0);
		int all = this.requests.values().stream().mapToInt(Integer::intValue).sum();
		long certain = this.ends.stream().filter((end) -> this.disturbances.isCertain(end.from, end.to)).count();
		return "| %s | %,d | %.2f %% | %s | %,d (%,d) | %,d (%,d) | %d |"
			.formatted(name, all, 100.0 * (all - answered) / all, String.join(", ",
					this.faults.entrySet().stream().map((fault) -> fault.getValue() + " × " + fault.getKey()).toList()),
					this.ends.size(), certain, this.events, this.repeated, this.violations.size());
	}

	/**
	 * An ended session.
	 *
	 * @param kind deleted or expired
	 * @param handle the handle of the session
	 * @param from when the request was sent that ended the session or let it expire
	 * @param to when it was answered
	 */
	private record End(String kind, String handle, long from, long to) {

	}

}
