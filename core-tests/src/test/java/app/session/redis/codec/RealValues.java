package app.session.redis.codec;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2UserAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.web.servlet.FlashMap;

/**
 * Values that applications store in their sessions.
 */
final class RealValues {

	private RealValues() {
	}

	/** Values that are equal to the restored values. */
	static Map<String, Object> equal() {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("text", "ü\u0000\uD83D\uDE00");
		values.put("int", 42);
		values.put("long", 42L);
		values.put("double", 0.1);
		values.put("float", 0.1f);
		values.put("short", (short) 4);
		values.put("byte", (byte) 4);
		values.put("char", 'x');
		values.put("boolean", true);
		values.put("big decimal", new BigDecimal("12345678901234567890.10"));
		values.put("big integer", new BigInteger("123456789012345678901234567890"));
		values.put("uuid", UUID.fromString("5a9ba9a5-c2c4-4b7e-a21e-5a3b7c8d9e0f"));
		values.put("locale", Locale.forLanguageTag("de-CH"));
		values.put("currency", Currency.getInstance("EUR"));
		values.put("uri", URI.create("https://example.org/a?b=c#d"));
		values.put("date", new Date(1_700_000_000_123L));
		values.put("enum", Color.RED);
		values.put("enum with a body", Color.GREEN);
		values.put("enum of the JDK", TimeUnit.DAYS);
		values.put("day", DayOfWeek.FRIDAY);
		values.put("instant", Instant.parse("2026-01-02T03:04:05.123456789Z"));
		values.put("local date", LocalDate.of(2026, 1, 2));
		values.put("local time", LocalTime.of(3, 4, 5, 6));
		values.put("local date and time", LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6));
		values.put("date and time with offset",
				OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.ofHoursMinutes(5, 30)));
		values.put("date and time in a zone", ZonedDateTime.of(2026, 7, 2, 3, 4, 5, 6, ZoneId.of("America/New_York")));
		values.put("date and time in UTC", ZonedDateTime.of(2026, 7, 2, 3, 4, 5, 6, ZoneId.of("UTC")));
		values.put("duration", Duration.ofSeconds(5, 6));
		values.put("period", Period.of(1, 2, 3));
		values.put("year", Year.of(2026));
		values.put("year and month", YearMonth.of(2026, 1));
		values.put("zone", ZoneId.of("Europe/Vienna"));
		values.put("offset", ZoneOffset.ofHours(2));
		values.put("list", List.of("a", 1, 2L, LocalDate.of(2026, 1, 2), Color.BLUE));
		values.put("empty list", List.of());
		values.put("list of one", List.of("a"));
		values.put("set", Set.of("a", "b", "c"));
		values.put("map", Map.of("a", 1L, "b", List.of("c")));
		values.put("array as a list", Arrays.asList("a", null, "c"));
		values.put("empty collections",
				new ArrayList<>(List.of(Collections.emptyList(), Collections.emptySet(), Collections.emptyMap())));
		values.put("singletons", new ArrayList<>(
				List.of(Collections.singletonList("a"), Collections.singleton(1), Collections.singletonMap("k", "v"))));
		values.put("unmodifiable",
				new ArrayList<>(List.of(Collections.unmodifiableList(new ArrayList<>(List.of(1))),
						Collections.unmodifiableSet(new LinkedHashSet<>(List.of("x"))),
						Collections.unmodifiableMap(new HashMap<>(Map.of("k", 1L))))));
		values.put("linked list", new LinkedList<>(List.of(1, 2)));
		values.put("tree set", new TreeSet<>(List.of("b", "a")));
		values.put("tree map", new TreeMap<>(Map.of("b", 1, "a", 2)));
		values.put("concurrent map", new ConcurrentHashMap<>(Map.of("a", new ArrayList<>(List.of(1)))));
		values.put("copy on write", new CopyOnWriteArrayList<>(List.of("a")));
		values.put("enum set", EnumSet.of(Color.RED, Color.GREEN));
		values.put("enum map", new EnumMap<>(Map.of(Color.BLUE, "blue")));
		Map<String, @Nullable Object> nested = new LinkedHashMap<>();
		nested.put("null", null);
		nested.put("list",
				new ArrayList<>(Arrays.asList(null, new ArrayList<>(List.of(Map.of("deep", new int[0].length))))));
		values.put("nested, with null", nested);
		values.put("record", new Point(1, 2, "here", null));
		values.put("list of records",
				new ArrayList<>(List.of(new Point(1, 2, "a", List.of("x")), new Point(3, 4, "b", null))));
		values.put("generic record", new Page<>(List.of(new Point(1, 2, "a", null)), 7));
		values.put("bean", new Bean("name", 3, new Point(0, 0, "", null)));
		values.put("data class, as Kotlin's", new Data("name", 4, List.of("tag"), null));
		values.put("cart", new Cart().with("book").with("pen"));
		return values;
	}

	/** A megabyte of varying text. */
	static List<String> megabyte() {
		List<String> lines = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			lines.add(i + " " + "x".repeat(100));
		}
		return lines;
	}

	static SecurityContext context() {
		User user = new User("alice", "{bcrypt}secret", AuthorityUtils.createAuthorityList("ROLE_USER", "ROLE_ADMIN"));
		UsernamePasswordAuthenticationToken token = UsernamePasswordAuthenticationToken.authenticated(user, null,
				user.getAuthorities());
		MockHttpServletRequest request = new MockHttpServletRequest();
		request.setRemoteAddr("192.0.2.1");
		token.setDetails(new WebAuthenticationDetails(request));
		return new SecurityContextImpl(token);
	}

	static SecurityContext oauth2() {
		Map<String, Object> attributes = new HashMap<>(Map.of("login", "alice", "id", 4711, "plan",
				new LinkedHashMap<>(Map.of("name", "free", "space", 976_562_499L)), "emails",
				new ArrayList<>(List.of("a@example.org"))));
		DefaultOAuth2User user = new DefaultOAuth2User(
				List.of(new OAuth2UserAuthority(attributes), new SimpleGrantedAuthority("SCOPE_read:user")), attributes,
				"login");
		return new SecurityContextImpl(new OAuth2AuthenticationToken(user, user.getAuthorities(), "github"));
	}

	static SecurityContext oidc() throws Exception {
		Map<String, Object> claims = new LinkedHashMap<>();
		claims.put("sub", "alice");
		// As Spring Security converts it
		claims.put("iss", new URL("https://idp.example.invalid/realms/shop"));
		claims.put("aud", new ArrayList<>(List.of("shop")));
		claims.put("iat", Instant.parse("2026-01-02T03:04:05Z"));
		claims.put("exp", Instant.parse("2026-01-02T04:04:05Z"));
		claims.put("sid", "0815");
		claims.put("realm_access", new LinkedHashMap<>(Map.of("roles", new ArrayList<>(List.of("user")))));
		OidcIdToken idToken = new OidcIdToken("ey.ey.sig", Instant.parse("2026-01-02T03:04:05Z"),
				Instant.parse("2026-01-02T04:04:05Z"), claims);
		OidcUserInfo userInfo = new OidcUserInfo(Map.of("sub", "alice", "email", "alice@example.org"));
		DefaultOidcUser user = new DefaultOidcUser(List.of(new OidcUserAuthority(idToken, userInfo)), idToken, userInfo,
				"sub");
		return new SecurityContextImpl(new OAuth2AuthenticationToken(user, user.getAuthorities(), "keycloak"));
	}

	static ClientRegistration registration() {
		return ClientRegistration.withRegistrationId("keycloak")
			.clientId("shop")
			.clientSecret("secret")
			.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
			.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
			.scope("openid", "profile")
			.authorizationUri("https://idp.example.invalid/auth")
			.tokenUri("https://idp.example.invalid/token")
			.jwkSetUri("https://idp.example.invalid/certs")
			.userNameAttributeName("sub")
			.build();
	}

	/**
	 * The attributes that are stored between the two redirects of a log-in, and after it.
	 */
	static Map<String, OAuth2AuthorizedClient> authorizedClients() {
		OAuth2AccessToken access = new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "token",
				Instant.parse("2026-01-02T03:04:05Z"), Instant.parse("2026-01-02T04:04:05Z"), Set.of("openid"));
		return new HashMap<>(Map.of("keycloak", new OAuth2AuthorizedClient(registration(), "alice", access,
				new OAuth2RefreshToken("refresh", Instant.parse("2026-01-02T03:04:05Z")))));
	}

	static OAuth2AuthorizationRequest authorizationRequest() {
		return OAuth2AuthorizationRequest.authorizationCode()
			.authorizationUri("https://idp.example.invalid/auth")
			.clientId("shop")
			.redirectUri("https://shop.example.org/login/oauth2/code/keycloak")
			.scopes(Set.of("openid"))
			.state("state")
			.additionalParameters(Map.of("nonce", "n"))
			.attributes(Map.of("registration_id", "keycloak"))
			.build();
	}

	static Object savedRequest() {
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/orders");
		request.setQueryString("page=2");
		request.addParameter("page", "2");
		request.addHeader("Accept", "text/html");
		request.addHeader("X-Other", "1");
		request.addPreferredLocale(Locale.FRENCH);
		request.setCookies(new jakarta.servlet.http.Cookie("theme", "dark"));
		HttpSessionRequestCache cache = new HttpSessionRequestCache();
		cache.setMatchingRequestParameterName(null);
		cache.saveRequest(request, new org.springframework.mock.web.MockHttpServletResponse());
		return Objects.requireNonNull(request.getSession().getAttribute("SPRING_SECURITY_SAVED_REQUEST"));
	}

	static DefaultCsrfToken csrf() {
		return new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", "token");
	}

	static List<FlashMap> flashMaps() {
		FlashMap flash = new FlashMap();
		flash.put("message", "Saved");
		flash.put("order", new Point(1, 2, "flash", null));
		flash.setTargetRequestPath("/orders");
		flash.addTargetRequestParam("id", "7");
		flash.addTargetRequestParam("id", "8");
		flash.setExpirationTime(1_700_000_000_000L);
		return new CopyOnWriteArrayList<>(List.of(flash));
	}

	static List<Exception> failedLogins() {
		return List.of(new BadCredentialsException("Bad credentials"), new LockedException("Locked"),
				new OAuth2AuthenticationException(new OAuth2Error("invalid_nonce", "d", null), "Invalid nonce"));
	}

	/** An enum with a constant that has its own class. */
	enum Color {

		RED, GREEN {

			@Override
			public String toString() {
				return "green";
			}

		},
		BLUE

	}

	record Point(int x, long y, String label, @Nullable List<String> tags) implements Serializable {
	}

	record Page<T>(List<T> content, int number) implements Serializable {
	}

	/** With setters. */
	static class Bean implements Serializable {

		private static final long serialVersionUID = 1L;

		private String name = "";

		private int count;

		private @Nullable Point point;

		Bean() {
		}

		Bean(String name, int count, Point point) {
			this.name = name;
			this.count = count;
			this.point = point;
		}

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		/** Computed, and not to be stored. */
		public String getLabel() {
			throw new IllegalStateException("nobody asks for the label");
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Bean bean && this.name.equals(bean.name) && this.count == bean.count
					&& Objects.equals(this.point, bean.point);
		}

		@Override
		public int hashCode() {
			return this.name.hashCode();
		}

	}

	/** Only fields that can't be set, and one constructor. */
	static final class Data implements Serializable {

		private static final long serialVersionUID = 1L;

		private final String name;

		private final int count;

		private final List<String> tags;

		private final @Nullable String note;

		public Data(String name, int count, List<String> tags, @Nullable String note) {
			this.name = name;
			this.count = count;
			this.tags = tags;
			this.note = note;
		}

		public String component1() {
			return this.name;
		}

		public String getName() {
			return this.name;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Data data && this.name.equals(data.name) && this.count == data.count
					&& this.tags.equals(data.tags) && Objects.equals(this.note, data.note);
		}

		@Override
		public int hashCode() {
			return this.name.hashCode();
		}

	}

	/** A cart that returns a copy of its content, which must not replace the content. */
	static final class Cart implements Serializable {

		private static final long serialVersionUID = 1L;

		private final List<String> items = new ArrayList<>();

		Cart with(String item) {
			this.items.add(item);
			return this;
		}

		public List<String> getItems() {
			return Collections.unmodifiableList(this.items);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Cart cart && this.items.equals(cart.items);
		}

		@Override
		public int hashCode() {
			return this.items.hashCode();
		}

	}

}
