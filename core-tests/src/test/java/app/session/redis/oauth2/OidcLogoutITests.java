package app.session.redis.oauth2;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.observation.SessionCounter;
import app.session.redis.reactive.RedisReactiveOidcSessionRegistry;
import app.session.redis.servlet.RedisOidcSessionRegistry;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.oidc.authentication.logout.OidcLogoutToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.session.events.SessionDeletedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests which sessions a logout token ends, on which node, and what happens if it can't
 * end all of them.
 */
class OidcLogoutITests {

	private static final String ISSUER = "https://provider.example";

	private static final String SECURITY_CONTEXT = "SPRING_SECURITY_CONTEXT";

	private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

	private final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(this.server);

	@BeforeEach
	void empty() {
		this.server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private Node node(Consumer<SessionSettingsBuilder> settings) {
		return this.repositories.unstarted((builder) -> {
			builder.addIndexResolver(new OidcIndexResolver());
			settings.accept(builder);
		});
	}

	private Node node() {
		return node((settings) -> {
		});
	}

	private static SecurityContextImpl user(String issuer, String subject, String sid, String audience,
			Instant issuedAt) {
		OidcIdToken idToken = new OidcIdToken("token", issuedAt, issuedAt.plusSeconds(300),
				Map.of("iss", issuer, "sub", subject, "sid", sid, "aud", new ArrayList<>(List.of(audience))));
		return new SecurityContextImpl(new OAuth2AuthenticationToken(
				new DefaultOidcUser(AuthorityUtils.createAuthorityList("OIDC_USER"), idToken),
				AuthorityUtils.createAuthorityList("OIDC_USER"), "test"));
	}

	private static StoredSession logIn(Node node, String subject, String sid, String audience, Instant issuedAt) {
		StoredSession session = node.repository().createSession();
		session.setAttribute("cart", "apple");
		node.repository().save(session);
		session.changeSessionId();
		session.setAttribute(SECURITY_CONTEXT, user(ISSUER, subject, sid, audience, issuedAt));
		node.repository().save(session);
		return session;
	}

	private static StoredSession logIn(Node node, String subject, String sid) {
		return logIn(node, subject, sid, "shop", NOW.minusSeconds(60));
	}

	private static OidcLogoutToken token(@Nullable String subject, @Nullable String sid, String jti) {
		OidcLogoutToken.Builder token = OidcLogoutToken.withTokenValue("token")
			.issuer(ISSUER)
			.audience(List.of("shop"))
			.issuedAt(NOW)
			.jti(jti)
			.events(Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()));
		if (subject != null) {
			token.subject(subject);
		}
		if (sid != null) {
			token.sessionId(sid);
		}
		return token.build();
	}

	private static OidcLogoutToken token(@Nullable String subject, @Nullable String sid) {
		return token(subject, sid, UUID.randomUUID().toString());
	}

	private static void logOut(Node node, OidcLogoutToken token) {
		assertThat(new RedisOidcSessionRegistry(node.engine()).removeSessionInformation(token)).isEmpty();
	}

	private static boolean exists(Node node, StoredSession session) {
		return node.repository().operations().describe(session.getHandle()) != null;
	}

	@Test
	void tokenWithSid_endsOnlyThatSession_createdOnAnotherNode() {
		Node node = node();
		StoredSession session = logIn(node, "alice", "s1");
		StoredSession otherSid = logIn(node, "alice", "s2");
		StoredSession otherUser = logIn(node, "bob", "s3");
		Node other = node();
		logOut(other, token("alice", "s1"));
		assertThat(exists(node, session)).isFalse();
		assertThat(exists(node, otherSid)).isTrue();
		assertThat(exists(node, otherUser)).isTrue();
		assertThat(other.events(SessionDeletedEvent.class)).hasSize(1);
		assertThat(other.repository().getStatistics().get(SessionCounter.DELETED_OIDC_LOGOUT)).isEqualTo(1);
	}

	@Test
	void tokenWithoutSid_endsAllSessionsOfTheUser() {
		Node node = node();
		List<StoredSession> sessions = List.of(logIn(node, "alice", "s1"), logIn(node, "alice", "s2"));
		StoredSession otherUser = logIn(node, "alice2", "s3");
		logOut(node(), token("alice", null));
		assertThat(sessions).noneMatch((session) -> exists(node, session));
		assertThat(exists(node, otherUser)).isTrue();
	}

	@Test
	void sessionsOfAnotherProviderOrAudience_remain() {
		Node node = node();
		StoredSession otherAudience = logIn(node, "alice", "s1", "admin", NOW.minusSeconds(60));
		StoredSession otherIssuer = node.repository().createSession();
		otherIssuer.setAttribute(SECURITY_CONTEXT,
				user("https://other.example", "alice", "s1", "shop", NOW.minusSeconds(60)));
		node.repository().save(otherIssuer);
		logOut(node, token("alice", null));
		logOut(node, token(null, "s1"));
		assertThat(exists(node, otherAudience)).isTrue();
		assertThat(exists(node, otherIssuer)).isTrue();
	}

	@Test
	void logInAfterTheTokenWasIssued_remains() {
		Node node = node();
		StoredSession newer = logIn(node, "alice", "s1", "shop", NOW.plusSeconds(1));
		StoredSession sameSecond = logIn(node, "alice", "s1", "shop", NOW);
		logOut(node, token("alice", null));
		logOut(node, token("alice", "s1"));
		assertThat(exists(node, newer)).isTrue();
		assertThat(exists(node, sameSecond)).isFalse();
	}

	@Test
	void repeatedToken_endsNothing() {
		Node node = node();
		logIn(node, "alice", "s1");
		OidcLogoutToken token = token("alice", null, "once");
		logOut(node, token);
		StoredSession later = logIn(node, "alice", "s2");
		logOut(node(), token);
		assertThat(exists(node, later)).isTrue();
		assertThat(this.server.commands()
			.pttl(this.server.keys()
				.stream()
				.filter((key) -> key.startsWith("app:session:logout-token:"))
				.findFirst()
				.orElseThrow()))
			.isBetween(1L, 86_400_000L);
		logOut(node, token("alice", null, "another"));
		assertThat(exists(node, later)).isFalse();
	}

	@Test
	void tokensOfSessionsThatDontExist_succeed() {
		logOut(node(), token("nobody", null));
		logOut(node(), token(null, "nothing"));
	}

	@Test
	void encryptedSessions_areFoundByDigests() {
		Node node = node((settings) -> settings.encryptionKeys(new EncryptionKeys(Map.of("k1", new byte[32]), "k1")));
		StoredSession session = logIn(node, "alice", "s1");
		assertThat(this.server.keys()).noneMatch((key) -> key.contains("alice") || key.contains("s1"));
		logOut(node, token(null, "s1"));
		assertThat(exists(node, session)).isFalse();
	}

	@Test
	void sessionFromBeforeTheFeature_isFoundAfterItsNextSave() {
		Node before = this.repositories.unstarted((settings) -> {
		});
		StoredSession session = logIn(before, "alice", "s1");
		Node node = node();
		logOut(node, token("alice", null));
		assertThat(exists(node, session)).isTrue();
		StoredSession read = node.repository().findById(session.getId());
		read.setAttribute("cart", "pear");
		node.repository().save(read);
		logOut(node, token("alice", null));
		assertThat(exists(node, session)).isFalse();
	}

	@Test
	void sessionWhoseUserHasLoggedOut_isNotFoundAndKeepsItsCart() {
		Node node = node();
		StoredSession session = logIn(node, "alice", "s1");
		session.removeAttribute(SECURITY_CONTEXT);
		node.repository().save(session);
		logOut(node, token("alice", null));
		logOut(node, token(null, "s1"));
		assertThat(exists(node, session)).isTrue();
		assertThat(this.server.keys()).noneMatch((key) -> key.contains(":index:oidc"));
	}

	@Test
	void saveOfAnotherAttribute_doesntResolveTheUser() {
		Node node = node();
		StoredSession session = logIn(node, "alice", "s1");
		StoredSession read = node.repository().findById(session.getId());
		read.setAttribute("cart", "pear");
		node.repository().save(read);
		logOut(node, token(null, "s1"));
		assertThat(exists(node, session)).isFalse();
	}

	@Test
	void outage_failsSoThatTheProviderRepeatsTheToken_whichThenSucceeds() {
		Node node = node();
		StoredSession session = logIn(node, "alice", "s1");
		OidcLogoutToken token = token("alice", null);
		this.server.pause();
		try {
			assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(() -> logOut(node, token));
		}
		finally {
			this.server.resume();
		}
		logOut(node(), token);
		assertThat(exists(node, session)).isFalse();
	}

	@ParameterizedTest
	@EnumSource(names = { "DROP_ATTRIBUTE", "FAIL" })
	void userThatThisNodeCantRead_fails_afterTheOthersWereEnded(OnUnreadable onUnreadable) {
		Node node = node();
		StoredSession readable = logIn(node, "alice", "s1");
		StoredSession unreadable = logIn(node, "alice", "s2");
		this.server.commands()
			.hset("app:session:session:{" + unreadable.getHandle() + "}", SECURITY_CONTEXT, "not a value");
		Node other = node((settings) -> settings.onUnreadable(onUnreadable));
		OidcLogoutToken token = token("alice", null, "partial");
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(() -> logOut(other, token))
			.satisfies((failure) -> assertThat(failure.getReason()).isEqualTo(Reason.UNREADABLE))
			.withMessageNotContaining("alice");
		assertThat(exists(node, readable)).isFalse();
		assertThat(exists(node, unreadable)).isTrue();
		assertThat(this.server.keys()).noneMatch((key) -> key.contains(":logout-token:"));
	}

	@Test
	void reactiveRegistry_endsSessionsAndEmitsNothing() {
		Node node = node();
		StoredSession session = logIn(node, "alice", "s1");
		RedisReactiveOidcSessionRegistry registry = new RedisReactiveOidcSessionRegistry(node.engine());
		assertThat(registry.removeSessionInformation(token("alice", "s1")).collectList().block()).isEmpty();
		assertThat(exists(node, session)).isFalse();
		assertThat(registry.removeSessionInformation(session.getId()).block()).isNull();
	}

}
