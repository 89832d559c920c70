package app.session.redis.sample.device;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class LastSeenTests {

	private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

	@ParameterizedTest
	@CsvSource({ "PT59S, just now", "PT-3S, just now", "PT1M, 1 minute ago", "PT5M30S, 5 minutes ago",
			"PT1H59M, 1 hour ago", "PT23H, 23 hours ago", "P1D, 1 day ago", "P30D, 30 days ago" })
	void saysHowLongAgo(Duration ago, String words) {
		assertThat(LastSeen.inWords(NOW.minus(ago), NOW)).isEqualTo(words);
	}

}
