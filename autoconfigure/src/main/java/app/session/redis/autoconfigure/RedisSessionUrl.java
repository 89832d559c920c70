package app.session.redis.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * What {@code app.session.redis.url} says. Messages never hold the URL, because it may
 * hold a password.
 *
 * @param address the server's address
 * @param username the username, if there is one
 * @param password the password, if there is one
 * @param database the database, if there is one
 * @param ssl whether the scheme is {@code rediss}
 */
record RedisSessionUrl(HostAndPort address, @Nullable String username, @Nullable String password,
		@Nullable Integer database, boolean ssl) {

	private static final String FORM = "Use the form redis://[[username:]password@]host[:port][/database], "
			+ "or rediss:// for an encrypted connection. "
			+ "Percent-encode characters of the password that have a meaning in a URL, or set it as 'app.session.redis.password'.";

	static RedisSessionUrl parse(String url) {
		URI uri = toUri(url);
		String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
		if (!scheme.equals("redis") && !scheme.equals("rediss")) {
			throw unsupportedScheme(scheme);
		}
		if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
			throw invalid("It has a query or a fragment, which mean nothing here");
		}
		String authority = String.valueOf(uri.getRawAuthority());
		int at = authority.lastIndexOf('@');
		HostAndPort address = HostAndPort.parse(authority.substring(at + 1));
		if (uri.getRawAuthority() == null || address == null) {
			throw invalid("It has no valid host and port");
		}
		String userInfo = (at != -1) ? authority.substring(0, at) : "";
		int colon = userInfo.indexOf(':');
		return new RedisSessionUrl(address, decode(userInfo.substring(0, Math.max(colon, 0))),
				decode(userInfo.substring(colon + 1)), database(uri.getRawPath()), scheme.equals("rediss"));
	}

	private static URI toUri(String url) {
		try {
			return new URI(url.strip());
		}
		catch (URISyntaxException ex) {
			// without the cause, whose message holds the URL
			throw invalid("It has characters that a URL can't hold as they are");
		}
	}

	private static @Nullable String decode(String text) {
		return text.isEmpty() ? null : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
	}

	private static @Nullable Integer database(@Nullable String path) {
		if (path == null || path.isEmpty() || path.equals("/")) {
			return null;
		}
		if (!path.matches("/\\d{1,9}")) {
			throw invalid("Its path is not the number of a database");
		}
		return Integer.valueOf(path.substring(1));
	}

	private static RedisSessionConfigurationException unsupportedScheme(String scheme) {
		if (scheme.equals("redis-sentinel") || scheme.equals("redis-socket")) {
			return new RedisSessionConfigurationException(
					"The scheme '" + scheme + "' of the property 'app.session.redis.url' is not supported yet: "
							+ "Sentinel and Unix domain sockets come with a later version.",
					"Until then, declare a LettuceConnectionFactory bean qualified with @SpringSessionRedisConnectionFactory.");
		}
		return new RedisSessionConfigurationException(
				"The property 'app.session.redis.url' is not valid. " + "Its scheme is neither 'redis' nor 'rediss'.",
				FORM);
	}

	private static RedisSessionConfigurationException invalid(String reason) {
		return new RedisSessionConfigurationException(
				"The property 'app.session.redis.url' is not valid. " + reason + ".", FORM);
	}

}
