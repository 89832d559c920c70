package app.session.redis.autoconfigure.servlet.contract;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The id that the client sends (Servlet 6.1, the Javadoc of {@code HttpServletRequest}).
 */
interface RequestedIdStatements extends SessionContract {

	private static void assertRequested(HttpServletRequest request, @Nullable String id, boolean valid) {
		assertThat(request.getRequestedSessionId()).isEqualTo(id);
		assertThat(request.isRequestedSessionIdValid()).isEqualTo(valid);
		assertThat(request.isRequestedSessionIdFromCookie()).isEqualTo(id != null);
		assertThat(request.isRequestedSessionIdFromURL()).isFalse();
	}

	@Test
	default void requestWithoutCookie_requestsNoSession() {
		client().run((request, response) -> assertRequested(request, null, false));
	}

	@Test
	default void requestThatCreatesASession_stillRequestsNone() {
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			assertRequested(request, null, false);
		});
	}

	@Test
	default void committedRequestThatCreatesASession_stillRequestsNone() {
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			response.flushBuffer();
			assertRequested(request, null, false);
		});
	}

	@Test
	default void requestWithCookie_requestsItsSession() {
		String id = client().ask((request, response) -> request.getSession().getId());
		client().run((request, response) -> assertRequested(request, requestedId(id), true));
		client().run((request, response) -> {
			request.getSession();
			assertRequested(request, requestedId(id), true);
			response.flushBuffer();
			assertRequested(request, requestedId(id), true);
		});
	}

	@Test
	default void requestWhoseIdChanges_stillRequestsTheOldOne() {
		String id = client().ask((request, response) -> request.getSession().getId());
		client().run((request, response) -> {
			String changed = request.changeSessionId();
			assertThat(request.getRequestedSessionId())
				.isEqualTo(requestedId(requestedIdFollowsAChange() ? changed : id));
			assertThat(request.isRequestedSessionIdValid()).isEqualTo(requestedIdIsValidAfterAChange());
			assertThat(request.isRequestedSessionIdFromCookie()).isTrue();
		});
	}

	@Test
	default void requestThatInvalidatesItsSession_requestsAnInvalidOne() {
		String id = client().ask((request, response) -> request.getSession().getId());
		client().run((request, response) -> {
			request.getSession().invalidate();
			assertRequested(request, requestedId(id), false);
		});
	}

	@Test
	default void requestThatReplacesItsSession_requestsAnInvalidOne() {
		String id = client().ask((request, response) -> request.getSession().getId());
		client().run((request, response) -> {
			request.getSession().invalidate();
			request.getSession();
			assertThat(request.getRequestedSessionId()).isEqualTo(requestedId(id));
			assertThat(request.isRequestedSessionIdValid()).isFalse();
		});
	}

	@Test
	default void idOfAnEndedSession_isInvalid() {
		String id = client().ask((request, response) -> request.getSession().getId());
		ContractClient other = client().copy();
		client().run((request, response) -> request.getSession().invalidate());
		other.run((request, response) -> {
			assertRequested(request, requestedId(id), false);
			assertThat(request.getSession(false)).isNull();
			assertThat(request.getSession().getId()).isNotEqualTo(id);
			assertRequested(request, requestedId(id), false);
		});
		assertThat(other.hasSession()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "unknown", "../../etc/passwd", "a.b.c", "0123456789ABCDEF0123456789ABCDEF", "*" })
	default void unknownId_isInvalidAndNeverAdopted(String id) {
		client().cookie(cookieValue(id)).run((request, response) -> {
			assertRequested(request, requestedId(id), false);
			assertThat(request.getSession(false)).isNull();
			assertThat(request.getSession().getId()).isNotEqualTo(id);
			assertRequested(request, requestedId(id), false);
		});
		assertThat(client().cookie()).isNotEqualTo(cookieValue(id));
		assertThat(client().hasSession()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "../../etc/passwd", "a.b.c", "%00", "*" })
	default void malformedCookie_isInvalidAndNeverAdopted(String value) {
		client().cookie(value).run((request, response) -> {
			assertThat(request.getRequestedSessionId() != null).isEqualTo(malformedCookiesAreIds());
			assertThat(request.isRequestedSessionIdFromCookie()).isEqualTo(malformedCookiesAreIds());
			assertThat(request.isRequestedSessionIdValid()).isFalse();
			assertThat(request.getSession(false)).isNull();
			assertThat(request.getSession()).isNotNull();
		});
		assertThat(client().cookie()).isNotEqualTo(value);
		assertThat(client().hasSession()).isTrue();
	}

	@Test
	default void unknownId_keepsItsCookieIfNoSessionIsCreated() {
		client().cookie("unknown");
		client().assertNoSessionCookieSet(client().run((request, response) -> request.getSession(false)));
	}

	@Test
	default void emptyCookie_requestsNoSession() {
		String name = cookieName();
		client().rawCookies(name + "=").run((request, response) -> {
			assertThat(request.isRequestedSessionIdValid()).isFalse();
			assertThat(request.getSession(false)).isNull();
		});
	}

	@Test
	default void validCookieAfterAnUnknownOne_isFound() {
		openSession("name", "value");
		String value = client().cookie();
		client().rawCookies(cookieName() + "=unknown; " + cookieName() + "=" + value).run((request, response) -> {
			assertThat(request.isRequestedSessionIdValid()).isTrue();
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("value");
		});
	}

	@Test
	default void unknownCookieAfterAValidOne_isIgnored() {
		openSession("name", "value");
		String value = client().cookie();
		client().rawCookies(cookieName() + "=" + value + "; " + cookieName() + "=unknown").run((request, response) -> {
			assertThat(request.isRequestedSessionIdValid()).isTrue();
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("value");
		});
	}

	@Test
	default void validity_isKnownBeforeTheSessionIsRequested() {
		openSession("name", "value");
		client().run((request, response) -> {
			assertThat(request.isRequestedSessionIdValid()).isTrue();
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("value");
		});
	}

	@Test
	default void idInThePath_isUsedIfTheContainerTracksSessionsByUrl() {
		openSession("name", "value");
		String id = client().<String>ask((request, response) -> request.getSession().getId());
		String path = server().behaviours().at((request, response) -> {
			boolean tracked = sessionsAreTrackedByUrl();
			assertThat(request.getSession(false) != null).isEqualTo(tracked);
			assertThat(request.isRequestedSessionIdFromURL()).isEqualTo(tracked);
			assertThat(request.isRequestedSessionIdFromCookie()).isFalse();
		});
		newClient().get(path + ";jsessionid=" + id);
	}

	@Test
	default void encodedUrl_containsTheIdUntilTheClientSendsACookie() {
		client().run((request, response) -> {
			assertThat(response.encodeURL("/x")).isEqualTo("/x");
			request.getSession();
			assertThat(response.encodeURL("/x").contains(";jsessionid=")).isEqualTo(sessionsAreTrackedByUrl());
			assertThat(response.encodeRedirectURL("/x").contains(";jsessionid=")).isEqualTo(sessionsAreTrackedByUrl());
		});
		client().run((request, response) -> {
			request.getSession();
			assertThat(response.encodeURL("/x")).isEqualTo("/x");
			assertThat(response.encodeRedirectURL("/x")).isEqualTo("/x");
		});
	}

}
