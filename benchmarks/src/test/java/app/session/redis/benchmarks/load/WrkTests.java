package app.session.redis.benchmarks.load;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Wrk}.
 */
class WrkTests {

	@Test
	void theScriptTakesTheCookiesByTurns() {
		assertThat(Wrk.script(Requests.post("/write?size=8", List.of("A=1", "B=2"))))
			.contains("local cookies = { \"A=1\", \"B=2\" }")
			.contains("wrk.format(\"POST\", \"/write?size=8\", { [\"Cookie\"] = cookie }, \"\")")
			.contains("next % #requests");
	}

	@Test
	void refusedRequestsAreCounted() throws Exception {
		LoadResult result = Wrk.parse("Running 5s test\nRESULT 1000 2000000 3 4\n");
		assertThat(result.perSecond()).isEqualTo(500);
		assertThat(result.errors()).isEqualTo(7);
	}

}
