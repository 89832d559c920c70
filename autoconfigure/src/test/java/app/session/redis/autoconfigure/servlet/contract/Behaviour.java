package app.session.redis.autoconfigure.servlet.contract;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The behaviour of a servlet for one request.
 */
@FunctionalInterface
interface Behaviour {

	void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;

	/**
	 * A question about a request, with an answer for the test.
	 *
	 * @param <T> the type of the answer
	 */
	@FunctionalInterface
	interface Question<T> {

		@Nullable T ask(HttpServletRequest request, HttpServletResponse response) throws Exception;

	}

	/**
	 * The failure of a servlet, which has an error page.
	 */
	final class Failure extends RuntimeException {

		Failure() {
			super("The servlet fails, as the test requires");
		}

	}

}
