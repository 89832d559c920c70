package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.event.EventListener;
import org.springframework.session.events.SessionExpiredEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Creates sessions that expire soon, and records which expiries are published.
 */
@RestController
class ExpiryWatch {

	private final Queue<Told> told = new ConcurrentLinkedQueue<>();

	@GetMapping("/short")
	void create(@RequestParam int seconds, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		request.getSession().setMaxInactiveInterval(seconds);
		response.getWriter().print("short");
		response.flushBuffer();
	}

	@EventListener
	void expired(SessionExpiredEvent event) {
		StoredSession session = event.getSession();
		this.told.add(new Told(session.getHandle(), System.nanoTime()));
	}

	List<Told> told() {
		return List.copyOf(this.told);
	}

	/**
	 * A published expiry.
	 *
	 * @param handle the session
	 * @param at when
	 */
	record Told(String handle, long at) {
	}

}
