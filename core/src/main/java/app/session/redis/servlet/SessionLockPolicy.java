package app.session.redis.servlet;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Tells which requests take the lock of their session. Asked once per request, ahead of
 * all other filters that may need the session.
 */
@FunctionalInterface
public interface SessionLockPolicy {

	/**
	 * Whether a request takes the lock of its session.
	 * @param request the request; it has no session yet, and must be left as it is
	 * @return true if so
	 */
	boolean locks(HttpServletRequest request);

	/**
	 * The policy that goes by the method of the request.
	 * @param methods HTTP methods, in any case
	 * @return the policy
	 */
	static SessionLockPolicy forMethods(Collection<String> methods) {
		Set<String> names = methods.stream()
			.map((method) -> method.toUpperCase(Locale.ROOT))
			.collect(Collectors.toUnmodifiableSet());
		return (request) -> names.contains(request.getMethod());
	}

}
