package app.session.redis.benchmarks.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * Uses sessions in requests. The response is flushed inside the filter chain, as in most
 * applications, so the session is saved before the client receives the response. The
 * response has no content length, like most responses that are written in parts, so it
 * ends with the request, and the work of a store after the flush counts.
 */
final class SessionServlet extends HttpServlet {

	private static final long serialVersionUID = 1L;

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	@Override
	protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
		switch (request.getServletPath()) {
			case "/nosession" -> answer(response, HttpServletResponse.SC_OK, "ok");
			case "/read" -> read(request.getSession(false), response);
			case "/read-all" -> readAll(request.getSession(false), response);
			default -> answer(response, HttpServletResponse.SC_NOT_FOUND, "?");
		}
	}

	@Override
	protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (request.getServletPath().equals("/new")) {
			create(request);
			answer(response, HttpServletResponse.SC_OK, "ok");
			return;
		}
		HttpSession session = request.getSession(false);
		if (session == null) {
			answer(response, HttpServletResponse.SC_NOT_FOUND, "no session");
			return;
		}
		switch (request.getServletPath()) {
			case "/write" -> session.setAttribute("a1", Values.next(number(request, "size", 128)));
			case "/login" -> {
				request.changeSessionId();
				session.setAttribute(PRINCIPAL, text(request, "principal", "somebody"));
			}
			case "/logout" -> session.invalidate();
			default -> {
				answer(response, HttpServletResponse.SC_NOT_FOUND, "?");
				return;
			}
		}
		answer(response, HttpServletResponse.SC_OK, "ok");
	}

	private static void create(HttpServletRequest request) {
		HttpSession session = request.getSession(true);
		int size = number(request, "size", 128);
		for (int i = 0; i < number(request, "attributes", 8); i++) {
			session.setAttribute("a" + i, Values.next(size));
		}
		String principal = request.getParameter("principal");
		if (principal != null) {
			session.setAttribute(PRINCIPAL, principal);
		}
	}

	private static void read(@Nullable HttpSession session, HttpServletResponse response) throws IOException {
		Object value = (session != null) ? session.getAttribute("a0") : null;
		answer(response, (value != null) ? HttpServletResponse.SC_OK : HttpServletResponse.SC_NOT_FOUND,
				(value != null) ? "ok" : "no session");
	}

	private static void readAll(@Nullable HttpSession session, HttpServletResponse response) throws IOException {
		if (session == null) {
			answer(response, HttpServletResponse.SC_NOT_FOUND, "no session");
			return;
		}
		int length = 0;
		for (String name : Collections.list(session.getAttributeNames())) {
			length += String.valueOf(session.getAttribute(name)).length();
		}
		answer(response, HttpServletResponse.SC_OK, Integer.toString(length));
	}

	static int number(HttpServletRequest request, String name, int fallback) {
		String value = request.getParameter(name);
		return (value != null) ? Integer.parseInt(value) : fallback;
	}

	static String text(HttpServletRequest request, String name, String fallback) {
		String value = request.getParameter(name);
		return (value != null) ? value : fallback;
	}

	static void answer(HttpServletResponse response, int status, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
		response.setStatus(status);
		response.setContentType("text/plain");
		response.getOutputStream().write(bytes);
		response.flushBuffer();
	}

}
