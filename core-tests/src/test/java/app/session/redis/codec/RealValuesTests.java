package app.session.redis.codec;

import java.net.URL;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import app.session.redis.codec.RealValues.Cart;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.security.web.savedrequest.DefaultSavedRequest;
import org.springframework.web.servlet.FlashMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that values of applications are restored unchanged, with Java serialization and
 * as JSON.
 */
class RealValuesTests {

	private static final AllowedTypes TYPES = new AllowedTypes(List.of(RealValues.class.getName()));

	private static final Map<ValueForm, ValueCodec> CODECS = Map.of(ValueForm.JDK, codec(ValueForm.JDK), ValueForm.JSON,
			codec(ValueForm.JSON));

	private static ValueCodec codec(ValueForm form) {
		return ValueCodec.builder()
			.classLoader(RealValuesTests.class.getClassLoader())
			.allowedTypes(TYPES)
			.form(form)
			.build();
	}

	@SuppressWarnings("unchecked")
	private static <T> T pass(ValueForm form, T value) {
		return (T) CODECS.get(form).deserialize(CODECS.get(form).serialize(value));
	}

	static Stream<Arguments> equal() {
		return Stream.of(ValueForm.values())
			.flatMap((form) -> RealValues.equal()
				.entrySet()
				.stream()
				.map((entry) -> Arguments.of(form, entry.getKey(), entry.getValue())));
	}

	@ParameterizedTest(name = "{0} {1}")
	@MethodSource("equal")
	void aValueComesBackEqualAndOfItsType(ValueForm form, String name, Object value) {
		Object result = pass(form, value);
		assertThat(result).isEqualTo(value).isNotNull();
		if (!(value instanceof Collection || value instanceof Map)) {
			assertThat(result).hasSameClassAs(value);
		}
	}

	@ParameterizedTest
	@EnumSource
	void collectionsThatCanBeChangedStillCan(ValueForm form) {
		RealValues.equal()
			.values()
			.stream()
			.filter((value) -> value.getClass().getName().matches("java.util.[A-Za-z.]+"))
			.forEach((value) -> {
				Object result = pass(form, value);
				assertThat(result).hasSameClassAs(value);
			});
		Cart cart = pass(form, new Cart().with("book"));
		cart.with("pen");
		assertThat(pass(form, cart).getItems()).containsExactly("book", "pen");
	}

	@ParameterizedTest
	@EnumSource
	void aMegabyte(ValueForm form) {
		assertThat(pass(form, RealValues.megabyte())).isEqualTo(RealValues.megabyte());
		assertThat(pass(form, "x".repeat(1 << 20))).hasSize(1 << 20);
		byte[] bytes = new byte[1 << 20];
		new java.util.Random(1).nextBytes(bytes);
		assertThat(pass(form, bytes)).isEqualTo(bytes);
	}

	@ParameterizedTest
	@EnumSource
	void aLogInWithAPassword(ValueForm form) {
		SecurityContext context = pass(form, RealValues.context());
		assertThat(context).isEqualTo(RealValues.context());
		Authentication authentication = context.getAuthentication();
		assertThat(authentication.isAuthenticated()).isTrue();
		assertThat(authentication.getPrincipal()).isInstanceOf(User.class);
		assertThat(authentication.getAuthorities())
			.isEqualTo(RealValues.context().getAuthentication().getAuthorities());
		assertThat(authentication.getDetails()).isInstanceOf(WebAuthenticationDetails.class)
			.hasFieldOrPropertyWithValue("remoteAddress", "192.0.2.1");
	}

	@ParameterizedTest
	@EnumSource
	void aLogInWithOAuth2(ValueForm form) {
		SecurityContext context = pass(form, RealValues.oauth2());
		OAuth2AuthenticationToken token = (OAuth2AuthenticationToken) context.getAuthentication();
		assertThat(token.getPrincipal())
			.isEqualTo(((OAuth2AuthenticationToken) RealValues.oauth2().getAuthentication()).getPrincipal());
		assertThat(token.getAuthorizedClientRegistrationId()).isEqualTo("github");
		assertThat(token.getName()).isEqualTo("alice");
	}

	@ParameterizedTest
	@EnumSource
	void aLogInWithOidc(ValueForm form) throws Exception {
		SecurityContext context = pass(form, RealValues.oidc());
		OidcUser user = (OidcUser) context.getAuthentication().getPrincipal();
		assertThat(user.getIdToken().getTokenValue()).isEqualTo("ey.ey.sig");
		assertThat(user.getIssuer()).isInstanceOf(URL.class).hasToString("https://idp.example.invalid/realms/shop");
		assertThat(user.getExpiresAt()).isEqualTo("2026-01-02T04:04:05Z");
		assertThat(user.getEmail()).isEqualTo("alice@example.org");
		assertThat(user.<Map<String, Object>>getAttribute("realm_access")).containsEntry("roles", List.of("user"));
		assertThat(user.getAuthorities()).hasSize(1);
		assertThat(context.getAuthentication().getName()).isEqualTo("alice");
	}

	@ParameterizedTest
	@EnumSource
	void whatALogInWithOAuth2KeepsBesides(ValueForm form) {
		OAuth2AuthorizationRequest request = pass(form, RealValues.authorizationRequest());
		assertThat(request).usingRecursiveComparison().isEqualTo(RealValues.authorizationRequest());
		OAuth2AuthorizedClient client = pass(form, RealValues.authorizedClients()).get("keycloak");
		assertThat(client.getAccessToken()).isEqualTo(RealValues.authorizedClients().get("keycloak").getAccessToken());
		assertThat(client.getRefreshToken().getTokenValue()).isEqualTo("refresh");
		assertThat(client.getClientRegistration().getClientSecret()).isEqualTo("secret");
		assertThat(client.getClientRegistration().getScopes()).containsExactly("openid", "profile");
	}

	@ParameterizedTest
	@EnumSource
	void aRequestThatWaitsForTheLogIn(ValueForm form) {
		DefaultSavedRequest request = (DefaultSavedRequest) pass(form, RealValues.savedRequest());
		assertThat(request.getRedirectUrl()).isEqualTo("http://localhost/orders?page=2");
		assertThat(request.getHeaderValues("accept")).as("whatever the case").containsExactly("text/html");
		assertThat(request.getParameterValues("page")).containsExactly("2");
		assertThat(request.getCookies()).singleElement().satisfies((cookie) -> {
			assertThat(cookie.getName()).isEqualTo("theme");
			assertThat(cookie.getValue()).isEqualTo("dark");
		});
		assertThat(request.getLocales()).isNotEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void aCsrfToken(ValueForm form) {
		DefaultCsrfToken token = pass(form, RealValues.csrf());
		assertThat(token).usingRecursiveComparison().isEqualTo(RealValues.csrf());
	}

	@ParameterizedTest
	@EnumSource
	void flashAttributes(ValueForm form) {
		FlashMap flash = pass(form, RealValues.flashMaps()).get(0);
		FlashMap before = RealValues.flashMaps().get(0);
		assertThat((Object) flash).isEqualTo(before);
		assertThat(flash.get("order")).isEqualTo(before.get("order"));
		assertThat(flash.getTargetRequestPath()).isEqualTo("/orders");
		assertThat(flash.getTargetRequestParams()).isEqualTo(before.getTargetRequestParams());
		assertThat(flash.getExpirationTime()).isEqualTo(1_700_000_000_000L);
	}

	@ParameterizedTest
	@EnumSource
	void aLogInThatFailed(ValueForm form) {
		for (Exception failure : RealValues.failedLogins()) {
			assertThat(pass(form, failure)).hasSameClassAs(failure).hasMessage(failure.getMessage());
		}
	}

}
