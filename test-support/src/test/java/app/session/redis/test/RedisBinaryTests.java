package app.session.redis.test;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class RedisBinaryTests {

	@Test
	void findGivesAnExecutableWithItsVersion() {
		RedisBinary binary = RedisBinary.find();
		assertThat(binary.path()).isAbsolute().isExecutable();
		assertThat(binary.version()).matches("\\d+\\.\\d+\\.\\d+.*");
	}

	@Test
	void findTwiceGivesTheSame() {
		assertThat(RedisBinary.find()).isSameAs(RedisBinary.find());
	}

	@Test
	void embeddedIsExtractedToATemporaryDirectory() {
		RedisBinary binary = RedisBinary.embedded();
		assertThat(binary.version()).startsWith("6.2.");
		assertThat(binary.path()).startsWith(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
		assertThat(RedisBinary.embedded()).isSameAs(binary);
	}

	@Test
	void embeddedStartsAServer() {
		try (RedisServer server = RedisServer.builder().binary(RedisBinary.embedded()).start()) {
			assertThat(server.commands().info("server")).contains("redis_version:" + RedisBinary.embedded().version());
		}
	}

	@Test
	void searchWithoutAServerOnThePathGivesTheEmbedded(@TempDir Path empty) {
		assertThat(RedisBinary.search(null, empty.toString())).isSameAs(RedisBinary.embedded());
	}

	@Test
	void searchWithABrokenServerOnThePathGivesTheEmbedded(@TempDir Path directory) throws Exception {
		executable(directory.resolve("redis-server"), "exit 1");
		assertThat(RedisBinary.search(null, directory.toString())).isSameAs(RedisBinary.embedded());
	}

	@Test
	void searchWithAServerOnThePathGivesIt(@TempDir Path directory) throws Exception {
		Path server = executable(directory.resolve("redis-server"), "echo Redis server v=9.8.7 sha=0");
		RedisBinary binary = RedisBinary.search(null, "/nowhere:" + directory);
		assertThat(binary.path()).isEqualTo(server);
		assertThat(binary.version()).isEqualTo("9.8.7");
	}

	@Test
	void searchForANameLooksItUpOnThePath(@TempDir Path directory) throws Exception {
		Path server = executable(directory.resolve("valkey-server"), "echo Valkey server v=8.0.1 sha=0");
		assertThat(RedisBinary.search("valkey-server", directory.toString()).path()).isEqualTo(server);
	}

	@Test
	void searchForEmbeddedGivesTheEmbedded() {
		assertThat(RedisBinary.search("embedded", "")).isSameAs(RedisBinary.embedded());
	}

	@Test
	void searchForAMissingNameFailsAndSaysWhatToInstall(@TempDir Path empty) {
		assertThatIllegalStateException().isThrownBy(() -> RedisBinary.search("no-such-server", empty.toString()))
			.withMessageContaining("no-such-server is not on the PATH")
			.withMessageContaining("apt-get install redis-server");
	}

	@Test
	void searchForAMissingPathFailsAndSaysWhatToInstall(@TempDir Path empty) {
		Path missing = empty.resolve("redis-server");
		assertThatIllegalStateException().isThrownBy(() -> RedisBinary.search(missing.toString(), ""))
			.withMessageContaining(missing.toString())
			.withMessageContaining("apt-get install redis-server");
	}

	@Test
	void searchForSomethingElseFailsWithItsOutput(@TempDir Path directory) throws Exception {
		Path other = executable(directory.resolve("other"), "echo cannot load libssl.so.3");
		assertThatIllegalStateException().isThrownBy(() -> RedisBinary.search(other.toString(), ""))
			.withMessageContaining("cannot load libssl.so.3")
			.withMessageContaining("apt-get install libssl3");
	}

	private static Path executable(Path path, String script) throws Exception {
		Files.writeString(path, "#!/bin/sh\n" + script + "\n");
		assertThat(path.toFile().setExecutable(true)).isTrue();
		return path;
	}

}
