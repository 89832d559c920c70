package app.session.redis.autoconfigure.connection;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.lettuce.core.RedisURI;
import org.jspecify.annotations.Nullable;

/**
 * A server's address.
 *
 * @param host the host name or address, without brackets
 * @param port the port
 */
public record HostAndPort(String host, int port) {

	static final int DEFAULT_PORT = RedisURI.DEFAULT_REDIS_PORT;

	static final int DEFAULT_SENTINEL_PORT = RedisURI.DEFAULT_SENTINEL_PORT;

	private static final Pattern FORM = Pattern.compile("(?:\\[([^]]*)]|([^\\[:][^:]*))(?::(\\d{1,5}))?");

	/**
	 * Parses {@code host}, {@code host:port}, {@code [address]} or
	 * {@code [address]:port}.
	 * @param text the text
	 * @param defaultPort the port if the text has none
	 * @return the address, or {@code null} if the text is invalid
	 */
	static @Nullable HostAndPort parse(String text, int defaultPort) {
		Matcher matcher = FORM.matcher(text);
		if (!matcher.matches()) {
			return null;
		}
		String host = (matcher.group(1) != null) ? matcher.group(1) : matcher.group(2);
		int port = (matcher.group(3) != null) ? Integer.parseInt(matcher.group(3)) : defaultPort;
		return (!host.isBlank() && isPort(port)) ? new HostAndPort(host, port) : null;
	}

	static boolean isPort(int port) {
		return port >= 1 && port <= 65535;
	}

	@Override
	public String toString() {
		return ((this.host.indexOf(':') != -1) ? "[" + this.host + "]" : this.host) + ":" + this.port;
	}

}
