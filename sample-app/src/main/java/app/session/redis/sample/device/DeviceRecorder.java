package app.session.redis.sample.device;

import java.io.IOException;
import java.time.Clock;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.stereotype.Component;

/**
 * Stores the {@link Device} in the session when its user logs in. The login saves the
 * session anyway, and read-only requests remain read-only.
 */
@Component
public class DeviceRecorder extends SavedRequestAwareAuthenticationSuccessHandler {

	private final Clock clock;

	DeviceRecorder(Clock clock) {
		this.clock = clock;
	}

	@Override
	public void onAuthenticationSuccess(HttpServletRequest request, HttpServletResponse response,
			Authentication authentication) throws ServletException, IOException {
		Device.of(request, this.clock).recordIn(request);
		super.onAuthenticationSuccess(request, response, authentication);
	}

}
