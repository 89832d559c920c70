package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Uses the session, and flushes the response before the request leaves the filters.
 */
@RestController
class SessionController {

	static final String NAME = "name";

	static final String CART = "cart";

	private final Hooks hooks;

	private final ObjectProvider<FindByIndexNameSessionRepository<? extends Session>> repository;

	SessionController(Hooks hooks, ObjectProvider<FindByIndexNameSessionRepository<? extends Session>> repository) {
		this.hooks = hooks;
		this.repository = repository;
	}

	@GetMapping({ "/ok", "/in-filter" })
	String ok() {
		return "ok";
	}

	@GetMapping("/csrf")
	String csrf(CsrfToken token) {
		return token.getToken();
	}

	@GetMapping({ "/read", "/private/read" })
	void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
		HttpSession session = request.getSession(false);
		this.hooks.run();
		flush(response, (session != null) ? session.getAttribute(NAME) + " " + session.getAttribute(CART) : "none");
	}

	@GetMapping("/write")
	void write(@RequestParam String value, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		HttpSession session = request.getSession();
		session.getAttribute(NAME);
		this.hooks.run();
		session.setAttribute(NAME, value);
		flush(response, value);
	}

	@GetMapping("/late")
	void late(@RequestParam String value, HttpServletRequest request, HttpServletResponse response) throws IOException {
		HttpSession session = request.getSession();
		flush(response, "begun");
		this.hooks.run();
		session.setAttribute(NAME, value);
		response.getWriter().print(" and done");
	}

	@GetMapping("/in-place")
	void inPlace(@RequestParam String value, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		cart(request.getSession()).add(value);
		flush(response, value);
	}

	@GetMapping("/new")
	void create(HttpServletRequest request, HttpServletResponse response) throws IOException {
		HttpSession session = request.getSession(true);
		session.setAttribute(NAME, "new");
		session.setAttribute(CART, new ArrayList<>(List.of("apple")));
		flush(response, "new");
	}

	@GetMapping("/new-with-principal")
	void create(@RequestParam String principal, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		HttpSession session = request.getSession(true);
		session.setAttribute(NAME, "new");
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, principal);
		flush(response, "new");
	}

	@GetMapping("/find")
	String find(@RequestParam String principal) {
		return Integer.toString(this.repository.getObject().findByPrincipalName(principal).size());
	}

	@GetMapping("/fail")
	void fail() {
		throw new IllegalStateException("The test wants an error page");
	}

	@SuppressWarnings("unchecked") // as create() has it
	static List<String> cart(HttpSession session) {
		return (List<String>) session.getAttribute(CART);
	}

	private static void flush(HttpServletResponse response, String text) throws IOException {
		response.setContentType("text/plain");
		response.getWriter().print(text);
		response.flushBuffer();
	}

}
