package app.session.redis.session;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Who a session was created for, as far as a request tells: two attributes of the
 * session, for those who look after sessions and for pages like "your devices".
 * Applications may set the attributes themselves, at log-in for example.
 *
 * @param address the client's address
 * @param userAgent what the client says it is
 */
public record ClientDetails(@Nullable String address, @Nullable String userAgent) {

	/** The attribute with the address. */
	public static final String ADDRESS_ATTRIBUTE = "app.session.redis.client-address";

	/** The attribute with the user agent. */
	public static final String USER_AGENT_ATTRIBUTE = "app.session.redis.user-agent";

	/** Real ones are shorter, and what is longer is not to fill Redis. */
	private static final int MAX_LENGTH = 256;

	/**
	 * What a request says of its client, with a user agent of bounded length.
	 * @param address the client's address, or null
	 * @param userAgent the {@code User-Agent} header, or null
	 * @return the details
	 */
	public static ClientDetails of(@Nullable String address, @Nullable String userAgent) {
		return new ClientDetails(address, shortened(userAgent));
	}

	/**
	 * The attributes of a session that tell it.
	 * @return values by name, of what is known
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
