package app.session.redis.sample.operator;

import java.time.Duration;

import app.session.redis.sample.device.SessionHandle;
import jakarta.servlet.http.HttpSession;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/**
 * The controller of the operator's page. The page's script reads all data from the
 * Actuator endpoint {@code redissessions}, as any other tool can.
 */
@Controller
class OperatorController {

	private final Duration pollInterval;

	OperatorController(@Value("${shop.operator.poll-interval:5s}") Duration pollInterval) {
		this.pollInterval = pollInterval;
	}

	@GetMapping("/operator")
	String operator(HttpSession session, Model model) {
		model.addAttribute("pollMillis", this.pollInterval.toMillis());
		model.addAttribute("handle", SessionHandle.ofId(session.getId()).value());
		return "operator";
	}

}
