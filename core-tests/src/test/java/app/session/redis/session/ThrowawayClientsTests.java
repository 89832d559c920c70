package app.session.redis.session;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the list of clients that never return. The tests of the detector cover which
 * clients it recognizes.
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
