package app.session.redis.autoconfigure.security;

import org.springframework.context.support.MessageSourceAccessor;
import org.springframework.security.core.SpringSecurityMessageSource;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;

/**
 * The exception with which a log-in fails that exceeds the limit on the sessions of a
 * user.
 */
final class SessionLimitRefusal {

	private static final MessageSourceAccessor messages = SpringSecurityMessageSource.getAccessor();

	private SessionLimitRefusal() {
	}

	/**
	 * Returns the exception with Spring Security's own message, which is translated. It
	 * has no cause, because the failure handler may store it in the session.
	 */
	static SessionAuthenticationException exception(int maximum) {
		return new SessionAuthenticationException(
				messages.getMessage("ConcurrentSessionControlAuthenticationStrategy.exceededAllowed",
						new Object[] { maximum }, "Maximum sessions of {0} for this principal exceeded"));
	}

}
