package app.session.redis.session;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import app.session.redis.codec.Immutables;
import app.session.redis.codec.SessionIdMask;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.session.AttributeChanges.SealedValue;
import app.session.redis.session.AttributeChanges.Write;
import app.session.redis.settings.SaveMode;
import app.session.redis.store.SessionContent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a session. A value is deserialized when the application first reads
 * it. {@link AttributeChanges} determines the changes that a save has to write. Guarded
 * by the monitor of the session.
 */
final class SessionAttributes {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	/**
	 * How many attributes are looked up one at a time. Most requests use only a few.
	 */
	private static final int SINGLE_LOOKUPS = 8;

	/** The attributes, except those that are still to be taken from {@link #unread}. */
	private final Map<String, Attribute> attributes = new HashMap<>(8);

	/** The content of which some attributes were not used; null if there is none. */
	private @Nullable SessionContent unread;

	private int lookups;

	private final Set<String> removed = new HashSet<>(2);

	private final AttributeValues values;

	private final SaveMode saveMode;

	private final UnreadableAttributes unreadable;

	/** The seal of the session as it is in Redis. */
	private SessionSeal seal;

	/**
	 * Masks of the ids that this node knows for the session, beginning with the current
	 * one.
	 */
	private List<SessionIdMask> masks = List.of();

	private boolean writeAll;

	private boolean leftOutHidden;

	/** The session as it was read; null for a new session. */
	private @Nullable SessionContent read;

	/** The attributes that were saved since then; null values for removed attributes. */
	private Map<String, byte @Nullable []> savedSince = Map.of();

	SessionAttributes(SessionSeal seal, AttributeValues values, SaveMode saveMode, UnreadableAttributes unreadable) {
		this.seal = seal;
		this.values = values;
		this.saveMode = saveMode;
		this.unreadable = unreadable;
	}

	/**
	 * Sets the ids that must not be written: the current id of the session, and its
	 * previous id until a change of the id is saved.
	 */
	void setIds(List<SessionIdMask> masks) {
		this.masks = masks;
	}

	void load(SessionContent session) {
		this.read = session;
		this.unread = session;
		this.writeAll = this.saveMode == SaveMode.ALWAYS;
	}

	/** Returns an attribute, or null if there is none. */
	private @Nullable Attribute find(String name) {
		Attribute attribute = this.attributes.get(name);
		if (attribute != null || this.unread == null) {
			return attribute;
		}
		if (this.lookups++ == SINGLE_LOOKUPS) {
			return all().get(name);
		}
		byte[] stored = this.unread.value(name);
		if (stored != null) {
			attribute = new Attribute(stored);
			this.attributes.put(name, attribute);
		}
		return attribute;
	}

	/**
	 * Replaces the attributes by a newly read state. Attributes that the application has
	 * set, removed or changed in place are kept, as are objects whose stored form is
	 * unchanged.
	 */
	void refresh(SessionContent session) {
		refreshValues(session);
		this.seal = session.seal();
		this.read = session;
		this.savedSince = Map.of();
	}

	private void refreshValues(SessionContent session) {
		Map<String, byte[]> fresh = new HashMap<>();
		session.forEachAttribute(fresh::put);
		this.removed.retainAll(fresh.keySet());
		all().entrySet().removeIf((entry) -> {
			Attribute attribute = entry.getValue();
			attribute.inRedis = fresh.containsKey(entry.getKey());
			return !attribute.inRedis && !isOwn(entry.getKey(), attribute);
		});
		fresh.forEach((name, stored) -> {
			Attribute attribute = this.attributes.get(name);
			boolean stays = (attribute != null)
					? isSame(name, attribute, stored, session.seal()) || isOwn(name, attribute)
					: this.removed.contains(name);
			if (!stays) {
				this.attributes.put(name, new Attribute(stored));
			}
		});
	}

	/**
	 * Returns whether the stored value of an attribute is unchanged, or was only sealed
	 * again.
	 */
	private boolean isSame(String name, Attribute attribute, byte[] fresh, SessionSeal freshSeal) {
		byte[] before = attribute.stored;
		if (before == null || Arrays.equals(before, fresh)) {
			return before != null;
		}
		if (!freshSeal.isSealed()) {
			return false;
		}
		try {
			boolean same = Arrays.equals(this.values.open(this.seal, name, before),
					this.values.open(freshSeal, name, fresh));
			attribute.stored = same ? fresh : before;
			return same;
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is treated as changed", ex);
			return false;
		}
	}

	/** Returns whether the application has set the attribute, or changed its object. */
	private boolean isOwn(String name, Attribute attribute) {
		Object value = attribute.value;
		if (value == null) {
			return false;
		}
		if (attribute.requestOnly) {
			return true;
		}
		boolean unwatched = this.saveMode == SaveMode.ON_GET_ATTRIBUTE || this.saveMode == SaveMode.ALWAYS;
		try {
			if (unwatched && attribute.stored != null) {
				// These modes also write attributes that were only read
				return !isUnchanged(name, attribute.stored, value);
			}
			return attribute.changed || this.values.changedInPlace(name, attribute, value, true) != null;
		}
		catch (IllegalArgumentException ex) {
			logger.debug("An attribute that was read can't be serialized any more, so it is treated as changed", ex);
			return true;
		}
	}

	private boolean isUnchanged(String name, byte[] stored, Object value) {
		try {
			return Arrays.equals(this.values.snapshot(name, value), open(name, stored));
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is treated as different from the application's value", ex);
			return false;
		}
	}

	@Nullable Object get(String name) {
		Attribute attribute = find(name);
		if (attribute == null || attribute.unreadable || (this.leftOutHidden && attribute.leftOut)) {
			return null;
		}
		if (attribute.value == null) {
			read(name, attribute);
		}
		if (this.saveMode == SaveMode.ON_GET_ATTRIBUTE && attribute.value != null) {
			attribute.changed = true;
		}
		return attribute.value;
	}

	/**
	 * Returns whether a value is, or may be, an instance of a type, as far as it is
	 * apparent without deserializing it.
	 */
	boolean mayBe(String name, Class<?> type) {
		Attribute attribute = find(name);
		if (attribute == null) {
			return false;
		}
		if (attribute.value != null || attribute.stored == null) {
			return type.isInstance(attribute.value);
		}
		byte[] serialized = openIfPossible(name, attribute.stored);
		return serialized != null && this.values.mayBe(serialized, type);
	}

	private void read(String name, Attribute attribute) {
		byte[] stored = attribute.stored;
		if (stored == null) {
			return;
		}
		try {
			byte[] serialized = open(name, stored);
			attribute.opened = true;
			attribute.value = this.values.deserialize(name, this.seal, serialized);
		}
		catch (UnreadableValueException ex) {
			this.unreadable.found(name, ex);
			attribute.unreadable = true;
			return;
		}
		if (this.saveMode == SaveMode.ON_CHANGE && !Immutables.isImmutable(attribute.value)) {
			// Serialized from this object, because the stored form may have another hash
			// order.
			attribute.baseline = this.values.baseline(name, attribute.value);
		}
	}

	/** Returns whether every attribute can be read. Reads all of them. */
	boolean areReadable() {
		for (Map.Entry<String, Attribute> entry : all().entrySet()) {
			if (entry.getValue().value == null) {
				read(entry.getKey(), entry.getValue());
			}
			if (entry.getValue().unreadable) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns whether Redis has or may have an unknown value of a matching attribute: a
	 * value that can't be read, or one that a refused value should have replaced.
	 */
	boolean hasUnknown(Predicate<String> meant) {
		return this.attributes.entrySet()
			.stream()
			.anyMatch(
					(entry) -> (entry.getValue().unreadable || entry.getValue().leftOut) && meant.test(entry.getKey()));
	}

	/**
	 * Returns whether the stored value of a matching attribute is authentic, but can't be
	 * deserialized by this node.
	 */
	boolean hasUndeserializable(Predicate<String> meant) {
		return this.attributes.entrySet().stream().anyMatch((entry) -> {
			Attribute attribute = entry.getValue();
			return attribute.value == null && attribute.opened && meant.test(entry.getKey());
		});
	}

	/** Runs a task with the values hidden that are left out of saves. */
	<T> T withoutLeftOut(Supplier<T> task) {
		this.leftOutHidden = true;
		try {
			return task.get();
		}
		finally {
			this.leftOutHidden = false;
		}
	}

	/** Returns whether the last save was refused because of a value. */
	boolean areRefused() {
		return this.attributes.values().stream().anyMatch((attribute) -> attribute.refused && !attribute.leftOut);
	}

	/**
	 * Leaves the values that the last save has refused out of later saves of the request,
	 * until they are replaced by other objects.
	 */
	void leaveOutRefused() {
		this.attributes.values().forEach((attribute) -> attribute.leftOut |= attribute.refused);
	}

	/**
	 * Undoes setting an attribute, if the last save has refused its value.
	 * @param before the result of {@link #set}
	 */
	void undoIfRefused(String name, Object value, @Nullable Attribute before) {
		Attribute attribute = this.attributes.get(name);
		if (attribute == null || attribute == before || attribute.value != value || !attribute.refused) {
			return;
		}
		remove(name);
		if (before != null) {
			this.attributes.put(name, before);
			if (!before.requestOnly) {
				this.removed.remove(name);
			}
		}
	}

	/**
	 * Sets an attribute.
	 * @return the previous attribute, or null
	 */
	@Nullable Attribute set(String name, Object value) {
		Attribute before = find(name);
		if (before != null && before.value == value && (before.baseline != null || before.leftOut)) {
			// Spring sets each session-scoped bean again that a request has used
			before.setAgain = true;
			return before;
		}
		Attribute attribute = new Attribute(null);
		attribute.value = value;
		attribute.inRedis = this.removed.remove(name) || (before != null && before.inRedis);
		if (this.values.isTransient(name, value)) {
			attribute.requestOnly = true;
			if (attribute.inRedis) {
				this.removed.add(name);
			}
		}
		else {
			attribute.changed = true;
		}
		return this.attributes.put(name, attribute);
	}

	void remove(String name) {
		Attribute before = all().remove(name);
		if (before != null && before.inRedis) {
			this.removed.add(name);
		}
	}

	Set<String> names() {
		Set<String> names = new HashSet<>();
		all().forEach((name, attribute) -> {
			if (!attribute.unreadable) {
				names.add(name);
			}
		});
		return names;
	}

	AttributeValues values() {
		return this.values;
	}

	/** Returns the seal of the session as it is in Redis. */
	SessionSeal seal() {
		return this.seal;
	}

	/** Returns whether the next save writes every attribute. */
	boolean isWriteAll() {
		return this.writeAll;
	}

	/** Returns the names of the attributes that the next save removes. */
	Set<String> removed() {
		return this.removed;
	}

	/** Returns the attributes by name, including those that can't be read. */
	Map<String, Attribute> all() {
		SessionContent unread = this.unread;
		if (unread != null) {
			this.unread = null;
			unread.forEachAttribute((name, stored) -> {
				if (!this.attributes.containsKey(name)) {
					this.attributes.put(name, new Attribute(stored));
				}
			});
		}
		return this.attributes;
	}

	/**
	 * Returns whether a save has to examine the attributes. False for most requests: they
	 * only read, and most objects that they read are immutable.
	 */
	boolean mayHaveChanged() {
		if (this.writeAll || !this.removed.isEmpty()) {
			return true;
		}
		for (Attribute attribute : this.attributes.values()) {
			if (attribute.mayHaveChanged()) {
				return true;
			}
		}
		return false;
	}

	/** Returns the attributes that the next save may have to write. */
	Map<String, Attribute> writable() {
		return this.writeAll ? all() : this.attributes;
	}

	/**
	 * Returns all attributes as stored in Redis, unless other requests have changed them.
	 */
	Map<String, byte[]> stored() {
		Map<String, byte[]> stored = new HashMap<>();
		if (this.read != null) {
			this.read.forEachAttribute(stored::put);
		}
		this.savedSince.forEach((name, value) -> {
			if (value != null) {
				stored.put(name, value);
			}
			else {
				stored.remove(name);
			}
		});
		return stored;
	}

	/** Returns the session as it was read; null for a new session. */
	@Nullable SessionContent read() {
		return this.read;
	}

	/** Masks the ids that must not be written in a value, and seals it. */
	byte[] seal(String name, byte[] serialized, SessionSeal newSeal) {
		byte[] masked = serialized;
		for (SessionIdMask mask : this.masks) {
			masked = mask.mask(masked);
		}
		return this.values.seal(newSeal, name, masked);
	}

	private byte[] open(String name, byte[] stored) {
		byte[] serialized = this.values.open(this.seal, name, stored);
		for (SessionIdMask mask : this.masks) {
			serialized = mask.restore(serialized);
		}
		return serialized;
	}

	byte @Nullable [] openIfPossible(String name, byte[] stored) {
		try {
			return open(name, stored);
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is left unchanged", ex);
			return null;
		}
	}

	/**
	 * Updates the state after changes were written. Attributes that were set or removed
	 * in the meantime are kept.
	 * @param content the content after the save, if it is known
	 */
	void saved(AttributeChanges changes, Map<String, SealedValue> values, SessionSeal newSeal,
			@Nullable SessionContent content) {
		this.writeAll = false;
		this.seal = newSeal;
		if (content != null) {
			this.read = content;
			this.savedSince = Map.of();
		}
		else if (!values.isEmpty() || !changes.removed().isEmpty()) {
			Map<String, byte @Nullable []> saved = new HashMap<>(this.savedSince);
			changes.removed().forEach((name) -> saved.put(name, null));
			values.forEach((name, value) -> saved.put(name, value.sealed()));
			this.savedSince = saved;
		}
		this.removed.removeAll(changes.removed());
		values.forEach((name, value) -> {
			Attribute attribute = this.attributes.get(name);
			if (attribute == null) {
				this.removed.add(name);
				return;
			}
			attribute.inRedis = true;
			if (attribute == value.source()) {
				attribute.stored = value.sealed();
				Write write = changes.written().get(name);
				if (write != null) {
					saved(attribute, write);
				}
			}
		});
	}

	/**
	 * Regards changes as saved although Redis has the session under another id and seal,
	 * so that the stored values are not known.
	 */
	void savedLate(AttributeChanges changes) {
		this.writeAll = false;
		this.removed.removeAll(changes.removed());
		changes.written().forEach((name, write) -> {
			Attribute attribute = this.attributes.get(name);
			if (attribute == null) {
				this.removed.add(name);
				return;
			}
			attribute.inRedis = true;
			if (attribute == write.source()) {
				saved(attribute, write);
			}
		});
	}

	private void saved(Attribute attribute, Write write) {
		attribute.changed = false;
		attribute.setAgain = false;
		if (write.read()) {
			boolean watched = this.saveMode == SaveMode.ON_CHANGE && attribute.value != null
					&& !Immutables.isImmutable(attribute.value);
			attribute.baseline = watched ? write.serialized() : null;
		}
	}

}
