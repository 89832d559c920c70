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
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionReplies;
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
 * @param values the values, as they are stored, of those attributes that were asked for
 * @param seal what reads those values; broken when the session is not authentic
 */
public record SessionDescription(String handle, Instant created, Duration idle, Duration idleTimeout,
		@Nullable Duration expiresIn, @Nullable Instant deadline, @Nullable Duration timeToLive,
		Set<IndexEntry> indexEntries, Map<String, Long> attributes, Map<String, byte[]> values, SessionSeal seal) {

	/**
	 * The size of all attributes as they are stored.
	 * @return bytes
	 */
	public long bytes() {
		return this.attributes.values().stream().mapToLong(Long::longValue).sum();
	}

	/**
	 * Reads one session from the answer of {@code describe.lua}.
	 * @param first where it begins
	 * @param count how many items it has
	 * @param wanted the attributes that were asked for, after the field of the seal
	 * @param seals verifies the session
	 * @throws SessionStoreUnavailableException with {@link Reason#DAMAGED} if it isn't a
	 * session that this library has written
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
			attributes.put(SessionRecord.attribute(reply.bytes(field)), reply.integer(field + 1));
		}
		boolean endless = HintCalls.isEndless(header.idleTimeout()) && header.deadline() == null;
		long timeToLive = reply.integer(first + 4);
		return new SessionDescription(handle, header.created(), Duration.ofMillis(reply.integer(first + 2)),
				header.idleTimeout(), endless ? null : Duration.ofMillis(reply.integer(first + 3)), header.deadline(),
				(timeToLive >= 0) ? Duration.ofMillis(timeToLive) : null, IndexEntry.decode(entries), attributes,
				values, seal);
	}

}
