package app.session.redis.autoconfigure.web;

import java.time.Duration;
import java.util.List;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.BotDetector;
import app.session.redis.servlet.StaySignedIn;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.HttpServletRequest;
import org.assertj.core.api.AbstractDurationAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the lifetimes of the sessions of several kinds of clients.
 */
class LifetimeITests {

	private static final String CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
			+ " Chrome/142.0.0.0 Safari/537.36";

	private static final String CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

	private final RedisServer server = SharedRedis.standalone();

	@AfterEach
	void flush() {
		this.server.flushAll();
	}

	private static Browser browser(WebNode node, String userAgent) {
		return node.browser().userAgent(userAgent);
	}

	private static AbstractDurationAssert<?> assertExpiresIn(WebNode node, Browser browser) {
		return assertThat(
				node.bean(AtomicRedisSessionRepository.class).operations().describe(browser.handle()).expiresIn());
	}

	@Test
	void crawlersGetAMinuteAndThenTwoHours() {
		try (WebNode node = WebNode.start(this.server, "app.session.redis.bot.enabled=true",
				"app.session.redis.timeout=8h")) {
			for (String userAgent : List.of(CRAWLER, "")) {
				Browser crawler = browser(node, userAgent);
				crawler.get("/new");
				assertExpiresIn(node, crawler).isLessThanOrEqualTo(Duration.ofMinutes(1));
				crawler.get("/read");
				assertExpiresIn(node, crawler).isBetween(Duration.ofMinutes(119), Duration.ofHours(2));
			}
			Browser user = browser(node, CHROME);
			user.get("/new");
			assertExpiresIn(node, user).isGreaterThan(Duration.ofHours(7));
		}
	}

	@Test
	void noClientIsACrawlerByDefault() {
		try (WebNode node = WebNode.start(this.server)) {
			Browser crawler = browser(node, CRAWLER);
			crawler.get("/new");
			assertExpiresIn(node, crawler).isGreaterThan(Duration.ofMinutes(29));
		}
	}

	@Test
	void aPatternDetectsCrawlers() {
		try (WebNode node = WebNode.start(this.server, "app.session.redis.bot.enabled=true",
				"app.session.redis.bot.pattern=chrome/\\d+", "app.session.redis.bot.first-timeout=30")) {
			Browser crawler = browser(node, CHROME);
			crawler.get("/new");
			assertExpiresIn(node, crawler).isLessThanOrEqualTo(Duration.ofSeconds(30));
			Browser user = browser(node, CRAWLER);
			user.get("/new");
			assertExpiresIn(node, user).isGreaterThan(Duration.ofMinutes(29));
		}
	}

	@Test
	void aBeanDetectsCrawlers() {
		try (WebNode node = start(BotDetectorConfiguration.class, "app.session.redis.bot.enabled=true")) {
			Browser crawler = browser(node, "Acme");
			crawler.get("/new");
			assertExpiresIn(node, crawler).isLessThanOrEqualTo(Duration.ofMinutes(1));
			Browser user = browser(node, CRAWLER);
			user.get("/new");
			assertExpiresIn(node, user).isGreaterThan(Duration.ofMinutes(29));
		}
	}

	@Test
	void aFirstTimeoutEndsWithTheSecondRequest() {
		try (WebNode node = WebNode.start(this.server, "app.session.redis.first-timeout=10m")) {
			Browser user = browser(node, CHROME);
			user.get("/new");
			assertExpiresIn(node, user).isLessThanOrEqualTo(Duration.ofMinutes(10));
			user.get("/read");
			assertExpiresIn(node, user).isGreaterThan(Duration.ofMinutes(29));
		}
	}

	@Test
	void anAbsoluteTimeoutCapsAllOthers() {
		try (WebNode node = WebNode.start(this.server, "app.session.redis.absolute-timeout=10m")) {
			Browser user = browser(node, CHROME);
			user.get("/new");
			assertExpiresIn(node, user).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
		}
	}

	@Test
	void withoutSpringSecurityAnApplicationItselfLetsUsersStaySignedIn() {
		try (WebNode node = start(StayingController.class, "app.session.redis.long-timeout=60d")) {
			Browser user = browser(node, CHROME);
			assertThat(user.get("/stay").headers().allValues("Set-Cookie"))
				.anyMatch((cookie) -> cookie.startsWith("SESSION=") && cookie.matches(".*Max-Age=\\d{9,}.*"));
			assertExpiresIn(node, user).as("bounded by max-timeout")
				.isBetween(Duration.ofDays(29), Duration.ofDays(30));
		}
	}

	private WebNode start(Class<?> more, String property) {
		return WebNode.start(List.of(WebTestApplication.class, more),
				List.of("app.session.redis.host=" + this.server.host(), "app.session.redis.port=" + this.server.port(),
						property));
	}

	@Configuration(proxyBeanMethods = false)
	static class BotDetectorConfiguration {

		@Bean
		BotDetector acmeDetector() {
			return (request) -> "Acme".equals(request.getHeader("User-Agent"));
		}

	}

	@RestController
	static class StayingController {

		private final StaySignedIn staySignedIn;

		StayingController(StaySignedIn staySignedIn) {
			this.staySignedIn = staySignedIn;
		}

		@GetMapping("/stay")
		String stay(HttpServletRequest request) {
			this.staySignedIn.apply(request);
			return "ok";
		}

	}

}
