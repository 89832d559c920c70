package app.session.redis.sample.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import redis.embedded.core.ExecutableProvider;

/**
 * Finds a {@code redis-server} that can run on this machine.
 */
final class RedisExecutable {

	private static final String ON_PATH = "redis-server";

	private RedisExecutable() {
	}

	/**
	 * Returns the binary that embedded-redis provides for this system or, if it can't run
	 * because a library is missing (on Linux, OpenSSL 3), the one on the {@code PATH}.
	 * @param folder the folder to which the binary is copied
	 * @return the command
	 * @throws EmbeddedRedisException if neither can run
	 */
	static String find(Path folder) {
		String failure;
		try {
			File carried = ExecutableProvider.newJarResourceProvider(folder.toFile()).get();
			if (canRun(carried.getPath())) {
				return carried.getPath();
			}
			failure = carried.getName() + ", the executable of embedded-redis, doesn't run on this machine";
		}
		catch (IOException | RuntimeException ex) {
			failure = "embedded-redis has no executable for this system (" + ex.getMessage() + ")";
		}
		if (canRun(ON_PATH)) {
			return ON_PATH;
		}
		throw new EmbeddedRedisException("No Redis is configured, and none can be started: " + failure
				+ ", and there is no working redis-server on the PATH");
	}

	private static boolean canRun(String executable) {
		try {
			Process process = new ProcessBuilder(executable, "--version").redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			if (process.waitFor(5, TimeUnit.SECONDS)) {
				return process.exitValue() == 0;
			}
			process.destroyForcibly();
			return false;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
