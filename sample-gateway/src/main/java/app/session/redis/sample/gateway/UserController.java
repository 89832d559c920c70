package app.session.redis.sample.gateway;

import java.security.Principal;

import reactor.core.publisher.Mono;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.WebSession;

/**
 * Shows who is logged in, and ends the session, which logs the user out of the shop too.
 */
@RestController
class UserController {

	@GetMapping("/gateway/user")
	String user(Principal principal) {
		return principal.getName();
	}

	@PostMapping("/gateway/end-session")
	Mono<Void> endSession(WebSession session) {
		return session.invalidate();
	}

}
