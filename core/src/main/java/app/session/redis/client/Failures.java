package app.session.redis.client;

import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.PoolException;

/**
 * Classifies failures of the client and errors of Redis.
 */
public final class Failures {

	private static final String UNSERVED = "CLUSTERDOWN Hash slot not served";

	private static final List<String> MOVING = List.of("TRYAGAIN", "MOVED ", "ASK ", UNSERVED);

	private static final int MAX_REFUSAL_LENGTH = 200;

	private Failures() {
	}

	/**
	 * Translates a failure of the client or an error of Redis.
	 * @param failure the failure, which may be wrapped by stages
	 * @return the exception for callers of the store; the failure itself if it already is
	 * such an exception
	 */
	public static SessionStoreUnavailableException translate(Throwable failure) {
		Throwable cause = Stages.unwrap(failure);
		if (cause instanceof SessionStoreUnavailableException known) {
			return known;
		}
		Reason reason = reason(cause);
		return new SessionStoreUnavailableException(reason, (reason == Reason.NOT_PERMITTED) ? refusal(cause) : null,
				cause);
	}

	/**
	 * Returns Redis's error message, which has the user's name and the command but no
	 * content; null if the failure isn't an error of Redis.
	 */
	private static @Nullable String refusal(Throwable cause) {
		String message = cause.getMessage();
		return (cause instanceof RedisCommandExecutionException && message != null)
				? message.substring(0, Math.min(message.length(), MAX_REFUSAL_LENGTH)) : null;
	}

	private static Reason reason(Throwable cause) {
		if (cause instanceof RedisCommandTimeoutException || cause instanceof TimeoutException) {
			return Reason.TIMEOUT;
		}
		if (cause instanceof RedisCommandExecutionException) {
			return RedisError.of(String.valueOf(cause.getMessage())).reason();
		}
		String message = (cause.getMessage() != null) ? cause.getMessage() : "";
		if (message.contains("size exceeded")) {
			return Reason.OVERLOADED;
		}
		if (isExhaustedPool(cause)) {
			return Reason.OVERLOADED;
		}
		if (cause instanceof PoolException && cause.getCause() != null) {
			return reason(cause.getCause());
		}
		if (cause instanceof RedisConnectionException && cause.getCause() instanceof RedisCommandExecutionException) {
			return RedisError.of(message + " " + cause.getCause().getMessage()).reason();
		}
		if (cause instanceof RedisConnectionFailureException || cause instanceof RedisConnectionException
				|| cause instanceof java.io.IOException || message.contains("not connected")
				|| message.contains("Master is currently unknown") || message.contains("closed")
				|| message.contains("disconnected") || message.contains("connection was lost")) {
			return Reason.DISCONNECTED;
		}
		return Reason.FAILED;
	}

	/** Returns whether Commons Pool reports that no connection became free in time. */
	private static boolean isExhaustedPool(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof PoolException && cause.getCause() instanceof NoSuchElementException) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether the other side closed a connection, or sent data that is not
	 * Redis's protocol.
	 * @param failure the failure of the client
	 * @return whether the failure is one of these
	 */
	public static boolean isClosed(Throwable failure) {
		String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
		return message.contains("closed") || message.contains("connection reset")
				|| message.contains("invalid first byte");
	}

	/** Returns whether this failure is an error that Redis itself has returned. */
	static boolean isAnswer(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof RedisCommandExecutionException) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether a cluster node has not executed a command because its slot is being
	 * moved, so that it can be sent again: {@code TRYAGAIN} if some of its keys have been
	 * moved and others haven't, or don't exist; the other errors if the nodes don't yet
	 * agree which of them serves the slot, or none does. (Errors raised in a script don't
	 * begin with these codes.)
	 */
	static boolean isMoving(Throwable failure) {
		return failure instanceof RedisCommandExecutionException && failure.getMessage() != null
				&& MOVING.stream().anyMatch(failure.getMessage()::startsWith);
	}

	/**
	 * Returns whether a cluster node knows no node that serves the slot. This can last
	 * for a moment while the slot is being moved, or until an operator assigns it.
	 */
	static boolean isUnserved(Throwable failure) {
		return startsWith(failure, UNSERVED);
	}

	/** Returns whether a replica refused the command because it has lost its primary. */
	static boolean isMasterDown(Throwable failure) {
		return startsWith(failure, "MASTERDOWN");
	}

	private static boolean startsWith(Throwable failure, String code) {
		return failure instanceof RedisCommandExecutionException && failure.getMessage() != null
				&& failure.getMessage().startsWith(code);
	}

	static boolean isNoScript(Throwable failure) {
		return startsWith(failure, "NOSCRIPT");
	}

}
