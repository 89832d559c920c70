package app.session.redis.session;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The client for which a session was created, as described by its request. Recorded in
 * two attributes of the session, for operators and for pages like "your devices".
 * Applications can set these attributes themselves, for example at log-in.
 *
 * @param address the client's address
 * @param userAgent the client's user agent
 */
public record ClientDetails(@Nullable String address, @Nullable String userAgent) {

	/** The attribute with the address. */
	public static final String ADDRESS_ATTRIBUTE = "app.session.redis.client-address";

	/** The attribute with the user agent. */
	public static final String USER_AGENT_ATTRIBUTE = "app.session.redis.user-agent";

	/** Limits the memory in Redis for overlong user agents; real ones are shorter. */
	private static final int MAX_LENGTH = 256;

	/**
	 * Returns the details of a request's client, with a user agent of at most 256
	 * characters.
	 * @param address the client's address, or null
	 * @param userAgent the {@code User-Agent} header, or null
	 * @return the details
	 */
	public static ClientDetails of(@Nullable String address, @Nullable String userAgent) {
		return new ClientDetails(address, shortened(userAgent));
	}

	/**
	 * Returns the details as attributes of a session.
	 * @return the values by name, without unknown ones
	 */
	public Map<String, String> attributes() {
		Map<String, String> attributes = new LinkedHashMap<>();
		if (this.address != null) {
			attributes.put(ADDRESS_ATTRIBUTE, this.address);
		}
		if (this.userAgent != null) {
			attributes.put(USER_AGENT_ATTRIBUTE, this.userAgent);
		}
		return attributes;
	}

	private static @Nullable String shortened(@Nullable String text) {
		return (text != null && text.length() > MAX_LENGTH) ? text.substring(0, MAX_LENGTH) : text;
	}

}
