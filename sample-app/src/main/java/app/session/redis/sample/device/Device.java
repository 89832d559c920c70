package app.session.redis.sample.device;

import java.io.Serializable;
import java.time.Clock;
import java.time.Instant;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.http.HttpHeaders;
import org.springframework.session.Session;

/**
 * The device on which a session was started. Stored as an attribute of that session.
 *
 * @param browser the browser's name
 * @param system the operating system's name
 * @param address the client's address
 * @param signedInAt the time at which the user logged in
 */
record Device(String browser, String system, String address, Instant signedInAt) implements Serializable {

	private static final String ATTRIBUTE = "device";

	static Device of(HttpServletRequest request, Clock clock) {
		UserAgent userAgent = UserAgent.parse(request.getHeader(HttpHeaders.USER_AGENT));
		return new Device(userAgent.browser(), userAgent.system(), request.getRemoteAddr(), clock.instant());
	}

	/**
	 * Returns the device of a session.
	 * @param session a session with a user
	 * @return the device, or an unknown device if the user didn't log in through the
	 * login form
	 */
	static Device of(Session session) {
		Device device = session.getAttribute(ATTRIBUTE);
		return (device != null) ? device
				: new Device("Unknown browser", "unknown system", "unknown address", session.getCreationTime());
	}

	void recordIn(HttpServletRequest request) {
		request.getSession().setAttribute(ATTRIBUTE, this);
	}

}
