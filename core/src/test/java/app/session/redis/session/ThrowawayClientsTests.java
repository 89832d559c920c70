package app.session.redis.session;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The list of clients that never come back. What it recognizes is tested with the
 * detector that uses it.
 */
class ThrowawayClientsTests {

	@Test
	void patternsOfTheListAreReadAsFragments() {
		assertThat(ThrowawayClients.fragments("Googlebot\\/")).containsExactly("googlebot/");
		assertThat(ThrowawayClients.fragments("^[wW]get")).containsExactly("^wget");
		assertThat(ThrowawayClients.fragments("Netumo|netumo bot$")).containsExactly("netumo", "netumo bot$");
		assertThat(ThrowawayClients.fragments("Current[\\s\\S]*RSS")).isEmpty();
		assertThat(ThrowawayClients.fragments("[a-z]bot")).isEmpty();
		assertThat(ThrowawayClients.fragments("(^| )sentry")).isEmpty();
		assertThat(ThrowawayClients.fragments("v\\d")).isEmpty();
	}

}
