package app.session.redis.autoconfigure.connection;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code app.session.redis.url}, in the forms that Lettuce's
 * {@code RedisURI} documents. Messages never contain the URL, because it may contain a
 * password.
 *
 * <p>
 * {@code RedisURI} itself is not suitable for parsing. It decodes the user info before it
 * splits it at the colon. It treats a list of hosts as a single host unless they are
 * sentinels, and a port after a host name with an underscore as a part of the name. It
 * requires the name of the primary even if a property sets it, and doesn't report whether
 * the URL names a database. It silently ignores a port that is not a number, unknown
 * parameters, and everything after a '#' in an unencoded password. Its messages quote the
 * URL.
 *
 * @param scheme the kind of URL
 * @param addresses the servers or sentinels; empty for a socket
 * @param socket the path of the socket, or null
 * @param username the username, or null
 * @param password the password, or null
 * @param database the database, or null
 * @param sentinelMaster the name of the primary, or null
 */
record RedisSessionUrl(Scheme scheme, List<HostAndPort> addresses, @Nullable String socket, @Nullable String username,
		@Nullable String password, @Nullable Integer database, @Nullable String sentinelMaster) {

	private static final String SENTINEL_MASTER = "sentinelMasterId";

	private static final String DATABASE = "database";

	static RedisSessionUrl parse(String url) {
		URI uri = toUri(url);
		Scheme scheme = Scheme.of(String.valueOf(uri.getScheme()));
		return (scheme == Scheme.SOCKET) ? socket(uri) : server(uri, scheme);
	}

	private static RedisSessionUrl server(URI uri, Scheme scheme) {
		String authority = String.valueOf(uri.getRawAuthority());
		int at = authority.lastIndexOf('@');
		List<HostAndPort> addresses = new ArrayList<>();
		for (String text : authority.substring(at + 1).split(",", -1)) {
			HostAndPort address = HostAndPort.parse(text,
					scheme.sentinel ? HostAndPort.DEFAULT_SENTINEL_PORT : HostAndPort.DEFAULT_PORT);
			if (uri.getRawAuthority() == null || address == null) {
				throw scheme.invalid("It has no valid host and port");
			}
			addresses.add(address);
		}
		Map<String, String> parameters = parameters(uri, scheme, scheme.sentinel ? SENTINEL_MASTER : "");
		String master = parameters.get(SENTINEL_MASTER);
		if (uri.getRawFragment() != null) {
			if (!scheme.sentinel || master != null) {
				throw scheme.invalid("It has a fragment, which is not supported");
			}
			master = decode(uri.getRawFragment());
		}
		Credentials credentials = Credentials.of((at != -1) ? authority.substring(0, at) : "");
		String path = uri.getRawPath();
		Integer database = (path == null || path.isEmpty() || path.equals("/")) ? null
				: database(path.substring(1), scheme);
		return new RedisSessionUrl(scheme, addresses, null, credentials.username(), credentials.password(), database,
				master);
	}

	private static RedisSessionUrl socket(URI uri) {
		String authority = (uri.getRawAuthority() != null) ? uri.getRawAuthority() : "";
		if ((!authority.isEmpty() && !authority.endsWith("@")) || uri.getPath() == null || uri.getPath().length() < 2) {
			throw Scheme.SOCKET.invalid("It has no absolute path");
		}
		if (uri.getRawFragment() != null) {
			throw Scheme.SOCKET.invalid("It has a fragment, which is not supported");
		}
		Credentials credentials = Credentials
			.of(authority.isEmpty() ? "" : authority.substring(0, authority.length() - 1));
		String database = parameters(uri, Scheme.SOCKET, DATABASE).get(DATABASE);
		return new RedisSessionUrl(Scheme.SOCKET, List.of(), uri.getPath(), credentials.username(),
				credentials.password(), (database != null) ? database(database, Scheme.SOCKET) : null, null);
	}

	private static URI toUri(String url) {
		try {
			return new URI(url.strip());
		}
		catch (URISyntaxException ex) {
			// Without the cause, whose message contains the URL
			throw Scheme.REDIS.invalid("It contains characters that must be percent-encoded in a URL");
		}
	}

	private static Map<String, String> parameters(URI uri, Scheme scheme, String known) {
		Map<String, String> parameters = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		if (uri.getRawQuery() != null) {
			for (String parameter : uri.getRawQuery().split("&", -1)) {
				int equals = parameter.indexOf('=');
				if (equals == -1 || !parameter.substring(0, equals).equalsIgnoreCase(known)
						|| equals == parameter.length() - 1) {
					throw scheme.invalid("It has query parameters that are not supported. Timeouts and similar "
							+ "settings are properties");
				}
				parameters.put(known, decode(parameter.substring(equals + 1)));
			}
		}
		return parameters;
	}

	private static String decode(String text) {
		return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
	}

	private static Integer database(String text, Scheme scheme) {
		if (!text.matches("\\d{1,9}")) {
			throw scheme.invalid("Its database is not a number");
		}
		return Integer.valueOf(text);
	}

	/**
	 * The kinds of URLs.
	 */
	enum Scheme {

		REDIS("redis", false, false, "redis://[[username:]password@]host[:port][/database]"),

		REDISS("rediss", false, true, "rediss://[[username:]password@]host[:port][/database]"),

		SENTINEL("redis-sentinel", true, false,
				"redis-sentinel://[[username:]password@]host[:port][,host[:port]]...[/database][?sentinelMasterId=name]"),

		SENTINELS("rediss-sentinel", true, true,
				"rediss-sentinel://[[username:]password@]host[:port][,host[:port]]...[/database][?sentinelMasterId=name]"),

		SOCKET("redis-socket", false, false, "redis-socket://[[username:]password@]/path[?database=number]");

		private final String text;

		private final boolean sentinel;

		private final boolean ssl;

		private final String form;

		Scheme(String text, boolean sentinel, boolean ssl, String form) {
			this.text = text;
			this.sentinel = sentinel;
			this.ssl = ssl;
			this.form = form;
		}

		private static Scheme of(String text) {
			for (Scheme scheme : values()) {
				if (scheme.text.equals(text.toLowerCase(Locale.ROOT))) {
					return scheme;
				}
			}
			throw REDIS.invalid("Its scheme must be 'redis', 'rediss' (encrypted), 'redis-sentinel', "
					+ "'rediss-sentinel' or 'redis-socket'");
		}

		boolean isSentinel() {
			return this.sentinel;
		}

		boolean isSsl() {
			return this.ssl;
		}

		private RedisSessionConfigurationException invalid(String reason) {
			return new RedisSessionConfigurationException(
					"The property 'app.session.redis.url' is not valid. " + reason + ".",
					"Use the form " + this.form + ". Percent-encode characters of the password that are "
							+ "reserved in a URL, or set it as 'app.session.redis.password'.");
		}

		@Override
		public String toString() {
			return this.text;
		}

	}

	private record Credentials(@Nullable String username, @Nullable String password) {

		static Credentials of(String userInfo) {
			int colon = userInfo.indexOf(':');
			return new Credentials(decoded(userInfo.substring(0, Math.max(colon, 0))),
					decoded(userInfo.substring(colon + 1)));
		}

		private static @Nullable String decoded(String text) {
			return text.isEmpty() ? null : decode(text);
		}

	}

}
