package app.session.redis.servlet;

import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.session.web.http.HttpSessionIdResolver;

/**
 * Ids as they come from the client, of which the scope of the request learns, and go
 * there, unless they are of this request only.
 *
 * @param resolver what reads and sends them
 */
record ClientIds(HttpSessionIdResolver resolver) implements HttpSessionIdResolver {

	@Override
	public List<String> resolveSessionIds(HttpServletRequest request) {
		List<String> ids = this.resolver.resolveSessionIds(request);
		RequestBinding binding = (ids.size() > 1) ? RequestBinding.current() : null;
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

	private static boolean isAnonymous() {
		return RequestBinding.currentScope().isAnonymous();
	}

}
