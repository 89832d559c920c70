package app.session.redis.servlet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;

import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.session.SessionScope;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends the response to a request that fails because the store is unavailable or because
 * a limit on the number of sessions is reached. The response is reset including cookies,
 * so that the client keeps its cookie. If a new id of its session was already stored in
 * Redis, this id is sent, because it is the only valid one. The error page is rendered
 * without sessions; if that is not possible, the response is a line of text.
 */
final class ErrorResponses {

	private static final Log logger = LogFactory.getLog(RedisSessionFilter.class);

	private final String retryAfter;

	private final Supplier<ClientIds> ids;

	/**
	 * Creates the object.
	 * @param retryAfter the value of {@code Retry-After} if the store is unavailable
	 * @param ids sends ids to clients
	 */
	ErrorResponses(Duration retryAfter, Supplier<ClientIds> ids) {
		this.retryAfter = Long.toString(Math.max(retryAfter.toSeconds(), 1));
		this.ids = ids;
	}

	/**
	 * Sends the response for an exception, if its cause is the store.
	 * @return whether a response was sent; false if the exception has another cause
	 */
	boolean sendFor(Exception thrown, RequestSession session, SessionScope scope, HttpServletRequest request,
			HttpServletResponse response) throws IOException {
		SessionStoreUnavailableException failure = find(SessionStoreUnavailableException.class, thrown);
		if (failure != null) {
			send(session, scope, failure, request, response);
			return true;
		}
		SessionLimitExceededException refusal = find(SessionLimitExceededException.class, thrown);
		if (refusal != null) {
			send(session, scope, refusal, request, response);
			return true;
		}
		return false;
	}

	private static <T> @Nullable T find(Class<T> type, Throwable thrown) {
		for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return type.cast(cause);
			}
			if (cause instanceof ServletException servlet && servlet.getRootCause() != servlet.getCause()
					&& type.isInstance(servlet.getRootCause())) {
				return type.cast(servlet.getRootCause());
			}
		}
		return null;
	}

	void send(RequestSession session, SessionScope scope, SessionStoreUnavailableException failure,
			HttpServletRequest request, HttpServletResponse response) throws IOException {
		logger.debug("Answering 503", failure);
		scope.fail(failure);
		send(session, scope, HttpServletResponse.SC_SERVICE_UNAVAILABLE,
				"Sessions are unavailable at the moment. Please try again.", request, response);
	}

	/**
	 * Renders the error page as for a client without a session, because the current
	 * session contains the refused changes and no other one can be created.
	 */
	private void send(RequestSession session, SessionScope scope, SessionLimitExceededException refusal,
			HttpServletRequest request, HttpServletResponse response) throws IOException {
		boolean total = refusal.getLimit() == Limit.TOTAL;
		logger.debug("Answering " + (total ? 503 : 403), refusal);
		scope.anonymous();
		send(session, scope, total ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : HttpServletResponse.SC_FORBIDDEN,
				total ? "There are too many sessions at the moment. Please try again later."
						: "You are logged in as many times as is allowed. Please log out elsewhere first.",
				request, response);
	}

	private void send(RequestSession session, SessionScope scope, int status, String text, HttpServletRequest request,
			HttpServletResponse response) throws IOException {
		boolean again = scope.isAnswered() || request.getDispatcherType() == DispatcherType.ERROR;
		scope.answered();
		SessionId id = SessionId.parse(session.forget());
		String confirmedId = (id != null) ? scope.confirmedId(id.handle()) : null;
		response.reset();
		if (confirmedId != null) {
			this.ids.get().resolver().setSessionId(request, response, confirmedId);
		}
		if (status == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
			response.setHeader("Retry-After", this.retryAfter);
		}
		if (again) {
			response.setStatus(status);
			response.setContentType("text/plain;charset=UTF-8");
			response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
		}
		else {
			response.sendError(status, text);
		}
	}

}
