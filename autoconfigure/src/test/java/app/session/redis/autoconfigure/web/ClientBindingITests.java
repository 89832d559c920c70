package app.session.redis.autoconfigure.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests requests with a stolen id of a session that is bound to the client that logged in
 * to it.
 */
@ExtendWith(OutputCaptureExtension.class)
class ClientBindingITests {

	private static final String FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	private final RedisServer server = SharedRedis.standalone();

	private WebNode node;

	@BeforeEach
	void empty() {
		this.server.flushAll();
	}

	@AfterEach
	void stop() {
		this.node.close();
	}

	private void start(String... properties) {
		List<String> all = new ArrayList<>(List.of("test.csrf=false", "server.forward-headers-strategy=native"));
		all.addAll(List.of(properties));
		this.node = WebNode.start(this.server, all.toArray(String[]::new));
	}

	private Browser loggedIn() {
		Browser browser = this.node.browser().userAgent(FIREFOX);
		browser.get("/write?value=apple", Map.of("X-Forwarded-For", "192.0.2.17"));
		browser.post("/login", Map.of("username", "anna", "password", "secret"));
		return browser;
	}

	private Browser thief(Browser victim) {
		return victim.at(this.node.port()).userAgent("curl/8.5.0");
	}

	private static boolean isLoggedIn(Browser browser) {
		return browser.get("/private/read").statusCode() == 200;
	}

	private long mismatches() {
		return this.node.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.CLIENT_MISMATCHES);
	}

	@Test
	void byDefault_noClientIsCompared_andNothingIsStored() {
		start();
		Browser browser = loggedIn();
		assertThat(isLoggedIn(thief(browser))).isTrue();
		assertThat(this.server.commands().hkeys("app:session:session:{" + browser.handle() + "}"))
			.doesNotContain("app.session.redis.client-binding");
	}

	@Test
	void otherUserAgent_hasNoSession_andTheUserContinues(CapturedOutput output) {
		start("app.session.redis.client-binding.user-agent=true");
		Browser browser = loggedIn();
		assertThat(isLoggedIn(thief(browser))).isFalse();
		assertThat(thief(browser).get("/read").body()).isEqualTo("none");
		assertThat(isLoggedIn(browser)).isTrue();
		assertThat(browser.get("/read").body()).startsWith("apple");
		assertThat(mismatches()).isPositive();
		assertThat(output)
			.contains("A client with another user agent than the one that logged in has sent the id of " + "session "
					+ browser.handle())
			.doesNotContain(browser.sessionId())
			.doesNotContain("curl/8.5.0");
	}

	@Test
	void otherUserAgent_canEndTheSession() {
		start("app.session.redis.client-binding.user-agent=true", "app.session.redis.client-binding.on-mismatch=end");
		Browser browser = loggedIn();
		assertThat(isLoggedIn(thief(browser))).isFalse();
		assertThat(isLoggedIn(browser)).isFalse();
		assertThat(this.node.bean(AtomicRedisSessionRepository.class)
			.getStatistics()
			.get(SessionCounter.DELETED_CLIENT_MISMATCH)).isEqualTo(1);
	}

	@Test
	void otherUserAgent_canBeLoggedOnly(CapturedOutput output) {
		start("app.session.redis.client-binding.user-agent=true", "app.session.redis.client-binding.on-mismatch=log");
		Browser browser = loggedIn();
		assertThat(isLoggedIn(thief(browser))).isTrue();
		assertThat(output).contains("another user agent");
		assertThat(mismatches()).isEqualTo(1);
	}

	@Test
	void sessionBeforeTheLogIn_isNotBound() {
		start("app.session.redis.client-binding.user-agent=true");
		Browser browser = this.node.browser().userAgent(FIREFOX);
		browser.get("/write?value=apple");
		assertThat(thief(browser).get("/read").body()).startsWith("apple");
	}

	@Test
	void otherNetwork_hasNoSession_otherAddressOfTheNetworkHas() {
		start("app.session.redis.client-binding.ipv4-prefix=24", "app.session.redis.client-binding.ipv6-prefix=48");
		Browser browser = this.node.browser();
		browser.get("/new-with-principal?principal=anna", Map.of("X-Forwarded-For", "192.0.2.17"));
		assertThat(browser.get("/read", Map.of("X-Forwarded-For", "192.0.2.99")).body()).isNotEqualTo("none");
		assertThat(browser.get("/read", Map.of("X-Forwarded-For", "198.51.100.1")).body()).isEqualTo("none");
		assertThat(browser.get("/read", Map.of("X-Forwarded-For", "2001:db8::1")).body()).isEqualTo("none");
		assertThat(browser.get("/read", Map.of("X-Forwarded-For", "192.0.2.17")).body()).isNotEqualTo("none");
	}

}
