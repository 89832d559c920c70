package app.session.redis.session;

import app.session.redis.settings.ClientBindingSettings;
import app.session.redis.settings.OnMismatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.session.MapSession;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which clients are taken for the one that logged in.
 */
class ClientBindingTests {

	private static final ClientBinding BOTH = binding(true, 24, 48);

	private static ClientBinding binding(boolean userAgent, int ipv4Prefix, int ipv6Prefix) {
		return new ClientBinding(new ClientBindingSettings(userAgent, ipv4Prefix, ipv6Prefix, OnMismatch.LOG));
	}

	private static MapSession session(ClientBinding binding, ClientDetails client) {
		MapSession session = new MapSession();
		session.setAttribute(ClientBinding.ATTRIBUTE, binding.of(client));
		return session;
	}

	@ParameterizedTest
	@CsvSource({ "192.0.2.1, 192.0.2.254, true", "192.0.2.1, 192.0.3.1, false", "2001:db8:1::1, 2001:db8:1:2::3, true",
			"2001:db8:1::1, 2001:db8:2::1, false", "192.0.2.1, ::ffff:192.0.2.9, true",
			"192.0.2.1, 2001:db8:1::1, false", "proxy, proxy, true", "proxy, other, false", "192.0.2.1, , false",
			", , true" })
	void addressesOfTheSameNetwork_areTheSameClient(String before, String now, boolean same) {
		MapSession session = session(BOTH, new ClientDetails(before, "Firefox"));
		assertThat(BOTH.differences(session, new ClientDetails(now, "Firefox")).isEmpty()).isEqualTo(same);
	}

	@Test
	void differences_areNamed() {
		MapSession session = session(BOTH, new ClientDetails("192.0.2.1", "Firefox"));
		assertThat(BOTH.differences(session, new ClientDetails("198.51.100.1", "Chrome"))).containsExactly("user agent",
				"address");
		assertThat(BOTH.differences(session, new ClientDetails("192.0.2.1", null))).containsExactly("user agent");
	}

	@Test
	void partsThatWereNotRecorded_dontDiffer() {
		MapSession session = session(binding(true, 0, 0), new ClientDetails("192.0.2.1", "Firefox"));
		assertThat(BOTH.differences(session, new ClientDetails("198.51.100.1", "Firefox"))).isEmpty();
		assertThat(BOTH.differences(new MapSession(), new ClientDetails(null, null))).isEmpty();
		MapSession damaged = new MapSession();
		damaged.setAttribute(ClientBinding.ATTRIBUTE, "nonsense");
		assertThat(BOTH.differences(damaged, new ClientDetails(null, null))).isEmpty();
	}

	@Test
	void storedValue_containsNeitherTheUserAgentNorTheWholeAddress() {
		assertThat(BOTH.of(new ClientDetails("192.0.2.17", "Firefox"))).doesNotContain("Firefox")
			.endsWith(" 192.0.2.0/24");
	}

}
