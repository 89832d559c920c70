package app.session.redis.benchmarks.app;

import java.io.IOException;
import java.util.concurrent.ExecutionException;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;
import org.springframework.session.SessionRepository;

/**
 * Serves the requests of the harness that are not measured.
 */
final class ControlServlet extends HttpServlet {

	private static final long serialVersionUID = 1L;

	@SuppressWarnings("serial") // a servlet is never serialized
	private final @Nullable Sessions<?> sessions;

	ControlServlet(@Nullable SessionRepository<? extends Session> repository) {
		this.sessions = (repository != null) ? new Sessions<>(repository) : null;
	}

	@Override
	protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
		answer(request, response);
	}

	@Override
	protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
		answer(request, response);
	}

	private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
		try {
			SessionServlet.answer(response, HttpServletResponse.SC_OK, answer(request));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException(ex);
		}
		catch (ExecutionException ex) {
			throw new IOException(ex);
		}
	}

	private String answer(HttpServletRequest request) throws InterruptedException, ExecutionException {
		switch (String.valueOf(request.getPathInfo())) {
			case "/allocated" -> {
				return Long.toString(Allocation.bytes());
			}
			case "/gc" -> {
				System.gc();
				return "ok";
			}
			case "/fill" -> {
				sessions().fill(SessionServlet.number(request, "count", 1),
						SessionServlet.number(request, "attributes", 8), SessionServlet.number(request, "size", 128),
						SessionServlet.text(request, "principal", ""),
						Boolean.parseBoolean(SessionServlet.text(request, "indexed", "false")));
				return "ok";
			}
			case "/find" -> {
				return sessions().find(SessionServlet.text(request, "principal", ""),
						SessionServlet.number(request, "times", 1));
			}
			default -> throw new IllegalArgumentException("Unknown: " + request.getPathInfo());
		}
	}

	private Sessions<?> sessions() {
		if (this.sessions == null) {
			throw new IllegalStateException("This store has no repository");
		}
		return this.sessions;
	}

}
