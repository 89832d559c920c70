package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Browsers that continue regardless of the state of Redis, each with its next request
 * soon after the previous response. They record the responses and compare them with later
 * ones.
 */
final class SteadyLoad implements AutoCloseable {

	private static final Duration PACE = Duration.ofMillis(50);

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final List<WebNode> nodes;

	private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);

	private final List<ScheduledFuture<?>> passers = new ArrayList<>();

	private final List<Writer> writers = new ArrayList<>();

	/** With each a browser that keeps the cookies. */
	private final Map<Browser, Browser> leavers = new LinkedHashMap<>();

	private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

	private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();

	private final Queue<ShortLived> shortLived = new ConcurrentLinkedQueue<>();

	private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();

	private final Queue<String> violations = new ConcurrentLinkedQueue<>();

	private int users;

	SteadyLoad(List<WebNode> nodes) {
		this.nodes = List.copyOf(nodes);
		this.executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
	}

	/** Users who write to their session and check that it contains the value. */
	SteadyLoad writers(int count) {
		for (int i = 0; i < count; i++) {
			Writer writer = new Writer(nextNode());
			this.writers.add(writer);
			start(writer::act);
		}
		return this;
	}

	/** Users who log in and out again. */
	SteadyLoad visitors(int count) {
		for (int i = 0; i < count; i++) {
			WebNode node = nextNode();
			this.passers.add(start(() -> visit(node)));
		}
		return this;
	}

	/** Users who come once, and whose sessions expire soon. */
	SteadyLoad passersBy(int count) {
		AtomicInteger number = new AtomicInteger();
		for (int i = 0; i < count; i++) {
			WebNode node = nextNode();
			this.passers.add(start(() -> passBy(node, 1 + number.incrementAndGet() % 3)));
		}
		return this;
	}

	private WebNode nextNode() {
		return this.nodes.get(this.users % this.nodes.size());
	}

	private ScheduledFuture<?> start(Runnable action) {
		this.users++;
		this.executor.setCorePoolSize(this.users);
		return this.executor.scheduleWithFixedDelay(() -> {
			try {
				action.run();
			}
			// an exception would end the schedule
			catch (RuntimeException ex) {
				this.violations.add("a request was not answered: " + ex);
			}
		}, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
	}

	private void visit(WebNode node) {
		Browser browser = node.browser();
		if (logIn(browser)) {
			logOut(browser, browser.at(node.port()));
		}
	}

	private boolean logIn(Browser browser) {
		Answer token = send(null, () -> browser.get("/csrf"));
		if (token.isFailed()) {
			return false;
		}
		Answer logIn = send(null,
				() -> browser.post("/login", Map.of("username", "anna", "password", "secret", "_csrf", token.body())));
		return !logIn.isFailed() && isOk(logIn, "a session that was to log in", token);
	}

	private void logOut(Browser browser, Browser before) {
		Answer token = send(null, () -> browser.get("/csrf"));
		if (token.isFailed()) {
			return;
		}
		Answer logOut = send(null, () -> browser.post("/logout", Map.of("_csrf", token.body())));
		if (!logOut.isFailed() && isOk(logOut, "a session that was to log out", token)) {
			this.ended.add(new Ended(before, logOut.start(), logOut.end()));
		}
	}

	/** Users who log in, and log out on request. */
	SteadyLoad leavers(int count) {
		for (int i = 0; i < count; i++) {
			WebNode node = this.nodes.get(i % this.nodes.size());
			Browser browser = node.browser();
			assertThat(logIn(browser)).isTrue();
			this.leavers.put(browser, browser.at(node.port()));
		}
		return this;
	}

	/** Makes these users log out. */
	void leave() {
		this.leavers.forEach(this::logOut);
	}

	private boolean isOk(Answer answer, String what, Answer confirmation) {
		boolean ok = answer.location().endsWith("/ok");
		if (!ok) {
			this.losses.add(new Loss(what, confirmation.start(), confirmation.end(), true));
		}
		return ok;
	}

	private void passBy(WebNode node, int seconds) {
		Browser browser = node.browser();
		Answer answer = send(null, () -> browser.get("/short?seconds=" + seconds));
		if (!answer.isFailed()) {
			this.shortLived.add(new ShortLived(browser.handle(), seconds, answer.start(), answer.end()));
		}
	}

	private Answer send(Writer writer, Supplier<HttpResponse<String>> request) {
		long start = System.nanoTime();
		HttpResponse<String> response = request.get();
		Answer answer = new Answer(writer, start, System.nanoTime(), response.statusCode(), response.body(),
				response.headers().firstValue("Location").orElse(""));
		this.answers.add(answer);
		if (answer.isFailed() && (!response.headers().firstValue("Retry-After").orElse("").equals("1")
				|| !response.headers().allValues("Set-Cookie").isEmpty())) {
			this.violations.add(response + " has the headers " + response.headers());
		}
		if (response.statusCode() >= 400 && response.statusCode() != 503 && response.statusCode() != 403) {
			this.violations.add(response + " says " + response.body());
		}
		return answer;
	}

	List<Writer> writers() {
		return this.writers;
	}

	List<Writer> writers(Predicate<String> handles) {
		return this.writers.stream().filter((writer) -> handles.test(writer.handle())).toList();
	}

	/** Waits for more successful responses. */
	void awaitAnswers(int more) {
		long wanted = good() + more;
		Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> good() >= wanted);
	}

	private long good() {
		return this.answers.stream().filter((answer) -> !answer.isFailed()).count();
	}

	/** Waits until the value of each writer has been confirmed. */
	void awaitAllWrite() {
		long since = System.nanoTime();
		Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(5))
			.until(() -> this.writers.stream().allMatch((writer) -> writer.savedSince(since)));
	}

	/** Waits until each of the writers has failed. */
	void awaitAllFail() {
		long since = System.nanoTime();
		Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(5))
			.until(() -> this.writers.stream()
				.allMatch((writer) -> this.answers.stream()
					.anyMatch((answer) -> answer.writer() == writer && answer.isFailed() && answer.start() > since)));
	}

	/** Stops the visitors and passers-by. */
	void sendPassersAway() {
		this.passers.forEach((passer) -> passer.cancel(false));
	}

	/** Ends when all requests have. */
	@Override
	public void close() {
		this.executor.shutdown();
		try {
			assertThat(this.executor.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
				.as("All requests have ended")
				.isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	List<Answer> answers() {
		return List.copyOf(this.answers);
	}

	List<Ended> ended() {
		return List.copyOf(this.ended);
	}

	List<ShortLived> shortLived() {
		return List.copyOf(this.shortLived);
	}

	List<Loss> losses() {
		return List.copyOf(this.losses);
	}

	List<String> violations() {
		return List.copyOf(this.violations);
	}

	/**
	 * A user who alternately writes a number to the session and reads it back; after a
	 * failure, the next request reads.
	 */
	final class Writer {

		private final Browser browser;

		private final String name = "w" + SteadyLoad.this.writers.size() + "-";

		/** The confirmed values since the session was created or was last missing. */
		private final Deque<Saved> saved = new ArrayDeque<>();

		private boolean reading;

		private int count;

		private volatile String handle = "";

		private volatile long lastSaved = Long.MIN_VALUE;

		private Writer(WebNode node) {
			this.browser = node.browser();
		}

		private void act() {
			Answer answer = this.reading ? read() : write();
			this.reading = answer.isFailed() || !this.reading;
		}

		private Answer write() {
			this.count++;
			Answer answer = send(this, () -> this.browser.get("/write?value=" + this.name + this.count));
			if (!answer.isFailed()) {
				String found = this.browser.handle();
				if (!found.equals(this.handle) && !this.handle.isEmpty()) {
					lose(0);
				}
				this.handle = found;
				this.saved.add(new Saved(this.count, answer.start(), answer.end()));
				this.lastSaved = answer.start();
			}
			return answer;
		}

		private Answer read() {
			Answer answer = send(this, () -> this.browser.get("/read"));
			if (!answer.isFailed() && !this.saved.isEmpty()) {
				String value = answer.body().split(" ", 2)[0];
				if (value.equals("none") || value.equals("null")) {
					lose(0);
				}
				else if (value.startsWith(this.name)
						&& Integer.parseInt(value.substring(this.name.length())) <= this.count) {
					lose(Integer.parseInt(value.substring(this.name.length())));
				}
				else {
					SteadyLoad.this.violations.add(this.name + this.count + " finds " + answer.body());
				}
			}
			return answer;
		}

		/** The session has that value, so it lacks the values that were saved later. */
		private void lose(int value) {
			while (!this.saved.isEmpty() && this.saved.getLast().number() > value) {
				Saved write = this.saved.removeLast();
				SteadyLoad.this.losses
					.add(new Loss(this.name + write.number(), write.start(), write.end(), value == 0));
			}
		}

		String handle() {
			return this.handle;
		}

		boolean savedSince(long time) {
			return this.lastSaved > time;
		}

	}

	private record Saved(int number, long start, long end) {
	}

	/**
	 * An answer.
	 *
	 * @param writer whose it is, unless that doesn't matter
	 * @param start when the request was sent
	 * @param end when the answer was there
	 * @param status its status
	 * @param body its body
	 * @param location where it sends the browser
	 */
	record Answer(Writer writer, long start, long end, int status, String body, String location) {

		boolean isFailed() {
			return this.status == 503;
		}

		Duration took() {
			return Duration.ofNanos(this.end - this.start);
		}

	}

	/**
	 * A session whose user was told that it has ended.
	 *
	 * @param browser one that still has its cookie
	 * @param start when log-out was asked for
	 * @param end when it was confirmed
	 */
	record Ended(Browser browser, long start, long end) {
	}

	/**
	 * A session that expires soon.
	 *
	 * @param handle the session
	 * @param seconds after how long
	 * @param start when it was asked for
	 * @param end when it was confirmed
	 */
	record ShortLived(String handle, int seconds, long start, long end) {
	}

	/**
	 * Something that was confirmed and is not there.
	 *
	 * @param what what
	 * @param start when it was asked for
	 * @param end when it was confirmed
	 * @param session whether the whole session is gone
	 */
	record Loss(String what, long start, long end, boolean session) {
	}

}
