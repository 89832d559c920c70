package app.session.redis.session;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import app.session.redis.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * The values in which clients send ids: raw, in Base64 as Spring Session's servlet
 * cookies contain them, and with a route for load balancers behind a dot.
 */
public final class SentIdValues {

	private static final char ROUTE_SEPARATOR = '.';

	private SentIdValues() {
	}

	/**
	 * Decodes a value whose Base64 decoding has the form of an id. The encoding of an id
	 * can have this form, too, whereas the decoding of an id never does.
	 * @param value the value
	 * @return the decoded value, or the value itself if it isn't an encoded id
	 */
	public static String decode(String value) {
		if (isNotBase64(value)) {
			return value;
		}
		try {
			String decoded = new String(Base64.getDecoder().decode(value), StandardCharsets.ISO_8859_1);
			return (SessionId.parse(decoded) != null) ? decoded : value;
		}
		catch (IllegalArgumentException ex) {
			return value;
		}
	}

	/**
	 * Returns whether a value contains a character of most ids that Base64 doesn't have,
	 * because the exception for it would cost more than the rest of the request.
	 */
	private static boolean isNotBase64(String value) {
		return value.indexOf('-') >= 0 || value.indexOf('_') >= 0 || value.indexOf(ROUTE_SEPARATOR) >= 0;
	}

	/**
	 * Returns whether a value is an id that isn't encoded.
	 * @param value the value
	 * @return whether it is a raw id
	 */
	public static boolean isRaw(String value) {
		return SessionId.parse(value) != null && decode(value).equals(value);
	}

	/**
	 * Adds, after each id that ends in the route of another node, as set by
	 * {@code DefaultCookieSerializer.setJvmRoute}, the id without it. The whole id comes
	 * first, because an application's own ids may contain a dot.
	 * @param ids the ids
	 * @return the ids, with and without routes
	 */
	public static List<String> withoutRoutes(List<String> ids) {
		List<String> all = ids;
		for (int i = ids.size() - 1; i >= 0; i--) {
			int dot = ids.get(i).lastIndexOf(ROUTE_SEPARATOR);
			if (dot > 0) {
				all = (all == ids) ? new ArrayList<>(ids) : all;
				all.add(i + 1, ids.get(i).substring(0, dot));
			}
		}
		return all;
	}

	/**
	 * Returns whether an id is the previous one of the list without its route, so that
	 * the client's cookie names another node.
	 * @param previous the previous id, or null
	 * @param id the id
	 * @return whether the previous id is this one with a route
	 */
	public static boolean isRoute(@Nullable String previous, String id) {
		return previous != null && previous.startsWith(id) && previous.length() > id.length()
				&& previous.charAt(id.length()) == ROUTE_SEPARATOR;
	}

}
