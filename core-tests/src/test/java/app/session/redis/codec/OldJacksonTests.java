package app.session.redis.codec;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What JSON may create doesn't depend on the fixes in Jackson: the hostile values are
 * read with old releases too, in class loaders of their own. The build copies the jars.
 */
public class OldJacksonTests {

	private static final Path JARS = Path.of("target", "old-jackson");

	@ParameterizedTest
	@ValueSource(strings = { "3.0.3", "3.1.0", "3.1.3" })
	void nothingThatIsNotAllowedIsCreatedLoadedOrShownAndNoNameIsLookedUp(String version) throws Exception {
		try (URLClassLoader classLoader = withJackson(version)) {
			assertThat(classLoader.loadClass("tools.jackson.databind.cfg.PackageVersion").getField("VERSION").get(null))
				.hasToString(version);
			assertThat((List<?>) call(classLoader, HostileJson.class.getName(), "violations")).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "3.0.3", "3.1.0", "3.1.3" })
	void aCodecThatWritesOrReadsJsonIsRefused(String version) throws Exception {
		try (URLClassLoader classLoader = withJackson(version)) {
			for (String method : List.of("writing", "reading")) {
				assertThatIllegalStateException()
					.isThrownBy(() -> call(classLoader, OldJacksonTests.class.getName(), method))
					.withMessageContaining("jackson-databind " + version)
					.withMessageContaining("3.1.4");
			}
		}
	}

	/** Called in the other class loader. */
	public static void writing() {
		ValueCodec.builder().form(ValueForm.JSON).build();
	}

	/** Called in the other class loader. */
	public static void reading() {
		ValueCodec.builder().readForms(Set.of(ValueForm.JSON)).build();
	}

	private static Object call(ClassLoader classLoader, String type, String method) throws Exception {
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		thread.setContextClassLoader(classLoader);
		try {
			return classLoader.loadClass(type).getMethod(method).invoke(null);
		}
		catch (InvocationTargetException ex) {
			if (ex.getCause() instanceof Exception cause) {
				throw cause;
			}
			throw ex;
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	private static URLClassLoader withJackson(String version) throws IOException {
		List<URL> urls = new ArrayList<>();
		try (Stream<Path> jars = Files.list(JARS.resolve(version))) {
			for (Path jar : jars.toList()) {
				urls.add(jar.toUri().toURL());
			}
		}
		assertThat(urls).hasSize(2);
		for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
			if (!entry.matches(".*[/\\\\]jackson-(core|databind)-3[^/\\\\]*\\.jar")) {
				urls.add(Path.of(entry).toUri().toURL());
			}
		}
		return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
	}

}
