package app.session.redis.browser;

import java.nio.file.Path;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SpringBootProcess;

/**
 * An instance of the sample, started from its jar.
 */
final class Shop implements AutoCloseable {

	static final String ADMIN = "admin";

	static final String ADMINS_PASSWORD = "lighthouse";

	private final SpringBootProcess process;

	private Shop(SpringBootProcess process) {
		this.process = process;
	}

	/**
	 * Starts an instance, and waits until it serves.
	 * @param redis where its sessions are
	 * @return the running instance
	 */
	static Shop start(RedisServer redis) {
		return new Shop(SpringBootProcess.start(Path.of(System.getProperty("sample.jar")),
				"--app.session.redis.hosts=" + redis.host() + ":" + redis.port(),
				"--shop.operator.poll-interval=300ms"));
	}

	String url(String path) {
		return this.process.url(path);
	}

	/**
	 * Logs the administrator in.
	 * @param chromium in which browser
	 */
	void logInAsAdmin(Chromium chromium) {
		chromium.open(url("/login"));
		chromium.type("input[name=username]", ADMIN);
		chromium.type("input[name=password]", ADMINS_PASSWORD);
		chromium.click("main form button");
	}

	@Override
	public void close() {
		this.process.close();
	}

}
