package app.session.redis.codec;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HostileJsonTests {

	@Test
	void nothingThatIsNotAllowedIsCreatedLoadedOrShownAndNoNameIsLookedUp() {
		assertThat(HostileJson.violations()).isEmpty();
	}

}
