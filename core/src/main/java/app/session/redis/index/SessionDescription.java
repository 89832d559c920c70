package app.session.redis.index;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.store.HintCalls;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionReplies;
import app.session.redis.store.StoredName;
import org.jspecify.annotations.Nullable;

/**
 * The information about a session that is available without reading its attributes.
 *
 * @param handle its name in Redis, in logs and in responses; it can't be used as a cookie
 * @param created when it was created
 * @param idle the time since the last access
 * @param idleTimeout how long it lives without an access; zero or less if it never
 * expires
 * @param expiresIn the time until it expires if it isn't accessed; null if never
 * @param deadline when it ends even if it is in use; null if never
 * @param timeToLive the time until Redis removes the key; null if never
 * @param indexEntries its index entries as they are stored: digests if values are
 * encrypted
 * @param attributes the size of each attribute as it is stored, in bytes
 * @param values the stored values of the requested attributes
 * @param seal decodes these values; broken if the session is not authentic
 */
public record SessionDescription(String handle, Instant created, Duration idle, Duration idleTimeout,
		@Nullable Duration expiresIn, @Nullable Instant deadline, @Nullable Duration timeToLive,
		Set<IndexEntry> indexEntries, Map<String, Long> attributes, Map<String, byte[]> values, SessionSeal seal) {

	/**
	 * Returns the size of all attributes as they are stored.
	 * @return the number of bytes
	 */
	public long bytes() {
		return this.attributes.values().stream().mapToLong(Long::longValue).sum();
	}

	/**
	 * Reads one session from the reply of {@code describe.lua}.
	 * @param first the position of its first item
	 * @param count the number of its items
	 * @param wanted the requested attributes, which follow the field of the seal
	 * @param seals verifies the session
	 * @throws SessionStoreUnavailableException with {@link Reason#DAMAGED} if the items
	 * aren't a session that this library has written
	 */
	static SessionDescription of(String handle, Reply reply, int first, int count, List<String> wanted,
			SessionSeals seals) {
		byte[] encoded = reply.bytes(first);
		byte[] entries = reply.bytes(first + 1);
		if (!SessionHeader.isComplete(encoded, entries)) {
			throw SessionReplies.damaged();
		}
		SessionHeader header = SessionHeader.decode(encoded);
		int field = first + 5;
		SessionSeal seal = seals.verify(handle, header.proven(), reply.isBytes(field) ? reply.bytes(field) : null);
		field++;
		Map<String, byte[]> values = new LinkedHashMap<>();
		for (String attribute : wanted) {
			if (reply.isBytes(field)) {
				values.put(attribute, reply.bytes(field));
			}
			field++;
		}
		Map<String, Long> attributes = new LinkedHashMap<>();
		for (; field < first + count; field += 2) {
			attributes.put(StoredName.attribute(reply.bytes(field)), reply.integer(field + 1));
		}
		boolean endless = HintCalls.isEndless(header.idleTimeout()) && header.deadline() == null;
		long timeToLive = reply.integer(first + 4);
		return new SessionDescription(handle, header.created(), Duration.ofMillis(reply.integer(first + 2)),
				header.idleTimeout(), endless ? null : Duration.ofMillis(reply.integer(first + 3)), header.deadline(),
				(timeToLive >= 0) ? Duration.ofMillis(timeToLive) : null, IndexEntry.decode(entries), attributes,
				values, seal);
	}

}
