package app.session.redis.servlet;

import java.util.Arrays;
import java.util.List;

import app.session.redis.session.SentIdValues;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;

/**
 * Resolves ids from the client and records them in the scope of the request. Sends ids to
 * the client, unless the session exists only for the current request.
 *
 * @param resolver the resolver that reads and sends ids
 */
record ClientIds(HttpSessionIdResolver resolver) implements HttpSessionIdResolver {

	@Override
	public List<String> resolveSessionIds(HttpServletRequest request) {
		List<String> sent = this.resolver.resolveSessionIds(request);
		List<String> ids = SentIdValues.withoutRoutes(sent);
		// One id needs no lookup together with others, even if it may have a route
		RequestBinding binding = (sent.size() > 1) ? RequestBinding.current() : null;
		if (binding != null) {
			binding.scope().resolvedIds(ids);
		}
		return ids;
	}

	@Override
	public void setSessionId(HttpServletRequest request, HttpServletResponse response, String sessionId) {
		if (!isAnonymous()) {
			this.resolver.setSessionId(request, response, sessionId);
		}
	}

	@Override
	public void expireSession(HttpServletRequest request, HttpServletResponse response) {
		if (!isAnonymous()) {
			this.resolver.expireSession(request, response);
		}
	}

	/** Returns whether an id that was resolved comes from a cookie. */
	boolean isFromCookie(HttpServletRequest request, String id) {
		if (this.resolver instanceof CookieHttpSessionIdResolver) {
			return true;
		}
		Cookie[] cookies = request.getCookies();
		return cookies != null && Arrays.stream(cookies).anyMatch((cookie) -> id.equals(cookie.getValue()));
	}

	private static boolean isAnonymous() {
		return RequestBinding.currentScope().isAnonymous();
	}

}
