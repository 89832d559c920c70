package app.session.redis.session;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.index.SessionIndexes;
import app.session.redis.settings.IdSettings;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Determines what is still written of a save after another request has changed the id of
 * the session: its attributes, if the session has belonged to the same principal all the
 * time, but never the attributes that identify the principal, the id or the lifetime.
 * {@code save.lua} checks the rest: that the request was loaded under the immediately
 * previous id, that the change is recent, and that neither the principal nor its
 * attributes were written since the change, because that forgets the previous id. An
 * anonymous session has no such period: an attacker could have its id and a slow request
 * when the victim logs in.
 */
public final class LateSaves {

	private static final Log logger = LogFactory.getLog(LateSaves.class);

	private final SessionIndexes indexes;

	private final IdSettings ids;

	private final SessionSeals seals;

	LateSaves(SessionIndexes indexes, IdSettings ids, SessionSeals seals) {
		this.indexes = indexes;
		this.ids = ids;
		this.seals = seals;
	}

	/**
	 * Returns whether a part of a refused save may be accepted.
	 * @param session the session
	 * @return false if none will be
	 */
	public boolean mayBeAccepted(StoredSession session) {
		synchronized (session) {
			SessionContent read = session.attributes.read();
			return !this.ids.overlap().isZero() && session.redis.loadedDigest != null && read != null
					&& !principals(read).isEmpty();
		}
	}

	/**
	 * Returns the change that writes the accepted part of a refused save.
	 * @param session the session
	 * @param save the save
	 * @param present the session as it is now
	 * @return the change, or null if nothing of the save is accepted
	 */
	public @Nullable SessionChange of(StoredSession session, PendingSave save, SessionRecord present) {
		synchronized (session) {
			SessionContent read = session.attributes.read();
			byte[] previousDigest = session.redis.loadedDigest;
			AttributeChanges changes = save.changes().without(this::identifiesPrincipal);
			if (read == null || previousDigest == null || changes.isEmpty()
					|| !hasSamePrincipal(session, read, save, present)) {
				return null;
			}
			SessionChange change = new SessionChange(session.handle, present.header().digest());
			change.expectPreviousId(previousDigest);
			index(change, save, present);
			if (this.seals.hasKeys()) {
				change.expectSeal(present.sealField());
			}
			changes.sealWritten(session.attributes, present.seal())
				.forEach((name, value) -> change.write(name, value.sealed()));
			changes.removed().forEach(change::remove);
			return change;
		}
	}

	/**
	 * Updates a session after a part of a save was accepted. Undoes changes of the id and
	 * the lifetime.
	 * @param session the session
	 * @param save the save
	 */
	public void saved(StoredSession session, PendingSave save) {
		synchronized (session) {
			session.attributes.savedLate(save.changes());
			session.secret = session.redis.secret;
			session.maxInactiveInterval = session.redis.interval;
			session.accessed = false;
			session.maskIds();
		}
	}

	/** Replaces the entries of the indexes that the save changes. */
	private void index(SessionChange change, PendingSave save, SessionRecord present) {
		if (save.change() == null || save.entries() == null) {
			return;
		}
		Set<String> changed = new LinkedHashSet<>(save.change().indexes());
		changed.removeIf(this.indexes::isOfPrincipal);
		if (!changed.isEmpty()) {
			change.index(changed, PendingSaves.only(save.entries(), changed), present.header().lastingIdleTimeout());
		}
	}

	private boolean identifiesPrincipal(String attribute) {
		return PRINCIPAL_NAME_INDEX_NAME.equals(this.indexes.index(attribute));
	}

	/**
	 * Returns whether the session had the present principal when it was read, and the
	 * save leaves it. Index entries are not authenticated, so the attributes that
	 * determine the principal are compared as well.
	 */
	private boolean hasSamePrincipal(StoredSession session, SessionContent read, PendingSave save,
			SessionRecord present) {
		Set<IndexEntry> principals = principals(read);
		if (principals.isEmpty() || !principals.equals(principals(present.content()))
				|| (save.entries() != null && !principals.equals(PendingSaves.principals(save.entries())))) {
			return false;
		}
		try {
			Map<String, byte[]> before = identifying(session, read);
			Map<String, byte[]> now = identifying(session, present.content());
			return before.keySet().equals(now.keySet()) && before.entrySet()
				.stream()
				.allMatch((entry) -> Arrays.equals(entry.getValue(), now.get(entry.getKey())));
		}
		catch (UnreadableValueException ex) {
			logger.debug("The changes of a request are not saved because its principal can't be read", ex);
			return false;
		}
	}

	/** Returns the serialized attributes that determine the principal. */
	private Map<String, byte[]> identifying(StoredSession session, SessionContent content) {
		Map<String, byte[]> identifying = new HashMap<>();
		content.forEachAttribute((name, stored) -> {
			if (identifiesPrincipal(name)) {
				identifying.put(name, session.attributes.values().open(content.seal(), name, stored));
			}
		});
		return identifying;
	}

	private static Set<IndexEntry> principals(SessionContent content) {
		return PendingSaves.principals(content.entries());
	}

}
