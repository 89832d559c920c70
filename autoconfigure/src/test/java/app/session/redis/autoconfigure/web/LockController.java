package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.concurrent.Callable;

import app.session.redis.autoconfigure.web.Hooks.Pending;
import app.session.redis.lock.SessionLock;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Reads the session and then writes it, which loses changes without a lock.
 */
@RestController
@RequestMapping("/lock")
class LockController {

	static final String COUNT = "count";

	private final Hooks hooks;

	private final ObjectProvider<AtomicRedisSessionRepository> repository;

	LockController(Hooks hooks, ObjectProvider<AtomicRedisSessionRepository> repository) {
		this.hooks = hooks;
		this.repository = repository;
	}

	/** Adds one to the value that was read before the hook ran. */
	@PostMapping("/count")
	String count(HttpServletRequest request) {
		HttpSession session = request.getSession();
		int count = count(session);
		this.hooks.run();
		session.setAttribute(COUNT, count + 1);
		return Integer.toString(count + 1);
	}

	@GetMapping("/count")
	String read(HttpServletRequest request) {
		return Integer.toString(count(request.getSession()));
	}

	@SessionLock
	@GetMapping("/annotated")
	String annotated(HttpServletRequest request) {
		return count(request);
	}

	@Unlocked
	@PostMapping("/unlocked")
	String unlocked(HttpServletRequest request) {
		return count(request);
	}

	/** Acquires the lock when the session already exists. */
	@GetMapping("/late")
	String late(HttpServletRequest request) {
		HttpSession session = request.getSession();
		int before = count(session);
		this.hooks.run();
		this.repository.getObject().lock(session.getId());
		int count = count(session);
		session.setAttribute(COUNT, count + 1);
		return before + " " + (count + 1);
	}

	@PostMapping("/fail")
	void fail(HttpServletRequest request) {
		request.getSession().setAttribute(COUNT, 7);
		throw new IllegalStateException("The test wants an error page");
	}

	@PostMapping("/break-down")
	void breakDown(HttpServletRequest request) {
		request.getSession().setAttribute(COUNT, 7);
		throw new InternalError("The test wants the container to have a bad time");
	}

	@PostMapping("/error")
	void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
		request.getSession().setAttribute(COUNT, 7);
		response.sendError(418);
	}

	@PostMapping("/flush")
	void flush(@RequestParam int count, HttpServletRequest request, HttpServletResponse response) throws IOException {
		HttpSession session = request.getSession();
		count(session);
		response.getWriter().print("begun");
		response.flushBuffer();
		this.hooks.run();
		session.setAttribute(COUNT, count);
		response.getWriter().print(" and done");
	}

	@PostMapping("/large")
	void large(HttpServletRequest request, HttpServletResponse response) throws IOException {
		request.getSession().setAttribute(COUNT, 7);
		this.hooks.run();
		for (int i = 0; i < 2000; i++) {
			response.getOutputStream().write(new byte[10_000]);
		}
	}

	@PostMapping("/streaming")
	StreamingResponseBody streaming(@RequestParam(defaultValue = "1") int chunks,
			@RequestParam(defaultValue = "false") boolean fail, HttpServletRequest request) {
		HttpSession session = request.getSession();
		return (out) -> {
			session.setAttribute(COUNT, 7);
			this.hooks.run();
			for (int i = 0; i < chunks; i++) {
				out.write(new byte[10_000]);
				out.flush();
			}
			if (fail) {
				throw new IOException("The test wants the answer to break off");
			}
		};
	}

	@PostMapping("/callable")
	Callable<String> callable(HttpServletRequest request) {
		return () -> count(request);
	}

	@PostMapping("/deferred")
	DeferredResult<String> deferred(@RequestParam(defaultValue = "20000") long timeout, HttpServletRequest request) {
		DeferredResult<String> result = new DeferredResult<>(timeout);
		this.hooks.pending.add(new Pending(request.getSession(), result, null));
		return result;
	}

	@PostMapping("/async-context")
	void asyncContext(@RequestParam(defaultValue = "20000") long timeout, HttpServletRequest request) {
		HttpSession session = request.getSession();
		AsyncContext context = request.startAsync();
		context.setTimeout(timeout);
		this.hooks.pending.add(new Pending(session, null, context));
	}

	private static int count(HttpSession session) {
		return (session.getAttribute(COUNT) instanceof Integer count) ? count : 0;
	}

	/**
	 * An annotation of the application.
	 */
	@SessionLock(false)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Unlocked {

	}

	/**
	 * Handlers whose class has the annotation for locks.
	 */
	@RestController
	@SessionLock
	static class OfClass {

		private final Hooks hooks;

		OfClass(Hooks hooks) {
			this.hooks = hooks;
		}

		@GetMapping("/lock/of-class")
		String locked(HttpServletRequest request) {
			request.getSession();
			this.hooks.run();
			return "locked";
		}

		@SessionLock(false)
		@PostMapping("/lock/of-class")
		String unlocked(HttpServletRequest request) {
			request.getSession();
			this.hooks.run();
			return "unlocked";
		}

	}

}
