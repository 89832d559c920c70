package app.session.redis.sample.device;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class UserAgentTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 | Firefox | Linux
			Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0 | Edge | Windows
			Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36 | Chrome | Android
			Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18.0 Safari/605 | Safari | macOS
			Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1 | Safari | iPhone
			curl/8.5.0 | curl | unknown system
			""")
	void namesBrowserAndSystem(String header, String browser, String system) {
		assertThat(UserAgent.parse(header)).isEqualTo(new UserAgent(browser, system));
	}

	@Test
	void keepsNoTextOfAHeaderThatItDoesNotKnow() {
		UserAgent unknown = new UserAgent("Unknown browser", "unknown system");
		assertThat(UserAgent.parse("<script>alert(1)</script>")).isEqualTo(unknown);
		assertThat(UserAgent.parse(null)).isEqualTo(unknown);
	}

}
