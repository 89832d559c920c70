package app.session.redis.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Recognizes requests of Spring's mock environment that already have a session, because
 * the test has set it or its attributes. The filter leaves them unchanged, so that
 * {@code sessionAttr(...)} and {@code MockHttpSession} have the same effect as without
 * the starter.
 */
final class MockRequests {

	private static final @Nullable Class<?> SESSION = load("org.springframework.mock.web.MockHttpSession");

	private static final @Nullable Class<?> REQUEST = load("org.springframework.mock.web.MockHttpServletRequest");

	private static final @Nullable Class<?> ASYNC_CONTEXT = load("org.springframework.mock.web.MockAsyncContext");

	private MockRequests() {
	}

	private static @Nullable Class<?> load(String name) {
		ClassLoader classLoader = MockRequests.class.getClassLoader();
		return ClassUtils.isPresent(name, classLoader) ? ClassUtils.resolveClassName(name, classLoader) : null;
	}

	/** Returns whether a context is a mock, or null, which mock requests return. */
	static boolean isAsyncContext(@Nullable AsyncContext context) {
		return context == null || (ASYNC_CONTEXT != null && ASYNC_CONTEXT.isInstance(context));
	}

	/** Returns whether a request has a mock session. Always false in production. */
	static boolean haveSession(HttpServletRequest request) {
		if (SESSION == null || REQUEST == null) {
			return false;
		}
		ServletRequest mock = request;
		while (mock instanceof ServletRequestWrapper wrapper) {
			mock = wrapper.getRequest();
		}
		HttpSession session = REQUEST.isInstance(mock) ? ((HttpServletRequest) mock).getSession(false) : null;
		return SESSION.isInstance(session);
	}

}
