package app.session.redis.autoconfigure.soak;

import java.io.IOException;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Logs in, uses the session on any node, and ends it or lets it expire, again and again.
 */
final class Visitor implements Runnable {

	/** After this time without a request, an abandoned session has expired. */
	static final int ABANDONED_SECONDS = 3;

	private static final long GRAVE_MILLIS = 10_000;

	private static final Duration TIMEOUT = Duration.ofSeconds(15);

	/**
	 * What a node may answer while Redis fails, or while another request has the lock.
	 */
	private static final Set<Integer> REFUSALS = Set.of(503, 423, 409, 429);

	private static final HttpClient CLIENT = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(2))
		.build();

	private final String name;

	private final List<SoakNode> nodes;

	private final SoakRecord soakRecord;

	private final Random random;

	private final BooleanSupplier running;

	/** Cookies of sessions that have ended. */
	private final Deque<Grave> graves = new ArrayDeque<>();

	private @Nullable String cookie;

	Visitor(String name, List<SoakNode> nodes, SoakRecord soakRecord, Random random, BooleanSupplier running) {
		this.name = name;
		this.nodes = nodes;
		this.soakRecord = soakRecord;
		this.random = random;
		this.running = running;
	}

	@Override
	public void run() {
		for (int session = 1; this.running.getAsBoolean(); session++) {
			visit(this.name + "-" + session);
			inspectGraves();
		}
	}

	private void visit(String user) {
		this.cookie = null;
		Expectation expectation = new Expectation(user, this.soakRecord.disturbances());
		Answer login = get("/log-in?user=" + user);
		if (!login.isOk() || this.cookie == null) {
			pause();
			return;
		}
		expectation.loggedIn(login.from, login.to);
		use(expectation);
		this.soakRecord.lived(user, login.from, System.currentTimeMillis());
	}

	private void use(Expectation expectation) {
		int requests = 3 + this.random.nextInt(40);
		for (int i = 1; i <= requests && this.running.getAsBoolean(); i++) {
			if (!use(expectation, i)) {
				return;
			}
			pause();
		}
		if (this.random.nextBoolean()) {
			logOut(expectation);
		}
		else {
			abandon(expectation);
		}
	}

	/** Returns whether the session can be used further. */
	private boolean use(Expectation expectation, int number) {
		int kind = this.random.nextInt(20);
		if (kind < 9) {
			Answer answer = get("/read");
			return !answer.isOk() || check(expectation, "read", answer);
		}
		if (kind < 14) {
			Answer answer = get("/write?value=" + number);
			expectation.wrote(number, answer.from, answer.to, answer.isOk());
			return !answer.isOk() || check(expectation, "write", answer);
		}
		if (kind < 19) {
			CompletableFuture<Answer> other = getLater("/count");
			for (Answer answer : List.of(get("/count"), other.join())) {
				expectation.counted(answer.from, answer.to, answer.isOk());
			}
			return true;
		}
		Answer answer = get("/change-id");
		// Without the response, nobody knows the id of the session
		return answer.isOk() && check(expectation, "change of the id", answer);
	}

	private boolean check(Expectation expectation, String request, Answer answer) {
		String mismatch = expectation.mismatch(answer.body, answer.from, answer.to);
		if (mismatch != null) {
			this.soakRecord.violation(expectation.user() + ", " + request + ": " + mismatch);
		}
		return mismatch == null && !answer.body.equals(SoakApplication.NONE);
	}

	private void logOut(Expectation expectation) {
		String known = this.cookie;
		Answer answer = get("/log-out");
		if (answer.isOk() && answer.body.equals(SoakApplication.OUT)) {
			this.soakRecord.ended("deleted", handle(known), answer.from, answer.to);
			this.graves.add(new Grave(expectation.user(), known, answer.from, answer.to));
			read(this.graves.getLast());
		}
	}

	private void abandon(Expectation expectation) {
		String known = this.cookie;
		Answer answer = get("/abandon?seconds=" + ABANDONED_SECONDS);
		if (answer.isOk() && !answer.body.equals(SoakApplication.NONE)) {
			this.soakRecord.ended("expired", handle(known), answer.from, answer.to);
			this.graves.add(new Grave(expectation.user(), known, answer.from, answer.to));
		}
	}

	private void inspectGraves() {
		while (!this.graves.isEmpty() && this.graves.getFirst().to < System.currentTimeMillis() - GRAVE_MILLIS) {
			read(this.graves.removeFirst());
		}
	}

	/** Nobody can use a session that has ended. */
	private void read(Grave grave) {
		this.cookie = grave.cookie;
		Answer answer = get("/read");
		Disturbances disturbances = this.soakRecord.disturbances();
		if (answer.isOk() && !answer.body.equals(SoakApplication.NONE) && disturbances.isCertain(grave.from, grave.to)
				&& disturbances.isCertain(answer.from, answer.to)) {
			this.soakRecord.violation(grave.user + ": the session was revived");
		}
	}

	private void pause() {
		try {
			Thread.sleep(this.random.nextInt(100));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Answer get(String path) {
		return getLater(path).join();
	}

	private CompletableFuture<Answer> getLater(String path) {
		SoakNode node = this.nodes.get(this.random.nextInt(this.nodes.size()));
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node.url(path))).timeout(TIMEOUT);
		if (this.cookie != null) {
			request.header("Cookie", "SESSION=" + this.cookie);
		}
		long from = System.currentTimeMillis();
		return CLIENT.sendAsync(request.build(), BodyHandlers.ofString()).handle((response, failure) -> {
			long to = System.currentTimeMillis();
			if (response == null) {
				if (!(failure instanceof IOException) && !(failure.getCause() instanceof IOException)) {
					this.soakRecord.violation(this.name + ", " + path + ": " + failure);
				}
				this.soakRecord.request(0);
				return new Answer(0, "", from, to);
			}
			take(response);
			this.soakRecord.request(response.statusCode());
			if (response.statusCode() != 200 && !REFUSALS.contains(response.statusCode())) {
				this.soakRecord.violation(this.name + ", " + path + ": status " + response.statusCode());
			}
			return new Answer(response.statusCode(), response.body(), from, to);
		});
	}

	private void take(HttpResponse<String> response) {
		response.headers()
			.allValues("Set-Cookie")
			.stream()
			.flatMap((header) -> HttpCookie.parse(header).stream())
			.filter((set) -> set.getName().equals("SESSION") && set.getMaxAge() != 0)
			.forEach((set) -> this.cookie = set.getValue());
	}

	private static String handle(@Nullable String cookie) {
		return new String(Base64.getDecoder().decode(cookie), StandardCharsets.UTF_8).substring(0, 16);
	}

	/**
	 * A response, or none.
	 *
	 * @param status the status; 0 without a response
	 * @param body the body
	 * @param from when the request was sent
	 * @param to when the response was received, or the request failed
	 */
	private record Answer(int status, String body, long from, long to) {

		boolean isOk() {
			return this.status == 200;
		}

	}

	/**
	 * A session that has ended.
	 *
	 * @param user whose session it was
	 * @param cookie the last cookie
	 * @param from when the request that ended it was sent
	 * @param to when it was answered
	 */
	private record Grave(String user, @Nullable String cookie, long from, long to) {

	}

}
