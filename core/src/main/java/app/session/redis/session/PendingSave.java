package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

import app.session.redis.codec.SessionSeal;
import app.session.redis.session.AttributeChanges.SealedValue;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionChange;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * What a save writes.
 *
 * @param changes what has changed of the attributes
 * @param values the attributes that are written
 * @param creation the session, when it is new
 * @param change what has changed of it, when it is not
 * @param entries its index entries, when they may have changed
 * @param secret the secret of its id
 * @param interval its idle timeout
 * @param lastAccess its last access
 * @param digest the digest of its id
 * @param seal its seal
 * @param sealField the field of the seal; null when the session is not sealed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PendingSave(AttributeChanges changes, Map<String, SealedValue> values, @Nullable NewSession creation,
		@Nullable SessionChange change, @Nullable Set<IndexEntry> entries, @Nullable String secret, Duration interval,
		Instant lastAccess, byte[] digest, SessionSeal seal, byte @Nullable [] sealField) {

	/** Whether the save logs somebody in, or keeps somebody logged in. */
	public boolean hasPrincipal() {
		return this.entries != null && this.entries.stream()
			.anyMatch((entry) -> entry.name().equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME));
	}

}
