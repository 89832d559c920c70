package app.session.redis.store;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What there is to know of a session without reading its attributes.
 *
 * @param handle its name in Redis, in logs and in answers; no cookie
 * @param created when it was created
 * @param idle how long ago it was last accessed
 * @param idleTimeout how long it lives without an access; zero or less: for ever
 * @param expiresIn how soon it expires if it isn't accessed; null: never
 * @param deadline when it ends however active it is; null: never
 * @param timeToLive how soon Redis drops it; null: never
 * @param indexEntries under what it can be found, as it is stored: digests where values
 * are encrypted
 * @param attributes the size of each attribute as it is stored, in bytes
 */
public record SessionDescription(String handle, Instant created, Duration idle, Duration idleTimeout,
		@Nullable Duration expiresIn, @Nullable Instant deadline, @Nullable Duration timeToLive,
		Set<IndexEntry> indexEntries, Map<String, Long> attributes) {

	/**
	 * The size of all attributes as they are stored.
	 * @return bytes
	 */
	public long bytes() {
		return this.attributes.values().stream().mapToLong(Long::longValue).sum();
	}

	static @Nullable SessionDescription of(String handle, @Nullable Reply reply) {
		if (reply == null) {
			return null;
		}
		SessionHeader header = SessionHeader.decode(reply.bytes(0));
		Map<String, Long> attributes = new LinkedHashMap<>();
		for (int i = 5; i < reply.size(); i += 2) {
			attributes.put(SessionRecord.attribute(reply.bytes(i)), reply.integer(i + 1));
		}
		boolean endless = Hints.isEndless(header.idleTimeout()) && header.deadline() == null;
		long timeToLive = reply.integer(4);
		return new SessionDescription(handle, header.created(), Duration.ofMillis(reply.integer(2)),
				header.idleTimeout(), endless ? null : Duration.ofMillis(reply.integer(3)), header.deadline(),
				(timeToLive >= 0) ? Duration.ofMillis(timeToLive) : null, IndexEntry.decode(reply.bytes(1)),
				attributes);
	}

}
