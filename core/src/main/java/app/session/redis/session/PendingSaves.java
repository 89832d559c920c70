package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.session.AttributeChanges.SealedValue;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionChange;
import app.session.redis.store.SessionHeader;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Finds out what a save of a session has to write. Application code (index resolvers and
 * serializers) runs under the monitor of the session meanwhile.
 */
public final class PendingSaves {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private final SessionIndexes indexes;

	private final SessionSettings settings;

	private final SessionSeals seals;

	/**
	 * Creates it.
	 * @param indexes resolves index entries
	 * @param settings the options
	 * @param seals makes seals
	 */
	public PendingSaves(SessionIndexes indexes, SessionSettings settings, SessionSeals seals) {
		this.indexes = indexes;
		this.settings = settings;
		this.seals = seals;
	}

	/**
	 * Returns what a save has to write, all of it as of one moment.
	 * @param session the session
	 * @param inPlace whether to look for objects that were changed in place
	 * @param leaveOut whether to leave out what has failed the request before
	 * @return the save; null when there is nothing to write
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
					|| (changed && areOutdated(session))) {
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
	 * Resolves the index entries. The application's own resolver may throw anything: then
	 * the attributes are refused that are known to be indexed, since a session must be
	 * found under the principal that it has.
	 */
	private Set<IndexEntry> resolve(StoredSession session, AttributeChanges changes, boolean leaveOut) {
		try {
			return this.indexes
				.requireFew(leaveOut ? session.attributes.withoutLeftOut(() -> this.indexes.resolve(session))
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
	 * Whether the session is found by entries of another form than the one that is
	 * written, as after encryption was switched on. Whatever save comes next moves them.
	 */
	private boolean areOutdated(StoredSession session) {
		return this.indexes.values().mayDiffer() && !this.indexes.values().areCurrent(session.redis.entries());
	}

	/** Keeps entries of attributes that can't be read here. */
	private void keepUnresolved(StoredSession session, Set<IndexEntry> entries) {
		Set<String> resolved = entries.stream().map(IndexEntry::name).collect(Collectors.toSet());
		session.redis.entries()
			.stream()
			.filter((entry) -> !resolved.contains(entry.name()))
			// In a sealed session one in plain text was not written by this application
			.filter((entry) -> !session.redis.seal.isSealed() || this.indexes.values().areCurrent(Set.of(entry))
					|| IndexValues.original(entry) == null)
			.map(this.indexes.values()::renew)
			.forEach(entries::add);
	}

	private PendingSave create(StoredSession session, AttributeChanges changes, Set<IndexEntry> entries) {
		StoredState redis = session.redis;
		String secret = requireSecret(session);
		Duration interval = session.maxInactiveInterval;
		Duration first = this.settings.lifetimes().first(session.bot, interval);
		Duration absolute = this.settings.lifetimes().absolute();
		// The seal proves the deadline, so it can't be computed by the script
		Instant deadline = (redis.seal.isSealed() && !absolute.isZero())
				? session.rules.now().plus(absolute).truncatedTo(ChronoUnit.MILLIS) : null;
		SessionHeader header = new SessionHeader(SessionHeader.digest(secret), session.creationTime,
				(first != null) ? first : interval, this.settings.grace(), deadline, (first != null) ? interval : null);
		NewSession creation = new NewSession(session.handle, header, absolute, entries,
				this.settings.protectIds() ? null : secret);
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
			throw new IllegalStateException("The id of session " + session.handle + " is not known here");
		}
		return session.secret;
	}

	private PendingSave change(StoredSession session, AttributeChanges changes, @Nullable Set<IndexEntry> entries) {
		StoredState redis = session.redis;
		SessionChange change = new SessionChange(session.handle, redis.loadedDigest);
		boolean idChanged = session.isIdChanged();
		byte[] digest = redis.digest;
		if (idChanged) {
			String secret = requireSecret(session);
			digest = SessionHeader.digest(secret);
			change.changeId(digest, this.settings.protectIds() ? null : secret);
		}
		changeTimes(session, change);
		Set<String> changedIndexes = (entries != null) ? changedIndexes(redis, changes, entries) : Set.of();
		if (entries != null && !changedIndexes.isEmpty()) {
			change.index(changedIndexes, only(entries, changedIndexes), session.maxInactiveInterval);
		}
		if (this.seals.hasKeys()) {
			change.expectSeal(redis.sealField);
		}
		boolean sealAnew = redis.seal.isSealed() ? idChanged || changesPrincipal(session, changes, entries)
				: this.seals.areWritten();
		// A new epoch, so that nothing of the id or the principal before is accepted
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
				// Zero means for ever
				Duration due = left.isNegative() || left.isZero() ? Duration.ofMillis(1) : left;
				change.changeIdleTimeout(interval, due, redis.entries());
			}
			return;
		}
		if (session.isIntervalChanged()) {
			change.changeIdleTimeout(interval, sooner(redis.interval, interval), redis.entries());
		}
		if (session.accessed) {
			change.access(age.isNegative() ? Duration.ZERO : age);
		}
	}

	/** The new idle timeout if it ends the session earlier than the old one; or null. */
	private static @Nullable Duration sooner(Duration before, Duration after) {
		return (!after.isNegative() && (before.isNegative() || after.compareTo(before) < 0)) ? after : null;
	}

	/**
	 * The indexes whose entries a save replaces: those that are other than before, and
	 * those of attributes that it writes though they seem unchanged, since another's save
	 * may have replaced them meanwhile.
	 */
	private Set<String> changedIndexes(StoredState redis, AttributeChanges changes, Set<IndexEntry> entries) {
		Set<String> changed = new LinkedHashSet<>();
		Set<IndexEntry> before = redis.entries();
		changes.names().map(this.indexes::index).filter(Objects::nonNull).forEach(changed::add);
		before.stream().filter((entry) -> !entries.contains(entry)).map(IndexEntry::name).forEach(changed::add);
		entries.stream().filter((entry) -> !before.contains(entry)).map(IndexEntry::name).forEach(changed::add);
		return changed;
	}

	private static Set<IndexEntry> only(Set<IndexEntry> entries, Set<String> indexes) {
		return entries.stream()
			.filter((entry) -> indexes.contains(entry.name()))
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	/**
	 * Whether a save changes who is logged in, or what they may do. The entries in Redis
	 * are not proven, so they alone are not sufficient.
	 */
	private boolean changesPrincipal(StoredSession session, AttributeChanges changes,
			@Nullable Set<IndexEntry> entries) {
		return changes.changeContent(session.attributes,
				(name) -> PRINCIPAL_NAME_INDEX_NAME.equals(this.indexes.index(name)))
				|| (entries != null && changes.names().anyMatch(this.indexes::dependOn)
						&& !principals(entries).equals(principals(session.redis.entries())));
	}

	private static Set<IndexEntry> principals(Set<IndexEntry> entries) {
		return only(entries, Set.of(PRINCIPAL_NAME_INDEX_NAME));
	}

	/**
	 * Returns the principals that a save gives a session and that the session didn't
	 * have.
	 * @param session the session
	 * @param save the save
	 * @return their index entries
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
	 * Returns the principals that a session is going to have.
	 * @param session the session as it is, or null where only the attributes are known
	 * @param attributes what is going to be set
	 * @return their index entries
	 */
	public Set<IndexEntry> principals(@Nullable StoredSession session, Map<String, ?> attributes) {
		return this.indexes.principals(session, attributes);
	}

	/**
	 * Returns whether the session's own attributes confirm an index entry. A client with
	 * write access to Redis can add the session to any index, but can't change what it
	 * holds. An attribute that is authentic but can't be deserialized here is taken to
	 * confirm its entries.
	 * @param session the session
	 * @param indexName the index
	 * @param indexValue the value
	 * @return whether the session belongs there
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
				logger.debug("An index entry is taken as it is, because an attribute can't be read", ex);
			}
			return session.attributes.hasUndeserializable((name) -> entry.name().equals(this.indexes.index(name)));
		}
	}

	/**
	 * Returns the change that undoes a save if Redis has applied it, under whose new id
	 * it must find the session: everything that the save writes becomes what it was.
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
			inverse.changeId(redis.digest, this.settings.protectIds() ? null : secret);
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
