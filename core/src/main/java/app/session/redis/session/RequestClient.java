package app.session.redis.session;

import java.util.List;

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

}
