package app.session.redis.autoconfigure.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;

import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * An error page that greets the user and therefore needs the session.
 */
@RestController
class ErrorPageController implements ErrorController {

	private final Hooks hooks;

	ErrorPageController(Hooks hooks) {
		this.hooks = hooks;
	}

	@RequestMapping("/error")
	String error(HttpServletRequest request) {
		HttpSession session = request.getSession(false);
		Runnable task = this.hooks.errorPage.getAndSet(null);
		if (task != null) {
			task.run();
		}
		Object name = (session != null) ? session.getAttribute(SessionController.NAME) : "stranger";
		return "error page " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) + " for " + name;
	}

}
