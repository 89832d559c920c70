package app.session.redis.sample;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * Shows the login form, which Spring Security processes.
 */
@Controller
class LoginController {

	@GetMapping("/login")
	String login(Model model) {
		model.addAttribute("users", DemoUser.ALL);
		return "login";
	}

}
