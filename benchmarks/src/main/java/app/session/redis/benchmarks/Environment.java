package app.session.redis.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

import app.session.redis.test.RedisBinary;
import io.lettuce.core.RedisClient;

import org.springframework.boot.SpringBootVersion;
import org.springframework.session.Session;

/**
 * The machine and the versions with which results were measured.
 */
final class Environment {

	private Environment() {
	}

	static Map<String, String> describe() {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put("date", LocalDate.now(ZoneOffset.UTC).toString());
		environment.put("cpu", line(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch", "")));
		environment.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
		environment.put("memory", line(Path.of("/proc/meminfo"), "MemTotal", "unknown"));
		environment.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		environment.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
		environment.put("jvm options", String.join(" ", AppProcess.JVM_OPTIONS));
		environment.put("redis", RedisBinary.find().version());
		environment.put("spring boot", SpringBootVersion.getVersion());
		environment.put("spring session", version(Session.class));
		environment.put("lettuce", version(RedisClient.class));
		return environment;
	}

	private static String version(Class<?> type) {
		String version = type.getPackage().getImplementationVersion();
		if (version != null) {
			return version;
		}
		// The name of a jar contains its version
		String jar = type.getProtectionDomain().getCodeSource().getLocation().getPath();
		return jar.replaceFirst(".*-(\\d[^/]*)\\.jar$", "$1");
	}

	private static String line(Path file, String name, String fallback) {
		try {
			if (Files.exists(file)) {
				for (String line : Files.readAllLines(file)) {
					if (line.startsWith(name)) {
						return line.substring(line.indexOf(':') + 1).strip();
					}
				}
			}
			return fallback;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read " + file, ex);
		}
	}

}
