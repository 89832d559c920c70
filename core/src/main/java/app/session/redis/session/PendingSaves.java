package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.session.AttributeChanges.SealedValue;
import app.session.redis.settings.IdSettings;
import app.session.redis.settings.Lifetimes;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Determines the data that a save of a session has to write. In doing so, it calls
 * application code (index resolvers and serializers) while it holds the session's
 * monitor.
 */
public final class PendingSaves {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private final SessionIndexes indexes;

	private final Lifetimes lifetimes;

	private final IdSettings ids;

	private final SessionSeals seals;

	/**
	 * Creates the object.
	 * @param indexes resolves index entries
	 * @param lifetimes the timeouts
	 * @param ids the options of session ids
	 * @param seals creates seals
	 */
	public PendingSaves(SessionIndexes indexes, Lifetimes lifetimes, IdSettings ids, SessionSeals seals) {
		this.indexes = indexes;
		this.lifetimes = lifetimes;
		this.ids = ids;
		this.seals = seals;
	}

	/**
	 * Returns what is still written after another request has changed the id.
	 * @return the late saves
	 */
	public LateSaves late() {
		return new LateSaves(this.indexes, this.ids, this.seals);
	}

	/**
	 * Returns a consistent snapshot of the data that a save has to write.
	 * @param session the session
	 * @param inPlace whether to detect objects that were changed in place
	 * @param leaveOut whether to leave out values because of which the request has
	 * already failed
	 * @return the save, or null if there is nothing to write
	 * @throws IllegalArgumentException if the value of an attribute can't be stored
	 */
	public @Nullable PendingSave of(StoredSession session, boolean inPlace, boolean leaveOut) {
		synchronized (session) {
			session.indexesRefused = false;
			AttributeChanges changes = AttributeChanges.of(session.attributes, inPlace, leaveOut);
			boolean stored = session.redis.present;
			boolean changed = !changes.isEmpty() || session.isChanged();
			Set<IndexEntry> entries = null;
			if (!stored || (!changes.isEmpty() && changes.names().anyMatch(this.indexes::dependOn))
					|| (changed && (areOutdated(session) || this.indexes.mayBeMissingIn(session.redis.entries())))) {
				entries = resolve(session, changes, leaveOut);
				if (session.attributes.hasUnknown(this.indexes::isIndexed)) {
					keepUnresolved(session, entries);
				}
			}
			if (!stored) {
				return create(session, changes, (entries != null) ? entries : Set.of());
			}
			return changed ? change(session, changes, entries) : null;
		}
	}

	/**
	 * Resolves the index entries. If the application's resolver throws an exception, the
	 * indexed attributes are refused, because a session must always be found by its
	 * principal.
	 */
	private Set<IndexEntry> resolve(StoredSession session, AttributeChanges changes, boolean leaveOut) {
		try {
			return this.indexes
				.requireWithinLimit(leaveOut ? session.attributes.withoutLeftOut(() -> this.indexes.resolve(session))
						: this.indexes.resolve(session));
		}
		catch (RuntimeException ex) {
			if (leaveOut && session.indexesLeftOut) {
				return new LinkedHashSet<>(session.redis.entries());
			}
			session.indexesRefused = true;
			changes.refuse(this.indexes::isIndexed);
			throw ex;
		}
	}

	/**
	 * Returns whether the index entries of the session have another form than the one
	 * that is written, for example after encryption was enabled. The next save of any
	 * change moves them.
	 */
	private boolean areOutdated(StoredSession session) {
		return this.indexes.values().mayDiffer() && !this.indexes.values().areCurrent(session.redis.entries());
	}

	/** Keeps the entries of attributes that this node can't read. */
	private void keepUnresolved(StoredSession session, Set<IndexEntry> entries) {
		Set<String> resolved = entries.stream().map(IndexEntry::name).collect(Collectors.toSet());
		session.redis.entries()
			.stream()
			.filter((entry) -> !resolved.contains(entry.name()))
			// This application didn't write a plain-text entry of a sealed session
			.filter((entry) -> !session.redis.seal.isSealed() || this.indexes.values().areCurrent(Set.of(entry))
					|| IndexValues.original(entry) == null)
			.map(this.indexes.values()::renew)
			.forEach(entries::add);
	}

	private PendingSave create(StoredSession session, AttributeChanges changes, Set<IndexEntry> entries) {
		StoredState redis = session.redis;
		String secret = requireSecret(session);
		Duration interval = session.maxInactiveInterval;
		Duration first = this.lifetimes.first(session.bot, interval);
		Duration absolute = this.lifetimes.absolute();
		// The seal authenticates the deadline, so the script can't compute it
		Instant deadline = (redis.seal.isSealed() && !absolute.isZero())
				? session.rules.now().plus(absolute).truncatedTo(ChronoUnit.MILLIS) : null;
		SessionHeader header = new SessionHeader(SessionHeader.digest(secret), session.creationTime,
				(first != null) ? first : interval, this.lifetimes.grace(), deadline,
				(first != null) ? interval : null);
		NewSession creation = new NewSession(session.handle, header, absolute, entries,
				this.ids.protect() ? null : secret);
		Map<String, SealedValue> values = changes.seal(session.attributes, redis.seal);
		values.forEach((name, value) -> creation.write(name, value.sealed()));
		byte[] field = redis.seal.isSealed() ? this.seals.field(redis.seal, header.proven()) : null;
		if (field != null) {
			creation.seal(field);
		}
		redis.deadline = deadline;
		redis.firstTimeout = first;
		redis.end = absolute.isZero() ? null : session.rules.now().plus(absolute);
		return new PendingSave(changes, values, creation, null, entries, secret, interval, session.lastAccessedTime,
				header.digest(), redis.seal, field);
	}

	private static String requireSecret(StoredSession session) {
		if (session.secret == null) {
			throw new IllegalStateException("The id of session " + session.handle + " is not known on this node");
		}
		return session.secret;
	}

	private PendingSave change(StoredSession session, AttributeChanges changes, @Nullable Set<IndexEntry> entries) {
		StoredState redis = session.redis;
		SessionChange change = new SessionChange(session.handle, redis.loadedDigest);
		change.basedOn(session.attributes.read());
		boolean idChanged = session.isIdChanged();
		byte[] digest = redis.digest;
		Set<String> changedIndexes = (entries != null) ? changedIndexes(redis, changes, entries) : Set.of();
		boolean samePrincipal = !changedIndexes.contains(PRINCIPAL_NAME_INDEX_NAME);
		if (idChanged) {
			String secret = requireSecret(session);
			digest = SessionHeader.digest(secret);
			boolean overlaps = samePrincipal && !principals(redis.entries()).isEmpty();
			change.changeId(digest, this.ids.protect() ? null : secret, overlaps ? this.ids.overlap() : Duration.ZERO);
		}
		else if (!samePrincipal) {
			change.forgetPreviousId();
		}
		changeTimes(session, change);
		if (entries != null && !changedIndexes.isEmpty()) {
			change.index(changedIndexes, only(entries, changedIndexes), session.maxInactiveInterval);
		}
		if (this.seals.hasKeys()) {
			change.expectSeal(redis.sealField);
		}
		boolean sealAnew = redis.seal.isSealed() ? idChanged || changesPrincipal(session, changes, entries)
				: this.seals.areWritten();
		// A new epoch, so that values of the previous id or principal are rejected
		SessionSeal newSeal = sealAnew ? this.seals.renew(redis.seal) : redis.seal;
		Map<String, SealedValue> values = changes.seal(session.attributes, newSeal);
		values.forEach((name, value) -> change.write(name, value.sealed()));
		byte[] field = redis.sealField;
		if (newSeal != redis.seal) {
			change.expectAttributes(session.attributes.stored());
			field = this.seals.field(newSeal, new SessionSeals.Header(digest, session.creationTime, redis.deadline));
			change.seal(field);
		}
		changes.removed().forEach(change::remove);
		return new PendingSave(changes, values, null, change, entries, session.secret, session.maxInactiveInterval,
				session.lastAccessedTime, digest, newSeal, field);
	}

	private static void changeTimes(StoredSession session, SessionChange change) {
		StoredState redis = session.redis;
		Duration interval = session.maxInactiveInterval;
		Duration age = Duration.between(session.lastAccessedTime, session.rules.now());
		if (session.isBackdated()) {
			change.backdateAccess(age);
			if (!interval.isNegative()) {
				Duration left = interval.minus(age);
				// Zero would mean no expiry
				Duration due = left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left;
				change.changeIdleTimeout(interval, due, redis.entries());
			}
			return;
		}
		if (session.isIntervalChanged()) {
			change.changeIdleTimeout(interval, sooner(redis.interval, interval), redis.entries());
		}
		if (session.accessed || session.accessNoted) {
			change.access(age.isNegative() ? Duration.ZERO : age);
		}
	}

	/**
	 * Returns the new idle timeout if it ends the session earlier than the old one, or
	 * else null.
	 */
	private static @Nullable Duration sooner(Duration before, Duration after) {
		return (!after.isNegative() && (before.isNegative() || after.compareTo(before) < 0)) ? after : null;
	}

	/**
	 * Returns the indexes whose entries a save replaces: those whose entries have
	 * changed, and those of attributes that it writes even if their entries seem
	 * unchanged, because another request may have replaced them in the meantime.
	 */
	private Set<String> changedIndexes(StoredState redis, AttributeChanges changes, Set<IndexEntry> entries) {
		Set<String> changed = new LinkedHashSet<>();
		Set<IndexEntry> before = redis.entries();
		changes.names().flatMap(this.indexes::indexes).forEach(changed::add);
		before.stream().filter((entry) -> !entries.contains(entry)).map(IndexEntry::name).forEach(changed::add);
		entries.stream().filter((entry) -> !before.contains(entry)).map(IndexEntry::name).forEach(changed::add);
		return changed;
	}

	static Set<IndexEntry> only(Set<IndexEntry> entries, Set<String> indexes) {
		return entries.stream()
			.filter((entry) -> indexes.contains(entry.name()))
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	/**
	 * Returns whether a save changes the logged-in user or the user's authorities. The
	 * index entries in Redis are not authenticated, so comparing them is not sufficient.
	 */
	private boolean changesPrincipal(StoredSession session, AttributeChanges changes,
			@Nullable Set<IndexEntry> entries) {
		return changes.changeContent(session.attributes,
				(name) -> PRINCIPAL_NAME_INDEX_NAME.equals(this.indexes.index(name)))
				|| (entries != null && changes.names().anyMatch(this.indexes::dependOn)
						&& !principals(entries).equals(principals(session.redis.entries())));
	}

	static Set<IndexEntry> principals(Set<IndexEntry> entries) {
		return only(entries, Set.of(PRINCIPAL_NAME_INDEX_NAME));
	}

	/**
	 * Returns the principals that a save adds to a session.
	 * @param session the session
	 * @param save the save
	 * @return the index entries of the principals
	 */
	public Set<IndexEntry> gainedPrincipals(StoredSession session, PendingSave save) {
		if (save.entries() == null) {
			return Set.of();
		}
		synchronized (session) {
			return save.entries()
				.stream()
				.filter((entry) -> entry.name().equals(PRINCIPAL_NAME_INDEX_NAME)
						&& !session.redis.entries().contains(entry))
				.collect(Collectors.toSet());
		}
	}

	/**
	 * Returns the principals that a session will have after attributes are set.
	 * @param session the current session, or null if only the attributes are known
	 * @param attributes the attributes to be set
	 * @return the index entries of the principals
	 */
	public Set<IndexEntry> principals(@Nullable StoredSession session, Map<String, ?> attributes) {
		return this.indexes.principals(session, attributes);
	}

	/**
	 * Returns whether the session's own attributes confirm an index entry. A client with
	 * write access to Redis can add the session to any index, but can't change its
	 * attributes. An attribute that is authentic but can't be deserialized by this node
	 * confirms its entries.
	 * @param session the session
	 * @param indexName the index
	 * @param indexValue the value
	 * @return whether the session belongs to the index value
	 */
	public boolean confirms(StoredSession session, String indexName, String indexValue) {
		IndexEntry entry = this.indexes.values().entry(indexName, indexValue);
		synchronized (session) {
			try {
				if (this.indexes.resolve(session).contains(entry)) {
					return true;
				}
			}
			catch (UnreadableValueException ex) {
				logger.debug("An index entry is left unchanged because an attribute can't be read", ex);
			}
			return session.attributes
				.hasUndeserializable((name) -> this.indexes.indexes(name).anyMatch(entry.name()::equals));
		}
	}

	/**
	 * Returns the change that undoes a save if Redis has applied it: it requires the new
	 * id of that save, and restores the previous state of everything that the save
	 * writes.
	 * @param session the session
	 * @param save the save
	 * @return the change; null for a save that doesn't change the id
	 */
	public @Nullable SessionChange inverse(StoredSession session, PendingSave save) {
		synchronized (session) {
			if (!session.changesId(save)) {
				return null;
			}
			StoredState redis = session.redis;
			SessionChange inverse = new SessionChange(session.handle, save.digest());
			String secret = (redis.secret != null) ? redis.secret : session.eventSecret;
			inverse.changeId(redis.digest, this.ids.protect() ? null : secret, Duration.ZERO);
			restoreAttributes(inverse, save, session.attributes.stored());
			if (!save.interval().equals(redis.interval)) {
				inverse.changeIdleTimeout(redis.interval, sooner(save.interval(), redis.interval), redis.entries());
			}
			SessionChange change = save.change();
			if (change != null && !change.indexes().isEmpty()) {
				inverse.index(change.indexes(), only(redis.entries(), change.indexes()), redis.interval);
			}
			if (save.seal() != redis.seal) {
				inverse.expectSeal(save.sealField());
				if (redis.sealField != null) {
					inverse.seal(redis.sealField);
				}
				else {
					inverse.unseal();
				}
			}
			return inverse;
		}
	}

	private static void restoreAttributes(SessionChange inverse, PendingSave save, Map<String, byte[]> before) {
		Stream.concat(save.values().keySet().stream(), save.changes().removed().stream()).distinct().forEach((name) -> {
			byte[] stored = before.get(name);
			if (stored != null) {
				inverse.write(name, stored);
			}
			else {
				inverse.remove(name);
			}
		});
	}

}
