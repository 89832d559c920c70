package app.session.redis.web;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EmptySource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Names of crawlers and of browsers.
 */
class UserAgentBotDetectorTests {

	private final UserAgentBotDetector detector = new UserAgentBotDetector(UserAgentBotDetector.KNOWN_BOTS);

	@ParameterizedTest
	@NullSource
	@EmptySource
	@ValueSource(strings = { " ", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
			"Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
			"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
			"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "Mediapartners-Google",
			"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "ia_archiver",
			"Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", "FeedFetcher-Google", "curl/8.14.1",
			"Wget/1.21", "python-requests/2.32", "Java/17.0.15", "Go-http-client/1.1", "WhatsApp/2.24" })
	void crawlersAreFound(String userAgent) {
		assertThat(this.detector.isBot(userAgent)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
					+ "Safari/537.36 Edg/142.0.0.0",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
					+ "Version/18.6 Mobile/15E148 Safari/604.1",
			"Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 (KHTML, like Gecko) "
					+ "Chrome/139.0.0.0 Mobile Safari/537.36",
			"Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)", "ShopApp/4.2 (iOS)" })
	void browsersAreNot(String userAgent) {
		assertThat(this.detector.isBot(userAgent)).isFalse();
	}

}
