package app.session.redis.test;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A Spring Boot application in another JVM, started from its executable jar on a free
 * port.
 */
public final class SpringBootProcess implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofMinutes(2);

	private final JavaProcess process;

	private final int port;

	private SpringBootProcess(JavaProcess process, int port) {
		this.process = process;
		this.port = port;
	}

	/**
	 * Starts an application and waits until it serves requests.
	 * @param jar the executable jar
	 * @param args arguments, in addition to the port
	 * @return the running application
	 */
	public static SpringBootProcess start(Path jar, String... args) {
		JavaProcess process = JavaProcess.ofJar(jar).jvmOptions("-Xmx256m").args("--server.port=0").args(args).start();
		try {
			return new SpringBootProcess(process,
					Integer.parseInt(process.awaitLine("(Tomcat|Netty) started on port (\\d+)", TIMEOUT).group(2)));
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	/**
	 * Returns the URL of a page.
	 * @param path the path, starting with a slash
	 * @return the URL
	 */
	public String url(String path) {
		return "http://localhost:" + this.port + path;
	}

	/**
	 * Shuts the application down.
	 */
	@Override
	public void close() {
		this.process.stop();
	}

}
