package app.session.redis.session;

import java.util.List;
import java.util.concurrent.CompletionStage;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * The client of a request. Its methods are called only when their results are needed.
 */
public interface RequestClient {

	/** A client about which nothing is known. */
	RequestClient UNKNOWN = new RequestClient() {
	};

	/**
	 * Returns whether the client is considered a crawler.
	 * @return whether it is a crawler
	 */
	default boolean isBot() {
		return false;
	}

	/**
	 * Returns whether the request is passive, so that it doesn't count as an access to
	 * its session.
	 * @return whether it is passive
	 */
	default boolean isPassive() {
		return false;
	}

	/**
	 * Returns whether the request may use a copy of its session that was validated
	 * shortly before: its method is GET or HEAD, and it doesn't open a connection that
	 * outlives the request, such as a WebSocket.
	 * @return whether a copy suffices
	 */
	default boolean isSafe() {
		return false;
	}

	/**
	 * Returns the address and the user agent of the client.
	 * @return the details, as far as they are known
	 */
	default ClientDetails details() {
		return new ClientDetails(null, null);
	}

	/**
	 * Returns the session ids that the client has sent.
	 * @return the unchecked ids
	 */
	default List<String> sentIds() {
		return List.of();
	}

	/**
	 * Returns the observation of the request, of which the observations of the store's
	 * operations become children.
	 * @return the observation; null for the current one of the thread that starts an
	 * operation
	 */
	default @Nullable Observation observation() {
		return null;
	}

	/**
	 * Returns a stage that completes if the client no longer waits for the response, so
	 * that its request leaves the queue for a lock. Commands that were sent are not
	 * affected.
	 * @return the stage, or null if a disconnection isn't reported
	 */
	default @Nullable CompletionStage<?> disconnected() {
		return null;
	}

}
