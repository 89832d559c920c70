package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

import app.session.redis.autoconfigure.web.Hooks.Pending;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Handles requests that are dispatched more than once. Each dispatch reads the session.
 */
@RestController
class DispatchController {

	private final Hooks hooks;

	DispatchController(Hooks hooks) {
		this.hooks = hooks;
	}

	@GetMapping("/forward")
	void forward(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		request.getSession().getAttribute(SessionController.CART);
		request.getRequestDispatcher("/read").forward(request, response);
	}

	@GetMapping("/forward-to-write")
	void forwardToWrite(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		request.getSession().getAttribute(SessionController.CART);
		request.getRequestDispatcher("/write?value=forwarded").forward(request, response);
	}

	@GetMapping("/include")
	void include(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		request.getSession().getAttribute(SessionController.CART);
		request.getRequestDispatcher("/read").include(request, response);
	}

	@GetMapping("/include-then-write")
	void includeThenWrite(HttpServletRequest request, HttpServletResponse response)
			throws ServletException, IOException {
		request.getRequestDispatcher("/included").include(request, response);
		request.getSession().setAttribute(SessionController.NAME, "included");
	}

	@GetMapping("/included")
	void included(HttpServletRequest request, HttpServletResponse response) throws IOException {
		response.getWriter().print(request.getSession().getAttribute(SessionController.NAME));
	}

	@GetMapping("/error-dispatch")
	void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
		request.getSession().getAttribute(SessionController.CART);
		response.sendError(418);
	}

	@GetMapping("/write-then-error")
	void writeThenError(HttpServletRequest request, HttpServletResponse response) throws IOException {
		request.getSession().setAttribute(SessionController.NAME, "before the error");
		response.sendError(418);
	}

	@GetMapping("/callable")
	Callable<String> callable(HttpServletRequest request) {
		HttpSession session = request.getSession();
		return () -> String.valueOf(session.getAttribute(SessionController.NAME));
	}

	@GetMapping("/deferred")
	DeferredResult<String> deferred(HttpServletRequest request) {
		HttpSession session = request.getSession();
		session.getAttribute(SessionController.CART);
		DeferredResult<String> result = new DeferredResult<>();
		this.hooks.pending.add(new Pending(session, result, null));
		return result;
	}

	@GetMapping("/async-context")
	void asyncContext(HttpServletRequest request) {
		HttpSession session = request.getSession();
		session.getAttribute(SessionController.CART);
		AsyncContext context = request.startAsync();
		this.hooks.pending.add(new Pending(session, null, context));
	}

	@GetMapping("/streaming")
	StreamingResponseBody streaming(HttpServletRequest request) {
		HttpSession session = request.getSession();
		session.getAttribute(SessionController.CART);
		return (out) -> {
			out.write("first".getBytes(StandardCharsets.UTF_8));
			out.flush();
			session.setAttribute(SessionController.NAME, "streamed");
			SessionController.cart(session).add("streamed");
			out.write(" last".getBytes(StandardCharsets.UTF_8));
		};
	}

}
