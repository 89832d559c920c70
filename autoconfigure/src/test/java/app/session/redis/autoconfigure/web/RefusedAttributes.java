package app.session.redis.autoconfigure.web;

import java.io.FilePermission;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import app.session.redis.autoconfigure.web.Hooks.Pending;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Handlers that set attributes that can't be stored.
 */
@Configuration(proxyBeanMethods = false)
@Import({ RefusedAttributes.Pages.class, RefusedAttributes.HandlingPages.class })
class RefusedAttributes {

	static final String PLAN = "plan";

	@Bean
	LogInListener logInListener() {
		return new LogInListener();
	}

	static HttpSession session() {
		return ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest().getSession();
	}

	/** Adds an attribute to the session at log-in. */
	static final class LogInListener {

		@EventListener
		void loggedIn(AuthenticationSuccessEvent event) {
			HttpServletRequest request = ((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes())
				.getRequest();
			if (request.getParameter(PLAN) != null) {
				request.getSession().setAttribute(PLAN, new FilePermission("plan", "read"));
			}
		}

	}

	/** Values that can't be stored, each for a different reason. */
	enum Kind {

		TYPE, NOT_SERIALIZABLE, TOO_DEEP;

		Object value() {
			return switch (this) {
				case TYPE -> new FilePermission("plan", "read");
				case NOT_SERIALIZABLE -> new Object() {
				};
				case TOO_DEEP -> {
					List<Object> outer = new ArrayList<>();
					for (int i = 0; i < 500; i++) {
						outer = new ArrayList<>(List.of(outer));
					}
					yield outer;
				}
			};
		}

	}

	@RestController
	static class Pages {

		private final Hooks hooks;

		Pages(Hooks hooks) {
			this.hooks = hooks;
		}

		/** The response is committed by the container, after the filter has saved. */
		@GetMapping("/refused")
		void refused(@RequestParam(defaultValue = "TYPE") Kind kind, HttpSession session, HttpServletResponse response)
				throws IOException {
			change(session, kind);
			response.getWriter().print("done");
		}

		/** The response is committed by Spring MVC, which makes the filter save. */
		@GetMapping("/refused-in-body")
		String refusedInBody(HttpSession session) {
			change(session, Kind.TYPE);
			return "done";
		}

		@GetMapping("/refused-twice")
		void refusedTwice(HttpSession session) {
			change(session, Kind.TYPE);
			session.setAttribute("other plan", Kind.NOT_SERIALIZABLE.value());
		}

		@GetMapping("/refused-then-error")
		void refusedThenError(HttpSession session, HttpServletResponse response) throws IOException {
			change(session, Kind.TYPE);
			response.sendError(418);
		}

		@GetMapping("/refused-then-failed")
		void refusedThenFailed(HttpSession session) {
			change(session, Kind.TYPE);
			throw new IllegalStateException("The test wants an error page");
		}

		@GetMapping("/refused-late")
		void refusedLate(HttpSession session, HttpServletResponse response) throws IOException {
			response.getOutputStream().print("begun");
			response.flushBuffer();
			change(session, Kind.TYPE);
		}

		@GetMapping("/refused-in-callable")
		Callable<String> refusedInCallable(HttpSession session) {
			return () -> {
				change(session, Kind.TYPE);
				return "done";
			};
		}

		/** The value is set when the request thread leaves the filter. */
		@GetMapping("/refused-before-deferred")
		DeferredResult<String> refusedBeforeDeferred(HttpServletRequest request) {
			change(request.getSession(), Kind.TYPE);
			return refusedInDeferred(request);
		}

		@GetMapping("/refused-in-deferred")
		DeferredResult<String> refusedInDeferred(HttpServletRequest request) {
			DeferredResult<String> result = new DeferredResult<>();
			this.hooks.pending.add(new Pending(request.getSession(), result, null));
			return result;
		}

		@GetMapping("/refused-while-streaming")
		StreamingResponseBody refusedWhileStreaming(HttpSession session) {
			return (out) -> {
				change(session, Kind.TYPE);
				out.write("first".getBytes(StandardCharsets.UTF_8));
				out.flush();
			};
		}

		/**
		 * The dispatch is requested before the request thread leaves the filter.
		 */
		@GetMapping("/refused-before-dispatch")
		void refusedBeforeDispatch(HttpServletRequest request) {
			change(request.getSession(), Kind.TYPE);
			request.startAsync().dispatch("/plan");
		}

		@GetMapping("/refused-before-completion")
		void refusedBeforeCompletion(HttpServletRequest request) {
			HttpSession session = request.getSession();
			this.hooks.pending.add(new Pending(session, null, request.startAsync()));
		}

		/** Ignores the exception that is thrown when the value is set. */
		@GetMapping("/refused-and-caught")
		void refusedAndCaught(HttpSession session, HttpServletResponse response) throws IOException {
			session.setAttribute(SessionController.NAME, "changed");
			try {
				session.setAttribute(PLAN, new FilePermission("plan", "read"));
			}
			catch (IllegalArgumentException ex) {
				response.getWriter().print("caught, ");
			}
			response.getWriter().print((session.getAttribute(PLAN) != null) ? "planned" : "without a plan");
		}

		@GetMapping("/plan")
		String plan(HttpSession session) {
			return session.getAttribute(SessionController.NAME) + " " + session.getAttribute(SessionController.CART)
					+ " " + session.getAttribute(PLAN) + " " + session.getAttribute("flash");
		}

		static void change(HttpSession session, Kind kind) {
			session.setAttribute(SessionController.NAME, "changed");
			session.setAttribute(PLAN, kind.value());
		}

	}

	/** Handles the failure as Spring MVC receives it. */
	@RestController
	static class HandlingPages {

		@GetMapping("/refused-and-handled")
		void refused(HttpSession session, HttpServletResponse response) throws IOException {
			Pages.change(session, Kind.TYPE);
			response.flushBuffer();
		}

		@ExceptionHandler
		String handle(IllegalArgumentException ex) {
			return "handled";
		}

	}

}
