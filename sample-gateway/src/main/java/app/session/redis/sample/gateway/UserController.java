package app.session.redis.sample.gateway;

import java.security.Principal;

import reactor.core.publisher.Mono;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.WebSession;

/**
 * Returns the name of the current user, and ends the session, which also logs the user
 * out of the shop.
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
