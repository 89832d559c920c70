package app.session.redis.servlet;

import java.time.Duration;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Extends the idle timeout of the session of a user who wants to stay signed in, and
 * makes its cookie persistent.
 */
public final class StaySignedIn {

	/**
	 * The request attribute that makes the cookie persistent: the one that Spring
	 * Session's remember-me services set, whose class requires Spring Security.
	 */
	public static final String COOKIE_ATTRIBUTE = "org.springframework.session.security.web.authentication."
			+ "SpringSessionRememberMeServicesREMEMBER_ME_LOGIN_ATTR";

	private final Duration timeout;

	/**
	 * Creates the object.
	 * @param timeout the idle timeout of these sessions
	 */
	public StaySignedIn(Duration timeout) {
		this.timeout = timeout;
	}

	/**
	 * Returns the idle timeout of these sessions.
	 * @return the timeout
	 */
	public Duration timeout() {
		return this.timeout;
	}

	/**
	 * Marks the session of a request, which is created if there is none. Call this when
	 * the user logs in, before the response is committed: the cookie is sent with the id
	 * that the session gets at log-in. The timeout is written to Redis by the next save
	 * of the session.
	 * @param request the request
	 */
	public void apply(HttpServletRequest request) {
		request.setAttribute(COOKIE_ATTRIBUTE, true);
		request.getSession().setMaxInactiveInterval(Math.toIntExact(this.timeout.toSeconds()));
	}

}
