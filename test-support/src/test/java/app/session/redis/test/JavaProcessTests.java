package app.session.redis.test;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class JavaProcessTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private JavaProcess process;

	@AfterEach
	void closeProcess() {
		this.process.close();
		this.process.close();
		assertThat(this.process.isRunning()).isFalse();
	}

	@Test
	void startRunsTheMainClassWithArgumentsPropertiesAndEnvironment(@TempDir Path directory) throws Exception {
		this.process = JavaProcess.of(EchoMain.class)
			.args("one", "two words")
			.systemProperty("test.property", "some value")
			.environment("TEST_VARIABLE", "of the environment")
			.jvmOptions("-Xmx64m")
			.directory(directory)
			.start();
		assertThat(this.process.awaitLine("pid (\\d+)", TIMEOUT).group(1)).isEqualTo("" + this.process.pid());
		this.process.awaitLine("ready"::equals, TIMEOUT);
		assertThat(this.process.output()).contains("args [one, two words]", "property some value",
				"variable of the environment", "directory " + directory.toRealPath(), "error \u00fc\u20ac");
	}

	@Test
	void startOfAJarRunsItsMainClassWithNothingElseOnTheClassPath(@TempDir Path directory) throws Exception {
		Path jar = directory.resolve("echo.jar");
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, EchoMain.class.getName());
		String entry = EchoMain.class.getName().replace('.', '/') + ".class";
		try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
				InputStream in = EchoMain.class.getClassLoader().getResourceAsStream(entry)) {
			out.putNextEntry(new JarEntry(entry));
			in.transferTo(out);
		}
		this.process = JavaProcess.ofJar(jar).args("one").systemProperty("test.property", "some value").start();
		this.process.awaitLine("ready"::equals, TIMEOUT);
		assertThat(this.process.output()).contains("args [one]", "property some value", "class path " + jar);
		assertThat(this.process).hasToString("echo.jar (process " + this.process.pid() + ")");
	}

	@Test
	void writeLineReachesTheProcess() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.writeLine("hello");
		assertThat(this.process.awaitLine("echo .*", TIMEOUT).group()).isEqualTo("echo hello");
	}

	@Test
	void awaitLineFailsWithTheOutputWhenTheTimeIsUp() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.awaitLine("ready"::equals, TIMEOUT);
		assertThatIllegalStateException().isThrownBy(() -> this.process.awaitLine("never", Duration.ofMillis(50)))
			.withMessageContaining("within")
			.withMessageContaining("ready");
	}

	@Test
	void awaitLineFailsAtOnceWhenTheProcessEnds() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.writeLine("exit");
		assertThatIllegalStateException().isThrownBy(() -> this.process.awaitLine("never", Duration.ofMinutes(5)))
			.withMessageContaining("ended")
			.withMessageContaining("ready");
		assertThat(this.process.awaitExit(TIMEOUT)).isEqualTo(3);
	}

	@Test
	void pauseSuspendsUntilResume() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.awaitLine("ready"::equals, TIMEOUT);
		this.process.pause();
		this.process.writeLine("hello");
		assertThatIllegalStateException()
			.isThrownBy(() -> this.process.awaitLine("echo hello", Duration.ofMillis(300)));
		this.process.resume();
		this.process.awaitLine("echo hello", TIMEOUT);
	}

	@Test
	void killRunsNoShutdownHook() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.awaitLine("ready"::equals, TIMEOUT);
		this.process.kill();
		assertThat(this.process.isRunning()).isFalse();
		assertThat(this.process.output()).doesNotContain("hook");
		assertThatIllegalStateException().isThrownBy(this.process::pause);
	}

	@Test
	void stopRunsShutdownHooksEvenWhenPaused() {
		this.process = JavaProcess.of(EchoMain.class).start();
		this.process.awaitLine("ready"::equals, TIMEOUT);
		this.process.pause();
		this.process.stop();
		assertThat(this.process.isRunning()).isFalse();
		await().untilAsserted(() -> assertThat(this.process.output()).contains("hook"));
	}

	static final class EchoMain {

		private EchoMain() {
		}

		public static void main(String[] args) throws Exception {
			Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
			System.out.println("pid " + ProcessHandle.current().pid());
			System.out.println("args " + Arrays.toString(args));
			System.out.println("property " + System.getProperty("test.property"));
			System.out.println("variable " + System.getenv("TEST_VARIABLE"));
			System.out.println("directory " + Path.of("").toRealPath());
			System.out.println("class path " + System.getProperty("java.class.path"));
			System.err.println("error \u00fc\u20ac");
			System.out.println("ready");
			try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
				String line = reader.readLine();
				while (line != null) {
					if (line.equals("exit")) {
						System.exit(3);
					}
					System.out.println("echo " + line);
					line = reader.readLine();
				}
			}
		}

	}

}
