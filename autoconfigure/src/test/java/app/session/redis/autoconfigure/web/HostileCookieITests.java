package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests cookies that this application never issues.
 */
@ExtendWith(OutputCaptureExtension.class)
class HostileCookieITests {

	private static RedisServer server;

	private static WebNode node;

	private static Browser victim;

	@BeforeAll
	static void start() {
		server = RedisServer.start();
		node = WebNode.start(server, "app.session.redis.collector.enabled=false",
				"server.max-http-request-header-size=64KB", "logging.level.app.session.redis=DEBUG");
		victim = node.browser();
		victim.logIn("anna");
		victim.get("/write?value=secret-of-anna");
	}

	@AfterAll
	static void stop() {
		node.close();
		server.close();
	}

	static List<String> values() {
		String handle = victim.handle();
		return List.of(handle, "app:session:session:{" + handle + "}", "app:session:collector", "app:session:expiry:0",
				handle + "}", "{" + handle + "}", handle + "A".repeat(43), handle + handle, victim.sessionId() + "A",
				victim.sessionId().substring(0, victim.sessionId().length() - 1), victim.sessionId() + "\n",
				victim.sessionId().toUpperCase(Locale.ROOT), "x".repeat(10_240), handle + "x".repeat(10_240),
				"\u0000\u0001\u0007\r\n\u001b[2J", handle + "\u0000".repeat(43),
				handle + "\r\nSET pwned 1\r\n" + "A".repeat(30), "../../etc/passwd", handle + "/../" + "A".repeat(40),
				"*", "app:session:*", "[a-z]*", "", " ", "%00", "${jndi:ldap://localhost/a}", "\uD83D\uDE00".repeat(15),
				"é".repeat(59), "A".repeat(59), "null", "\"; return redis.call('FLUSHALL') --");
	}

	@ParameterizedTest
	@MethodSource("values")
	void encodedValueOpensNoSession(String value) throws IOException {
		assertNoSession(Base64.getEncoder().encode(value.getBytes(StandardCharsets.UTF_8)));
	}

	/** The values without the id before a line break, which ends the header. */
	static List<String> rawValues() {
		return values().stream().filter((value) -> !value.equals(victim.sessionId() + "\n")).toList();
	}

	@ParameterizedTest
	@MethodSource("rawValues")
	void rawValueOpensNoSession(String value) throws IOException {
		// a line break would end the header
		assertNoSession(value.replace("\r", "").replace("\n", "").getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void manyCookiesOfTheNameOpenTheOneSessionThatIsThere() throws IOException {
		List<String> cookies = new ArrayList<>();
		for (String id : List.of(victim.handle(), "A".repeat(59), victim.sessionId())) {
			cookies.add("SESSION=" + Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8)));
		}
		assertThat(node.browser()
			.getWithRawCookie("/read", String.join("; ", cookies).getBytes(StandardCharsets.ISO_8859_1)))
			.contains("secret-of-anna");
	}

	@Test
	void neitherIdNorSecretIsInRedisOrInTheLog(CapturedOutput output) {
		Browser browser = node.browser();
		browser.get("/write?value=visible-value");
		browser.logIn("ben");
		String secret = browser.sessionId().substring(16);
		browser.get("/read");
		assertThat(dump()).contains(browser.handle()).doesNotContain(secret);
		String id = browser.sessionId();
		browser.logOut();
		node.browser().sessionId(id).get("/read");
		assertThat(output.toString()).doesNotContain(secret).doesNotContain("visible-value");
	}

	@Test
	void attributeThatCannotBeReadLeavesTheRestOfTheSession() {
		Browser browser = node.browser();
		browser.logIn("ben");
		browser.get("/write?value=kept");
		String key = "app:session:session:{" + browser.handle() + "}";
		assertThat(server.commands().hset(key, "cart", "\u0002cut off")).isTrue();
		assertThat(browser.get("/read").statusCode()).isEqualTo(200);
		assertThat(browser.get("/read").body()).isEqualTo("kept null");
		assertThat(browser.get("/write?value=written").statusCode()).isEqualTo(200);
		assertThat(browser.get("/read").body()).isEqualTo("written null");
		assertThat(browser.get("/find?principal=ben").body()).isEqualTo("1");
		assertThat(browser.logOut().statusCode()).isEqualTo(302);
		assertThat(server.commands().exists(key)).isZero();
	}

	private static void assertNoSession(byte[] value) throws IOException {
		byte[] name = "SESSION=".getBytes(StandardCharsets.ISO_8859_1);
		byte[] header = new byte[name.length + value.length];
		System.arraycopy(name, 0, header, 0, name.length);
		System.arraycopy(value, 0, header, name.length, value.length);
		Set<String> before = new TreeSet<>(server.keys());
		String read = node.browser().getWithRawCookie("/read", header);
		// Tomcat refuses a header with control characters by itself
		assertThat(read).containsAnyOf("HTTP/1.1 200", "HTTP/1.1 400").doesNotContain("secret-of-anna");
		if (read.startsWith("HTTP/1.1 200")) {
			assertThat(read).contains("none");
		}
		assertThat(server.keys()).containsExactlyInAnyOrderElementsOf(before);
		String written = node.browser().getWithRawCookie("/write?value=mine", header);
		assertThat(written).containsAnyOf("HTTP/1.1 200", "HTTP/1.1 400");
		String sent = new String(value, StandardCharsets.ISO_8859_1);
		assertThat(server.keys()).filteredOn((key) -> !before.contains(key))
			.allMatch((key) -> key.matches("app:session:session:\\{[A-Za-z0-9_-]{16}}|app:session:expiry:\\d+"))
			.noneMatch((key) -> key.contains("session:{")
					&& sent.contains(key.substring(key.indexOf('{') + 1, key.length() - 1)));
		assertThat(victim.get("/read").body()).startsWith("secret-of-anna");
	}

	private static String dump() {
		StringBuilder dump = new StringBuilder();
		for (String key : server.keys()) {
			dump.append(key).append('\n');
			switch (server.commands().type(key)) {
				case "hash" -> dump.append(server.commands().hgetall(key));
				case "zset" -> dump.append(server.commands().zrange(key, 0, -1));
				default -> dump.append(server.commands().get(key));
			}
		}
		return dump.toString();
	}

}
