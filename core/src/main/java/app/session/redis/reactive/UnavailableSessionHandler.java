package app.session.redis.reactive;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.SessionLimitExceededException.Limit;
import app.session.redis.SessionStoreUnavailableException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;

/**
 * Responds to an exchange that fails because the store is unavailable or because a limit
 * on the number of sessions is reached: 503 with {@code Retry-After}, or 403. Writes the
 * response itself, because the exchange's session, which an error page could ask for,
 * remains in its failed state. The client keeps its cookie. If a new id of its session
 * was already stored in Redis, this id is sent, because it is the only valid one.
 */
public final class UnavailableSessionHandler implements WebExceptionHandler, Ordered {

	/** Before Spring Boot's handler, whose order is -1. */
	public static final int DEFAULT_ORDER = -2;

	private static final Log logger = LogFactory.getLog(UnavailableSessionHandler.class);

	private final RedisWebSessionManager manager;

	private final int order;

	private final String retryAfter;

	/**
	 * Creates a handler.
	 * @param manager the manager of the sessions
	 * @param retryAfter the value of {@code Retry-After}; at least one second
	 * @param order its order among the handlers. Failures of other handlers, such as an
	 * error page that uses the session, only reach those after them
	 */
	public UnavailableSessionHandler(RedisWebSessionManager manager, Duration retryAfter, int order) {
		this.manager = manager;
		this.order = order;
		this.retryAfter = Long.toString(Math.max(retryAfter.toSeconds(), 1));
	}

	@Override
	public int getOrder() {
		return this.order;
	}

	@Override
	public Mono<Void> handle(ServerWebExchange exchange, Throwable thrown) {
		if (exchange.getResponse().isCommitted()) {
			return Mono.error(thrown);
		}
		if (find(SessionStoreUnavailableException.class, thrown) != null) {
			return respond(exchange, HttpStatus.SERVICE_UNAVAILABLE,
					"Sessions are unavailable at the moment. Please try again.", thrown);
		}
		SessionLimitExceededException refusal = find(SessionLimitExceededException.class, thrown);
		if (refusal == null) {
			return Mono.error(thrown);
		}
		return (refusal.getLimit() == Limit.TOTAL)
				? respond(exchange, HttpStatus.SERVICE_UNAVAILABLE,
						"There are too many sessions at the moment. Please try again later.", thrown)
				: respond(exchange, HttpStatus.FORBIDDEN,
						"You are logged in as many times as is allowed. Please log out elsewhere first.", thrown);
	}

	/** Returns whether the response to a failure is written here. */
	static boolean handles(Throwable thrown) {
		return find(SessionStoreUnavailableException.class, thrown) != null
				|| find(SessionLimitExceededException.class, thrown) != null;
	}

	private static <T> @Nullable T find(Class<T> type, Throwable thrown) {
		for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return type.cast(cause);
			}
		}
		return null;
	}

	private Mono<Void> respond(ServerWebExchange exchange, HttpStatus status, String text, Throwable thrown) {
		logger.debug("Responding with " + status.value(), thrown);
		SessionExchange session = SessionExchange.of(exchange, this.manager);
		// The session must be neither saved again nor expired with this response
		session.scope().answered();
		ServerHttpResponse response = exchange.getResponse();
		response.getHeaders().clear();
		response.getCookies().clear();
		session.sendConfirmedId();
		response.setStatusCode(status);
		if (status == HttpStatus.SERVICE_UNAVAILABLE) {
			response.getHeaders().set(HttpHeaders.RETRY_AFTER, this.retryAfter);
		}
		response.getHeaders().setContentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8));
		DataBuffer body = response.bufferFactory().wrap(text.getBytes(StandardCharsets.UTF_8));
		return response.writeWith(Mono.just(body));
	}

}
