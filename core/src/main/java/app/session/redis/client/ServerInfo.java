package app.session.redis.client;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The reply of one server to {@code INFO} or {@code CLUSTER INFO}.
 */
public final class ServerInfo {

	private final Map<String, String> values;

	private ServerInfo(Map<String, String> values) {
		this.values = values;
	}

	/**
	 * Parses a reply with one {@code name:value} per line. Other lines, such as the
	 * headings of sections, are ignored.
	 * @param reply the reply
	 * @return the info
	 */
	public static ServerInfo parse(String reply) {
		Map<String, String> values = new HashMap<>();
		reply.lines().forEach((line) -> {
			int colon = line.indexOf(':');
			if (colon > 0) {
				values.put(line.substring(0, colon), line.substring(colon + 1).strip());
			}
		});
		return new ServerInfo(values);
	}

	/** Converts a reply that Spring Data Redis has parsed. */
	static ServerInfo of(Map<?, ?> parsed) {
		Map<String, String> values = new HashMap<>();
		parsed.forEach((name, value) -> values.put(name.toString(), value.toString().strip()));
		return new ServerInfo(values);
	}

	/** Returns a copy of this info with an additional value. */
	ServerInfo with(String name, String value) {
		Map<String, String> added = new HashMap<>(this.values);
		added.put(name, value);
		return new ServerInfo(added);
	}

	/**
	 * Returns a value.
	 * @param name its name
	 * @return the value, or null if the server doesn't report it
	 */
	public @Nullable String get(String name) {
		return this.values.get(name);
	}

	/**
	 * Returns a value.
	 * @param name its name
	 * @param absent the result if the server doesn't report it
	 * @return the value
	 */
	public String get(String name, String absent) {
		return this.values.getOrDefault(name, absent);
	}

	/**
	 * Returns a number.
	 * @param name its name
	 * @return the number; 0 if the server doesn't report it, or reports no integer
	 */
	public long number(String name) {
		try {
			return Long.parseLong(get(name, "0"));
		}
		catch (NumberFormatException ex) {
			return 0;
		}
	}

	/**
	 * Returns the version of Redis. Valkey reports the version of Redis that it is
	 * compatible with.
	 * @return the version, or null if the server doesn't report it
	 */
	public @Nullable String redisVersion() {
		return get("redis_version");
	}

	/**
	 * Returns the version of Valkey.
	 * @return the version, or null if the server isn't Valkey
	 */
	public @Nullable String valkeyVersion() {
		return get("valkey_version");
	}

}
