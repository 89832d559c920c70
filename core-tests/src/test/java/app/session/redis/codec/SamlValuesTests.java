package app.session.redis.codec;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.saml2.provider.service.authentication.Saml2AssertionAuthentication;
import org.springframework.security.saml2.provider.service.authentication.Saml2AuthenticatedPrincipal;
import org.springframework.security.saml2.provider.service.authentication.Saml2Authentication;
import org.springframework.security.saml2.provider.service.authentication.Saml2AuthenticationException;
import org.springframework.security.saml2.provider.service.authentication.Saml2ResponseAssertionAccessor;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that values of applications with SAML 2.0 are restored unchanged, with Java
 * serialization and as JSON, although only the built-in types are allowed.
 */
class SamlValuesTests {

	@SuppressWarnings("unchecked")
	private static <T> T pass(ValueForm form, T value) {
		ValueCodec codec = ValueCodec.builder()
			.classLoader(SamlValuesTests.class.getClassLoader())
			.allowedTypes(new AllowedTypes(List.of()))
			.form(form)
			.build();
		return (T) codec.deserialize(codec.serialize(value));
	}

	@ParameterizedTest
	@EnumSource
	void aLogInByAResponse(ValueForm form) {
		SecurityContext before = SamlValues.logInByResponse();
		SecurityContext after = pass(form, before);
		assertThat(after.getAuthentication()).isExactlyInstanceOf(Saml2Authentication.class);
		assertSame(after.getAuthentication(), before.getAuthentication());
		assertPrincipal(after.getAuthentication());
		assertThat(((Saml2Authentication) after.getAuthentication()).getSaml2Response()).isEqualTo(SamlValues.RESPONSE);
	}

	@ParameterizedTest
	@EnumSource
	void aLogInByAnAssertion(ValueForm form) {
		SecurityContext before = SamlValues.logInByAssertion();
		SecurityContext after = pass(form, before);
		assertSame(after.getAuthentication(), before.getAuthentication());
		assertPrincipal(after.getAuthentication());
		assertAssertion(after.getAuthentication());
	}

	@ParameterizedTest
	@EnumSource
	void aLogInWhosePrincipalIsAName(ValueForm form) {
		SecurityContext before = SamlValues.logInByName();
		SecurityContext after = pass(form, before);
		assertSame(after.getAuthentication(), before.getAuthentication());
		assertThat(after.getAuthentication().getPrincipal()).isEqualTo("alice@example.org");
		assertAssertion(after.getAuthentication());
	}

	private static void assertSame(Authentication after, Authentication before) {
		// Assertions have no equals
		assertThat(after).hasSameClassAs(before)
			.usingRecursiveComparison()
			.ignoringCollectionOrderInFields("authorities")
			.isEqualTo(before);
		assertThat(after.isAuthenticated()).isTrue();
		assertThat(after.getName()).isEqualTo("alice@example.org");
		assertThat(after.getAuthorities().toArray()).containsExactlyInAnyOrder(before.getAuthorities().toArray());
		assertThat(after.getDetails()).isInstanceOf(WebAuthenticationDetails.class)
			.hasFieldOrPropertyWithValue("remoteAddress", "192.0.2.1");
	}

	private static void assertPrincipal(Authentication authentication) {
		Saml2AuthenticatedPrincipal principal = (Saml2AuthenticatedPrincipal) authentication.getPrincipal();
		assertThat(principal.getAttributes()).isEqualTo(SamlValues.attributes());
		assertThat(principal.getSessionIndexes()).containsExactly("_index-1", "_index-2");
		assertThat(principal.getRelyingPartyRegistrationId()).isEqualTo("okta");
	}

	private static void assertAssertion(Authentication authentication) {
		assertThat(((Saml2AssertionAuthentication) authentication).getRelyingPartyRegistrationId()).isEqualTo("okta");
		Saml2ResponseAssertionAccessor assertion = ((Saml2AssertionAuthentication) authentication).getCredentials();
		assertThat(assertion.getNameId()).isEqualTo("alice@example.org");
		assertThat(assertion.getAttributes()).isEqualTo(SamlValues.attributes());
		assertThat(assertion.getSessionIndexes()).containsExactly("_index-1", "_index-2");
		assertThat(assertion.getResponseValue()).isEqualTo(SamlValues.RESPONSE);
	}

	@ParameterizedTest
	@EnumSource
	void whatIsKeptBetweenTheRedirects(ValueForm form) {
		for (Object request : SamlValues.requests()) {
			assertThat(pass(form, request)).hasSameClassAs(request)
				.usingRecursiveComparison()
				.ignoringFields("encoder")
				.isEqualTo(request);
		}
	}

	@ParameterizedTest
	@EnumSource
	void aLogInThatFailed(ValueForm form) {
		Saml2AuthenticationException failure = SamlValues.failedLogIn();
		Saml2AuthenticationException after = pass(form, failure);
		assertThat(after).hasMessage(failure.getMessage());
		assertThat(after.getSaml2Error()).usingRecursiveComparison().isEqualTo(failure.getSaml2Error());
	}

	@ParameterizedTest
	@EnumSource
	void attributesAloneComeBackAsTheyWere(ValueForm form) {
		Map<String, List<Object>> attributes = SamlValues.attributes();
		assertThat(pass(form, attributes)).isEqualTo(attributes);
	}

}
