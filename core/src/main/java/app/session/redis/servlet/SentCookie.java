package app.session.redis.servlet;

import java.util.ArrayList;
import java.util.List;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The session cookie that was added to a response. If another one follows, for example
 * because the error page creates a session after the servlet has ended one, it replaces
 * the first, because clients may use either of two cookies of the same name.
 */
final class SentCookie {

	private static final String HEADER = "Set-Cookie";

	private @Nullable String header;

	/**
	 * Adds a cookie in place of the previous one.
	 * @param response the response
	 * @param sender adds the cookie to the response
	 */
	void replace(HttpServletResponse response, Runnable sender) {
		List<String> before = new ArrayList<>(response.getHeaders(HEADER));
		sender.run();
		List<String> after = new ArrayList<>(response.getHeaders(HEADER));
		String previous = this.header;
		if (after.size() <= before.size()) {
			// The id was sent in another way, or not at all
			return;
		}
		this.header = after.get(after.size() - 1);
		if (previous != null && after.size() > 1 && after.remove(previous)) {
			response.setHeader(HEADER, after.get(0));
			after.subList(1, after.size()).forEach((value) -> response.addHeader(HEADER, value));
		}
	}

}
