package app.session.redis.autoconfigure.web;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import app.session.redis.autoconfigure.web.ExpiryWatch.Told;
import app.session.redis.autoconfigure.web.SteadyLoad.Answer;
import app.session.redis.autoconfigure.web.SteadyLoad.Ended;
import app.session.redis.autoconfigure.web.SteadyLoad.Loss;
import app.session.redis.autoconfigure.web.SteadyLoad.ShortLived;
import app.session.redis.autoconfigure.web.SteadyLoad.Writer;
import app.session.redis.test.RedisServer;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The effects of a failure on the users of a {@link SteadyLoad}. A fence determines what
 * can be lost: a write to the primary that all replicas have acknowledged, which implies
 * that they have everything that was confirmed before it. Only changes that were
 * confirmed after the fence and sent before the primary failed can be lost because of
 * replication lag.
 */
final class FailoverReport {

	private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(1);

	private static final Duration MARGIN = Duration.ofMillis(500);

	/** A session is removed only when its batch has been published. */
	private static final Duration BATCH = Duration.ofSeconds(1);

	private static final Duration PATIENCE = Duration.ofSeconds(40);

	private final String title;

	private final SteadyLoad load;

	private final Map<String, Object> lines = new LinkedHashMap<>();

	private long fence;

	private long begin;

	private long end;

	FailoverReport(String title, SteadyLoad load) {
		this.title = title;
		this.load = load;
	}

	/**
	 * Waits until all replicas have acknowledged everything that the primary has
	 * confirmed so far.
	 * @param primary the primary
	 * @param key a key that the primary serves
	 * @param replicas the number of replicas
	 */
	void fence(RedisServer primary, String key, int replicas) {
		this.fence = System.nanoTime();
		primary.commands().setex(key, 60, "fence");
		assertThat(primary.commands().waitForReplication(replicas, 10_000)).isEqualTo(replicas);
	}

	/** Records the beginning of the failure. */
	void begin() {
		this.begin = System.nanoTime();
	}

	/** Records that nothing reaches the previous primary from now on. */
	void end() {
		this.end = System.nanoTime();
	}

	void put(String what, Object value) {
		this.lines.put(what, value);
	}

	static String millis(long nanos) {
		return Math.round(nanos / 1e6) + " ms";
	}

	/** Returns the time since the beginning of the failure. */
	String sinceBegin(long time) {
		return millis(time - this.begin);
	}

	/**
	 * Requires that each request was answered in time, and that none failed before the
	 * failure.
	 */
	void checkRequests() {
		assertThat(this.load.violations()).isEmpty();
		List<Answer> failed = this.load.answers().stream().filter(Answer::isFailed).toList();
		assertThat(failed).allSatisfy((answer) -> {
			assertThat(answer.end()).as("end of a request that failed").isGreaterThan(this.begin);
			assertThat(answer.took()).isLessThan(COMMAND_TIMEOUT.plus(MARGIN));
		});
		long during = this.load.answers().stream().filter((answer) -> answer.end() > this.begin).count();
		put("requests failed (503)", failed.size() + " of " + during + " since then");
		put("longest that a failed request took", millis(
				failed.stream().map(Answer::took).max(Comparator.naturalOrder()).orElse(Duration.ZERO).toNanos()));
	}

	/**
	 * Requires that users whose sessions were on other primaries were not affected.
	 * @param affected those whose sessions were where the failure was
	 */
	void checkOthers(List<Writer> affected) {
		assertThat(this.load.answers()).filteredOn(Answer::isFailed)
			.extracting(Answer::writer)
			.filteredOn((writer) -> writer != null && !affected.contains(writer))
			.isEmpty();
	}

	/**
	 * Reports when users were served again.
	 * @param affected those whose sessions were where the failure was
	 */
	void reportRecovery(List<Writer> affected) {
		long first = Long.MAX_VALUE;
		long last = Long.MIN_VALUE;
		for (Writer writer : affected) {
			long served = this.load.answers()
				.stream()
				.filter((answer) -> answer.writer() == writer && !answer.isFailed() && answer.start() > this.end)
				.mapToLong(Answer::end)
				.min()
				.orElseThrow();
			first = Math.min(first, served);
			last = Math.max(last, served);
		}
		put("writers affected", affected.size() + " of " + this.load.writers().size());
		put("first of them served again after", sinceBegin(first));
		put("all of them served again after", sinceBegin(last));
	}

	/**
	 * Requires that changes that were confirmed before the fence or after the end still
	 * exist.
	 */
	void checkLosses() {
		List<Loss> losses = this.load.losses();
		assertThat(losses).allSatisfy((loss) -> {
			assertThat(loss.end()).as("confirmation of " + loss.what() + ", which is lost").isGreaterThan(this.fence);
			assertThat(loss.start()).as("request of " + loss.what() + ", which is lost").isLessThan(this.end);
		});
		long confirmed = this.load.answers()
			.stream()
			.filter((answer) -> !answer.isFailed() && answer.end() > this.fence && answer.start() < this.end)
			.count();
		put("answers between the fence and the end", confirmed);
		put("confirmed writes lost", losses.stream().filter((loss) -> !loss.session()).count());
		put("confirmed sessions lost",
				losses.stream().filter(Loss::session).map(FailoverReport::owner).distinct().count());
		losses.stream()
			.mapToLong(Loss::end)
			.max()
			.ifPresent((time) -> put("last confirmation that was lost, after the failure began", sinceBegin(time)));
	}

	private static String owner(Loss loss) {
		return loss.what().contains("-") ? loss.what().substring(0, loss.what().indexOf('-')) : loss.toString();
	}

	/**
	 * Requires that no session that was logged out exists again, except for those that
	 * replication lag explains.
	 */
	void checkEnded() {
		int resurrected = 0;
		for (Ended ended : this.load.ended()) {
			if (!ended.browser().get("/read").body().equals("none")) {
				resurrected++;
				assertThat(ended.end()).as("confirmation of a log-out that did not last").isGreaterThan(this.fence);
				assertThat(ended.start()).as("request of a log-out that did not last").isLessThan(this.end);
			}
		}
		put("confirmed log-outs", this.load.ended().size());
		put("of which came back", resurrected);
	}

	/**
	 * Requires that each expiry was published, except for sessions whose creation can
	 * have been lost, and published once, except for those whose first publication can
	 * have been lost.
	 * @param nodes the nodes whose listeners may have been notified
	 * @param recovered the time of recovery
	 */
	void checkExpiries(List<WebNode> nodes, long recovered) {
		Set<String> wanted = this.load.shortLived()
			.stream()
			.filter((session) -> !isInDoubt(session))
			.map(ShortLived::handle)
			.collect(Collectors.toSet());
		Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(20))
			.untilAsserted(() -> assertThat(told(nodes).keySet()).containsAll(wanted));
		Map<String, List<Told>> told = told(nodes);
		List<ShortLived> during = this.load.shortLived()
			.stream()
			.filter((session) -> session.end() < this.fence)
			.filter((session) -> session.end() + Duration.ofSeconds(session.seconds()).toNanos() > this.begin)
			.toList();
		assertThat(during).as("sessions that expired meanwhile").isNotEmpty();
		List<List<Told>> twice = told.values().stream().filter((times) -> times.size() > 1).toList();
		assertThat(twice).allSatisfy((times) -> {
			assertThat(times.get(0).at()).isGreaterThan(this.fence - BATCH.toNanos());
			assertThat(times.get(0).at()).isLessThan(recovered);
		});
		put("sessions that expired", told.size());
		put("of which there were before the fence, and expired after the failure began", during.size());
		put("told twice", twice.size());
		put("last told, of those that expired before all was well",
				sinceBegin(during.stream()
					.flatMap((session) -> told.get(session.handle()).stream())
					.mapToLong(Told::at)
					.max()
					.orElseThrow()));
		put("created between the fence and the end, and never told",
				this.load.shortLived()
					.stream()
					.filter((session) -> isInDoubt(session) && !told.containsKey(session.handle()))
					.count());
	}

	private boolean isInDoubt(ShortLived session) {
		return session.end() > this.fence && session.start() < this.end;
	}

	private static Map<String, List<Told>> told(List<WebNode> nodes) {
		return nodes.stream()
			.flatMap((node) -> node.bean(ExpiryWatch.class).told().stream())
			.sorted(Comparator.comparingLong(Told::at))
			.collect(Collectors.groupingBy(Told::handle, HashMap::new, Collectors.toList()));
	}

	/** Requires that no request thread still waits in the store. */
	void checkThreads() {
		Awaitility.await().atMost(COMMAND_TIMEOUT.plus(MARGIN)).untilAsserted(() -> {
			Set<String> waiting = new HashSet<>();
			Thread.getAllStackTraces().forEach((thread, frames) -> {
				boolean request = thread.getName().contains("-exec-")
						|| thread.getName().equals("redis-session-connect");
				if (request && Arrays.stream(frames)
					.anyMatch((frame) -> frame.getClassName().startsWith("app.session.redis.store."))) {
					waiting.add(thread.getName() + " " + Arrays.toString(frames));
				}
			});
			assertThat(waiting).isEmpty();
		});
	}

	void print() {
		StringBuilder text = new StringBuilder("\n").append(this.title).append('\n');
		this.lines.forEach((what, value) -> text.append("  ").append(what).append(": ").append(value).append('\n'));
		System.out.println(text);
	}

}
