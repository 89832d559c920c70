package app.session.redis.autoconfigure.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import app.session.redis.test.RedisBinary;
import app.session.redis.test.RedisServer;
import org.jspecify.annotations.Nullable;

/**
 * Wall clocks of Redis servers that can be set, each by itself. Needs Linux and a C
 * compiler.
 */
final class WallClocks {

	private static final String SOURCE = "wall-clock.c";

	private final RedisBinary binary;

	private WallClocks(RedisBinary binary) {
		this.binary = binary;
	}

	/**
	 * Prepares an executable whose clock can be set.
	 * @param folder an empty folder
	 * @return the clocks of its servers; null if this machine can't have them
	 */
	static @Nullable WallClocks prepare(Path folder) throws IOException, InterruptedException {
		Path source = folder.resolve(SOURCE);
		try (InputStream in = Objects.requireNonNull(WallClocks.class.getResourceAsStream(SOURCE))) {
			Files.copy(in, source);
		}
		Path library = folder.resolve("wall-clock.so");
		if (!System.getProperty("os.name").equals("Linux") || !compile(source, library)) {
			return null;
		}
		Path script = folder.resolve("redis-server");
		Files.writeString(script, """
				#!/bin/sh
				[ "$1" = --version ] || export LD_PRELOAD='%s'
				exec '%s' "$@"
				""".formatted(library.toAbsolutePath(), RedisBinary.find().path()));
		if (!script.toFile().setExecutable(true)) {
			throw new IOException(script + " can't be made executable");
		}
		return new WallClocks(RedisBinary.at(script));
	}

	private static boolean compile(Path source, Path library) throws InterruptedException {
		try {
			Process compiler = new ProcessBuilder(
					List.of("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString()))
				.redirectErrorStream(true)
				.start();
			// Not inherited: the standard output of a test JVM belongs to the build
			System.out.print(new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
			return compiler.waitFor(60, TimeUnit.SECONDS) && compiler.exitValue() == 0;
		}
		catch (IOException ex) {
			// There is no compiler
			return false;
		}
	}

	/** Returns the executable of the servers. */
	RedisBinary binary() {
		return this.binary;
	}

	/**
	 * Sets the clock of a server.
	 * @param server the server
	 * @param offset the difference to the clock of this machine
	 */
	static void set(RedisServer server, Duration offset) {
		ByteBuffer millis = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
		millis.putLong(0, offset.toMillis());
		try (FileChannel file = FileChannel.open(server.directory().resolve("clock"), StandardOpenOption.WRITE)) {
			file.write(millis);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The clock of " + server + " can't be set", ex);
		}
	}

}
