package app.session.redis.session;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link KnownIds}.
 */
class KnownIdsTests {

	@Test
	void withoutARegistryTheLastIdOfABoundedNumberOfSessionsIsKnown() {
		KnownIds ids = KnownIds.latest();
		ids.addLoggedIn("a", "1");
		ids.register("a", "2");
		assertThat(ids.last("a")).isEqualTo("1");
		ids.add("a", "3");
		assertThat(ids.last("a")).isEqualTo("3");
		assertThat(ids.remove("a")).containsExactly("3");
		assertThat(ids.last("a")).isNull();
	}

	@Test
	void withARegistryEverySessionIsKnownUntilItsEnd() {
		KnownIds ids = KnownIds.untilEnd();
		for (int i = 0; i < 20_000; i++) {
			ids.add("handle-" + i, "secret");
		}
		assertThat(ids.handles()).hasSize(20_000).allMatch(ids::contains);
		ids.handles().forEach(ids::remove);
		assertThat(ids.handles()).isEmpty();
	}

	@Test
	void theIdsOfLogInsAndTheLastIdAreReported() {
		KnownIds ids = KnownIds.untilEnd();
		ids.add("a", "anonymous");
		ids.register("a", "log-in");
		assertThat(ids.last("a")).as("until it is saved").isEqualTo("anonymous");
		ids.addLoggedIn("a", "log-in");
		ids.register("a", "refused");
		assertThat(ids.last("a")).isEqualTo("log-in");
		ids.add("a", "elsewhere");
		ids.addLoggedIn("a", "same id");
		ids.add("a", "last");
		assertThat(ids.remove("a")).containsExactlyInAnyOrder("log-in", "refused", "same id", "last");
		assertThat(ids.remove("a")).isEmpty();
		assertThat(ids.contains("a")).isFalse();
	}

}
