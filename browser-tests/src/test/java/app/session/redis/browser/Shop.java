package app.session.redis.browser;

import java.nio.file.Path;
import java.time.Duration;

import app.session.redis.test.JavaProcess;
import app.session.redis.test.RedisServer;

/**
 * An instance of the sample, started from its jar.
 */
final class Shop implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	static final String ADMIN = "admin";

	static final String ADMINS_PASSWORD = "lighthouse";

	private final JavaProcess process;

	private final int port;

	private Shop(JavaProcess process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts an instance, and waits until it serves.
	 * @param redis where its sessions are
	 * @return the running instance
	 */
	static Shop start(RedisServer redis) {
		JavaProcess process = JavaProcess.ofJar(Path.of(System.getProperty("sample.jar")))
			.jvmOptions("-Xmx256m")
			.args("--server.port=0", "--app.session.redis.hosts=" + redis.host() + ":" + redis.port(),
					"--shop.operator.poll-interval=300ms")
			.start();
		try {
			return new Shop(process,
					Integer.parseInt(process.awaitLine("Tomcat started on port (\\d+)", PATIENCE).group(1)));
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	String url(String path) {
		return "http://localhost:" + this.port + path;
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
		this.process.stop();
	}

}
