package app.session.redis.servlet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;

/**
 * Resolves ids from the client and records them in the scope of the request. Sends ids to
 * the client, unless the session exists only for the current request.
 *
 * @param resolver the resolver that reads and sends ids
 */
record ClientIds(HttpSessionIdResolver resolver) implements HttpSessionIdResolver {

	private static final char ROUTE_SEPARATOR = '.';

	@Override
	public List<String> resolveSessionIds(HttpServletRequest request) {
		List<String> sent = this.resolver.resolveSessionIds(request);
		List<String> ids = withoutRoutes(sent);
		// One id needs no lookup together with others, even if it may have a route
		RequestBinding binding = (sent.size() > 1) ? RequestBinding.current() : null;
		if (binding != null) {
			binding.scope().resolvedIds(ids);
		}
		return ids;
	}

	/**
	 * Adds, after each id that ends in the route of another node, as set by
	 * {@code DefaultCookieSerializer.setJvmRoute}, the id without it. The whole id comes
	 * first, because an application's own ids may contain a dot.
	 */
	private static List<String> withoutRoutes(List<String> ids) {
		List<String> all = ids;
		for (int i = ids.size() - 1; i >= 0; i--) {
			int dot = ids.get(i).lastIndexOf(ROUTE_SEPARATOR);
			if (dot > 0) {
				all = (all == ids) ? new ArrayList<>(ids) : all;
				all.add(i + 1, ids.get(i).substring(0, dot));
			}
		}
		return all;
	}

	/**
	 * Returns whether an id is the previous one of the list without its route, so that
	 * the client's cookie names another node.
	 */
	boolean isRoute(@Nullable String previous, String id) {
		return previous != null && previous.startsWith(id) && previous.length() > id.length()
				&& previous.charAt(id.length()) == ROUTE_SEPARATOR;
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
