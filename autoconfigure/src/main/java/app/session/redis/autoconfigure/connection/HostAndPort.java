package app.session.redis.autoconfigure.connection;

import org.jspecify.annotations.Nullable;

/**
 * A server's address.
 *
 * @param host the host name or address, without brackets
 * @param port the port
 */
public record HostAndPort(String host, int port) {

	static final int DEFAULT_PORT = 6379;

	static final int DEFAULT_SENTINEL_PORT = 26379;

	/**
	 * Parse {@code host}, {@code host:port}, {@code [address]} or {@code [address]:port}.
	 * @param text the text
	 * @param defaultPort the port where the text has none
	 * @return the address, or {@code null} if the text is none
	 */
	static @Nullable HostAndPort parse(String text, int defaultPort) {
		String host = text;
		String port = "";
		if (text.startsWith("[")) {
			int end = text.indexOf(']');
			if (end == -1) {
				return null;
			}
			host = text.substring(1, end);
			String rest = text.substring(end + 1);
			if (!rest.isEmpty() && !rest.startsWith(":")) {
				return null;
			}
			port = rest.isEmpty() ? "" : rest.substring(1);
			if (port.isEmpty() != rest.isEmpty()) {
				return null;
			}
		}
		else if (text.indexOf(':') != -1) {
			host = text.substring(0, text.indexOf(':'));
			port = text.substring(text.indexOf(':') + 1);
			if (port.isEmpty()) {
				return null;
			}
		}
		if (host.isBlank()) {
			return null;
		}
		if (port.isEmpty()) {
			return new HostAndPort(host, defaultPort);
		}
		return port.matches("\\d{1,5}") && isPort(Integer.parseInt(port))
				? new HostAndPort(host, Integer.parseInt(port)) : null;
	}

	static boolean isPort(int port) {
		return port >= 1 && port <= 65535;
	}

	@Override
	public String toString() {
		return ((this.host.indexOf(':') != -1) ? "[" + this.host + "]" : this.host) + ":" + this.port;
	}

}
