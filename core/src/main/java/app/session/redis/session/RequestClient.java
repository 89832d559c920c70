package app.session.redis.session;

import java.util.List;

/**
 * The client of a request. Its answers are asked for when they are needed.
 */
public interface RequestClient {

	/** A client of which nothing is known. */
	RequestClient UNKNOWN = new RequestClient() {
	};

	/**
	 * Returns whether the client is taken for a crawler.
	 * @return whether it is
	 */
	default boolean isBot() {
		return false;
	}

	/**
	 * The address and the name of the client.
	 * @return what is known of them
	 */
	default ClientDetails details() {
		return new ClientDetails(null, null);
	}

	/**
	 * The ids of sessions that the client has sent.
	 * @return the ids as they came
	 */
	default List<String> sentIds() {
		return List.of();
	}

}
