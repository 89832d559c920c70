package app.session.redis.codec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.saml2.core.Saml2Error;
import org.springframework.security.saml2.provider.service.authentication.DefaultSaml2AuthenticatedPrincipal;
import org.springframework.security.saml2.provider.service.authentication.Saml2AssertionAuthentication;
import org.springframework.security.saml2.provider.service.authentication.Saml2Authentication;
import org.springframework.security.saml2.provider.service.authentication.Saml2AuthenticationException;
import org.springframework.security.saml2.provider.service.authentication.Saml2PostAuthenticationRequest;
import org.springframework.security.saml2.provider.service.authentication.Saml2RedirectAuthenticationRequest;
import org.springframework.security.saml2.provider.service.authentication.Saml2ResponseAssertion;
import org.springframework.security.saml2.provider.service.authentication.logout.Saml2LogoutRequest;
import org.springframework.security.saml2.provider.service.registration.RelyingPartyRegistration;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/**
 * Values that applications with SAML 2.0 store in their sessions, created as Spring
 * Security creates them from OpenSAML objects.
 */
public final class SamlValues {

	static final String RESPONSE = "<saml2p:Response ID=\"_1\">ü</saml2p:Response>";

	private SamlValues() {
	}

	/** The types to which the values of attributes are converted. */
	static Map<String, List<Object>> attributes() {
		Map<String, List<Object>> attributes = new LinkedHashMap<>();
		attributes.put("groups", new ArrayList<>(List.of("staff", "admins")));
		attributes.put("active", new ArrayList<>(List.of(true)));
		attributes.put("level", new ArrayList<>(List.of(7)));
		attributes.put("since", new ArrayList<>(List.of(Instant.parse("2026-01-02T03:04:05.678Z"))));
		attributes.put("mixed", new ArrayList<>(List.of("a", false, Instant.parse("2026-01-02T03:04:05Z"))));
		attributes.put("none", new ArrayList<>());
		return attributes;
	}

	/** A log-in as created by Spring Security before version 7. */
	@SuppressWarnings("deprecation") // applications have them still
	public static SecurityContext logInByResponse() {
		DefaultSaml2AuthenticatedPrincipal principal = new DefaultSaml2AuthenticatedPrincipal("alice@example.org",
				attributes(), new ArrayList<>(List.of("_index-1", "_index-2")));
		principal.setRelyingPartyRegistrationId("okta");
		return context(new Saml2Authentication(principal, RESPONSE,
				AuthorityUtils.createAuthorityList("ROLE_USER", "ROLE_B")));
	}

	/** A log-in as created by Spring Security since version 7. */
	public static SecurityContext logInByAssertion() {
		Saml2ResponseAssertion assertion = assertion();
		DefaultSaml2AuthenticatedPrincipal principal = new DefaultSaml2AuthenticatedPrincipal("alice@example.org",
				assertion);
		principal.setRelyingPartyRegistrationId("okta");
		Set<GrantedAuthority> authorities = new HashSet<>(AuthorityUtils.createAuthorityList("ROLE_USER"));
		authorities.add(FactorGrantedAuthority.withAuthority(FactorGrantedAuthority.SAML_RESPONSE_AUTHORITY)
			.issuedAt(Instant.parse("2026-01-02T03:04:05.678Z"))
			.build());
		return context(new Saml2AssertionAuthentication(principal, assertion, authorities, "okta"));
	}

	/**
	 * A log-in whose principal is a name, as created by applications that map principals.
	 */
	public static SecurityContext logInByName() {
		return context(new Saml2AssertionAuthentication("alice@example.org", assertion(),
				AuthorityUtils.createAuthorityList("ROLE_USER"), "okta"));
	}

	private static Saml2ResponseAssertion assertion() {
		return Saml2ResponseAssertion.withResponseValue(RESPONSE)
			.nameId("alice@example.org")
			.sessionIndexes(new ArrayList<>(List.of("_index-1", "_index-2")))
			.attributes(attributes())
			.build();
	}

	private static SecurityContext context(Saml2Authentication authentication) {
		MockHttpServletRequest request = new MockHttpServletRequest();
		request.setRemoteAddr("192.0.2.1");
		authentication.setDetails(new WebAuthenticationDetails(request));
		return new SecurityContextImpl(authentication);
	}

	/**
	 * The attributes that are stored between the redirect and the response, for a log-in
	 * and a log-out.
	 */
	static List<Object> requests() {
		RelyingPartyRegistration registration = RelyingPartyRegistration.withRegistrationId("okta")
			.entityId("https://shop.example.org")
			.assertionConsumerServiceLocation("https://shop.example.org/login/saml2/sso/okta")
			.assertingPartyMetadata((party) -> party.entityId("https://idp.example.invalid")
				.singleSignOnServiceLocation("https://idp.example.invalid/sso")
				.singleLogoutServiceLocation("https://idp.example.invalid/slo")
				.wantAuthnRequestsSigned(false))
			.build();
		return List.of(
				Saml2RedirectAuthenticationRequest.withRelyingPartyRegistration(registration)
					.id("_request")
					.samlRequest("nVJN...")
					.relayState("/orders")
					.sigAlg("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
					.signature("c2ln")
					.build(),
				Saml2PostAuthenticationRequest.withRelyingPartyRegistration(registration)
					.id("_request")
					.samlRequest("PHNhbWw+")
					.build(),
				Saml2LogoutRequest.withRelyingPartyRegistration(registration)
					.id("_request")
					.samlRequest("nVJN...")
					.relayState("/bye")
					.build());
	}

	static Saml2AuthenticationException failedLogIn() {
		return new Saml2AuthenticationException(Saml2Error.subjectNotFound("Assertion lacks a subject"));
	}

}
