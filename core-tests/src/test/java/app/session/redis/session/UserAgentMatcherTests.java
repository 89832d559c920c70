package app.session.redis.session;

import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EmptySource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Headers of clients that never come back, and of browsers.
 */
class UserAgentMatcherTests {

	private static final UserAgentMatcher matcher = new UserAgentMatcher();

	@ParameterizedTest
	@NullSource
	@EmptySource
	@ValueSource(strings = { " ", "\t" })
	void clientWithoutANameIsABot(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
			"Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
			"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
			"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "Mediapartners-Google",
			"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "ia_archiver",
			"Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", "FeedFetcher-Google",
			"WhatsApp/2.24.6.77 A", "Viber", "Notion/1.0 (https://notion.so; team@makenotion.com)",
			"Mozilla/5.0 (compatible; coccoc/1.0; +http://help.coccoc.com/)",
			"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
			"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
			"AdsBot-Google (+http://www.google.com/adsbot.html)",
			"Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
			"Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
			"meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
			"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
			"Y!J-BRW/1.0 (https://www.yahoo-help.jp/app/answers/detail/p/595/a_id/42716)",
			"Mozilla/5.0 (compatible; SomethingNobodyKnowsBot/0.1; +https://example.com)", "example-crawler" })
	void crawlersAreFound(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "kube-probe/1.33", "GoogleHC/1.0", "ELB-HealthChecker/2.0",
			"Amazon-Route53-Health-Check-Service (ref 6ad3d3e5; report http://amzn.to/1vsZADi)", "Edge Health Probe",
			"HealthCheck/1.0", "Load Balancer Agent", "AlwaysOn", "ReadyForRequest/1.0 (HomepageWarmup)",
			"Azure Traffic Manager Endpoint Monitor", "Consul Health Check", "Envoy/HC", "haproxy-healthcheck",
			"Mozilla/5.0 (compatible;Cloudflare-Healthchecks/1.0;+https://www.cloudflare.com/; healthcheck-id: 0)",
			"Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
			"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.102 "
					+ "Safari/537.36 (StatusCake)",
			"Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
					+ "Chrome/83.0.4103.106 Safari/537.36",
			"Site24x7", "Uptime-Kuma/1.23.16", "Datadog/Synthetics", "Datadog Agent/7.60.0",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
					+ "DatadogSynthetics",
			"Blackbox Exporter/0.25.0", "Prometheus/3.1.0", "Elastic-Heartbeat/8.17.0", "Zabbix",
			"check_http/v2.3.3 " + "(nagios-plugins 2.3.3)", "NewRelicPinger/1.0 (1)",
			"GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
			"Checkly/1.0 (https://www.checklyhq.com)", "Mozilla/5.0 (compatible; NodePing)" })
	void healthChecksAndMonitorsAreFound(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "curl/8.14.1", "Wget/1.21", "python-requests/2.32", "Python-urllib/3.12",
			"Python/3.12 aiohttp/3.11.11", "python-httpx/0.28.1", "Java/17.0.15", "Java-http-client/21.0.5",
			"Go-http-client/1.1", "Go-http-client/2.0", "go-resty/2.16.2 (https://github.com/go-resty/resty)",
			"okhttp/4.12.0", "Apache-HttpClient/5.4.1 (Java/21.0.5)", "Apache-HttpAsyncClient/4.1.5 (Java/17)",
			"ReactorNetty/1.2.1", "Vert.x-WebClient/4.5.11", "Jetty/12.0.16", "AHC/2.1", "axios/1.7.9",
			"node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node", "undici",
			"got (https://github.com/sindresorhus/got)", "Deno/2.1.4", "Bun/1.1.42", "libwww-perl/6.77",
			"LWP::Simple/6.77", "HTTP-Tiny/0.088", "Ruby", "Faraday v2.12.2", "GuzzleHttp/7",
			"Symfony HttpClient (Curl)", "RestSharp/112.1.0.0", "PostmanRuntime/7.43.0", "insomnia/10.3.0",
			"HTTPie/3.2.4", "k6/0.55.0 (https://k6.io/)", "Grafana k6/1.0.0", "ApacheBench/2.3",
			"Artillery (https://artillery.io)", "reqwest/0.12", "Dart/3.6 (dart:io)",
			"Scrapy/2.12.0 (+https://scrapy.org)", "CURL/8.0",
			"Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.22621.4391",
			"Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.22631; de-DE) PowerShell/7.4.6" })
	void librariesAreFound(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
					+ "Safari/537.36 Edg/142.0.0.0",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0",
			"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
			"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
					+ "Version/18.6 Mobile/15E148 Safari/604.1",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
					+ "CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1",
			"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/144.0 Mobile/15E148 Safari/605.1.15",
			"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (Linux; Android 14; SM-S928B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 "
					+ "Chrome/125.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
			"Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 (KHTML, like Gecko) "
					+ "Chrome/139.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (Linux; Android 9; Panasonic ELUGA I7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
			"Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
					+ "Version/4.0 Chrome/131.0.6778.135 Mobile Safari/537.36",
			"Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/128.3.1 like Chrome/128.0.6613.187 Safari/537.36",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36 Vivaldi/7.3",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 YaBrowser/25.6.0.0 Safari/537.36",
			"Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3511) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
					+ "Chrome/100.0.4896.58 UCBrowser/13.7.8.1323 Mobile Safari/537.36",
			"Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.87 Safari/537.36 SE 2.X MetaSr 1.0",
			"Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/98.0 Mobile Safari/537.36 SogouMobileBrowser/6.1",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 Ddg/17.4",
			"Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/118.0.138 Chrome/112.0.0.0 Safari/537.36",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Safari/605.1.15 Epiphany/605.1.15",
			"Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8",
			"Links (2.29; Linux x86_64; GNU C 13.2; text)" })
	void browsersAreNot(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
					+ "[FBAN/FBIOS;FBAV/485.0.0.43.103;FBBV/650448655;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.7]",
			"Mozilla/5.0 (Linux; Android 14; SM-A546B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
					+ "Chrome/131.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/490.0.0.63.82;] MetaIAB Facebook",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 "
					+ "Instagram 361.0.0.35.82 (iPhone13,2; iOS 18_1; de_DE; de; scale=3.00; 1170x2532; 674117118)",
			"Mozilla/5.0 (Linux; Android 13; 22081212UG; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
					+ "Chrome/130.0 Mobile Safari/537.36 musical_ly_2023708040 JsSdk/1.0 NetType/WIFI Channel/googleplay "
					+ "AppName/musical_ly BytedanceWebview/d8a21c6",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 "
					+ "MicroMessenger/8.0.49(0x1800312c) NetType/WIFI Language/zh_CN",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.13.0",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 "
					+ "Mobile/15E148 Safari/604.1 Snapchat/13.10.0.38 (like Safari/8616.1.27, panda)",
			"Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile Safari/537.36 [Pinterest/Android]",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/10.27",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29.9",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/345.0 Mobile/15E148 Safari/604.1",
			"Mozilla/5.0 (Linux; Android 14; SM-S911N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 "
					+ "Mobile Safari/537.36;KAKAOTALK 2410830",
			"Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36 "
					+ "NAVER(inapp; search; 1000; 12.8.4)",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.41.98 Chrome/130.0 Electron/33.0 Safari/537.36",
			"Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/1.7.00.1864 Chrome/112.0 Electron/24.8.7 Safari/537.36",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Notion/4.0.0 Chrome/130.0 Electron/33.0 Safari/537.36",
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.96.0 Chrome/128.0 Electron/32.2.6 Safari/537.36",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 PayPal/240912",
			"Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0 Mobile Safari/537.36 Viber/24.0",
			"Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0 Mobile Safari/537.36 WhatsApp/2.24",
			"Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)", "ShopApp/4.2 (iOS)",
			"ShopApp/412 CFNetwork/1568.200.51 Darwin/24.1.0" })
	void applicationsThatPeopleUseAreNot(String userAgent) {
		assertThat(matcher.isBot(userAgent)).isFalse();
	}

	/** Amazon CloudFront may send its own name in the place of every browser's. */
	@Test
	void cacheThatHidesBrowsersIsNot() {
		assertThat(matcher.isBot("Amazon CloudFront")).isFalse();
	}

	@Test
	void fragmentsBeginWhereWordsDo() {
		assertThat(matcher.isBot("Mozilla/5.0 (Linux) Libcurl-free/1.0")).isFalse();
		assertThat(matcher.isBot("Mozilla/5.0 (Linux) kube-probe/1.0")).isFalse();
		assertThat(matcher.isBot("Mozilla/5.0 (Linux) (StatusCake)")).isTrue();
		assertThat(matcher.isBot("Mozilla/5.0 (Linux) FooStatusCake")).isFalse();
		assertThat(matcher.isBot("ab")).isFalse();
	}

	@Test
	void ofALongHeaderOnlyTheBeginningCounts() {
		String browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
		assertThat(matcher.isBot(browser + " ".repeat(400) + "Googlebot/2.1")).isTrue();
		assertThat(matcher.isBot(browser + " ".repeat(500_000) + "Googlebot/2.1")).isFalse();
	}

	@Test
	void ownPatternReplacesWhatIsKnown() {
		UserAgentMatcher own = new UserAgentMatcher(Pattern.compile("acme/\\d+"));
		assertThat(own.isBot("acme/1")).isTrue();
		assertThat(own.isBot("Googlebot/2.1")).isFalse();
		assertThat(own.isBot((String) null)).isTrue();
	}

}
