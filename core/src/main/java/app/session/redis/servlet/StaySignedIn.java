package app.session.redis.servlet;

import java.time.Duration;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Lets the session of a user who wants to stay signed in live longer than others, and its
 * cookie outlive the browser's window.
 */
public final class StaySignedIn {

	/**
	 * The attribute of a request in which the cookie becomes a lasting one: the same that
	 * Spring Session's remember-me services set, whose class needs Spring Security.
	 */
	public static final String COOKIE_ATTRIBUTE = "org.springframework.session.security.web.authentication."
			+ "SpringSessionRememberMeServicesREMEMBER_ME_LOGIN_ATTR";

	private final Duration timeout;

	/**
	 * Creates it.
	 * @param timeout the idle timeout of such a session
	 */
	public StaySignedIn(Duration timeout) {
		this.timeout = timeout;
	}

	/**
	 * The idle timeout of such a session.
	 * @return the timeout
	 */
	public Duration timeout() {
		return this.timeout;
	}

	/**
	 * Marks the session of a request, which is made if there is none. To be called where
	 * the user logs in, before the response is committed: the cookie is sent with the id
	 * that the session gets there. Redis hears of it with the session's next save.
	 * @param request the request
	 */
	public void apply(HttpServletRequest request) {
		request.setAttribute(COOKIE_ATTRIBUTE, true);
		request.getSession().setMaxInactiveInterval(Math.toIntExact(this.timeout.toSeconds()));
	}

}
