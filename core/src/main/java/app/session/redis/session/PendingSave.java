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
 * The data that a save writes.
 *
 * @param changes the changes to the attributes
 * @param values the attributes that are written
 * @param creation the session, if it is new
 * @param change the changes to the session, if it is not new
 * @param entries the index entries, if they may have changed
 * @param secret the secret of the session's id
 * @param interval its idle timeout
 * @param lastAccess its last access
 * @param digest the digest of its id
 * @param seal its seal
 * @param sealField the field of the seal; null if the session is not sealed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PendingSave(AttributeChanges changes, Map<String, SealedValue> values, @Nullable NewSession creation,
		@Nullable SessionChange change, @Nullable Set<IndexEntry> entries, @Nullable String secret, Duration interval,
		Instant lastAccess, byte[] digest, SessionSeal seal, byte @Nullable [] sealField) {

	/**
	 * Returns whether the session has a principal after the save, if the save resolves
	 * its index entries.
	 * @return whether the session has a principal after the save, if the save resolves
	 * its index entries
	 */
	public boolean hasPrincipal() {
		return this.entries != null && this.entries.stream()
			.anyMatch((entry) -> entry.name().equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME));
	}

}
