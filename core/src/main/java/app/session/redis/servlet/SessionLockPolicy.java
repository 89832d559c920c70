package app.session.redis.servlet;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Determines which requests lock their session. Called once per request, before all other
 * filters that may need the session.
 */
@FunctionalInterface
public interface SessionLockPolicy {

	/**
	 * Returns whether a request locks its session.
	 * @param request the request; it has no session yet, and must not be changed
	 * @return whether the session is locked
	 */
	boolean locks(HttpServletRequest request);

	/**
	 * Returns a policy that depends on the method of the request.
	 * @param methods the HTTP methods that lock the session, in upper or lower case
	 * @return the policy
	 */
	static SessionLockPolicy forMethods(Collection<String> methods) {
		Set<String> names = methods.stream()
			.map((method) -> method.toUpperCase(Locale.ROOT))
			.collect(Collectors.toUnmodifiableSet());
		return (request) -> names.contains(request.getMethod());
	}

}
