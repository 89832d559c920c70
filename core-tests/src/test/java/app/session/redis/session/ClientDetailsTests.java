package app.session.redis.session;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ClientDetails}.
 */
class ClientDetailsTests {

	private final MockHttpServletRequest request = new MockHttpServletRequest();

	@Test
	void theDetailsOfARequestAreStoredInTwoAttributes() {
		this.request.setRemoteAddr("192.0.2.1");
		this.request.addHeader("User-Agent", "curl/8");
		assertThat(ClientDetails.of(this.request.getRemoteAddr(), this.request.getHeader("User-Agent")).attributes())
			.containsEntry("app.session.redis.client-address", "192.0.2.1")
			.containsEntry("app.session.redis.user-agent", "curl/8")
			.hasSize(2);
	}

	@Test
	void aClientThatSaysNothingHasAnAddressOnly() {
		assertThat(ClientDetails.of(this.request.getRemoteAddr(), this.request.getHeader("User-Agent")).attributes())
			.containsOnlyKeys(ClientDetails.ADDRESS_ATTRIBUTE);
	}

	@Test
	void aUserAgentThatIsTooLongIsCut() {
		this.request.addHeader("User-Agent", "x".repeat(10_000));
		assertThat(ClientDetails.of(this.request.getRemoteAddr(), this.request.getHeader("User-Agent")).userAgent())
			.hasSize(256);
	}

}
