package app.session.redis;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

import app.session.redis.codec.Immutables;
import app.session.redis.codec.SessionIdMask;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.store.SessionRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a session, and what has changed of them. They stay bytes until they
 * are asked for. Guarded by the session.
 */
final class SessionAttributes {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	/**
	 * Types whose objects serialize differently though nobody changed them; logged once
	 * each.
	 */
	private static final Set<String> UNSTABLE_TYPES = ConcurrentHashMap.newKeySet();

	private final Map<String, Attribute> attributes = new HashMap<>();

	private final Set<String> removed = new HashSet<>(2);

	private final ValueCodec codec;

	private final SaveMode saveMode;

	private final UnreadableAttributes unreadable;

	/** The seal of the session as it is in Redis. */
	private SessionSeal seal;

	/** Masks of the ids that this node knows of the session: the present one first. */
	private List<SessionIdMask> masks = List.of();

	private boolean writeAll;

	/** The session as it was read; null for a new one. */
	private @Nullable SessionRecord read;

	/** What was saved since then: null for what was removed. */
	private Map<String, byte @Nullable []> savedSince = Map.of();

	SessionAttributes(SessionSeal seal, ValueCodec codec, SaveMode saveMode, UnreadableAttributes unreadable) {
		this.seal = seal;
		this.codec = codec;
		this.saveMode = saveMode;
		this.unreadable = unreadable;
	}

	/**
	 * Sets the ids that must not be written: the one that the session has, and while a
	 * change of the id isn't saved, the one that it had.
	 */
	void setIds(List<SessionIdMask> masks) {
		this.masks = masks;
	}

	void load(SessionRecord session) {
		this.read = session;
		session.forEachAttribute((name, stored) -> this.attributes.put(name, new Attribute(stored)));
		this.writeAll = this.saveMode == SaveMode.ALWAYS;
	}

	/**
	 * Takes what was read anew. What the application has set, removed or changed in place
	 * stays, and so do objects whose stored form is still the same.
	 */
	void refresh(SessionRecord session) {
		refreshValues(session);
		this.seal = session.seal();
		this.read = session;
		this.savedSince = Map.of();
	}

	private void refreshValues(SessionRecord session) {
		Map<String, byte[]> fresh = new HashMap<>();
		session.forEachAttribute(fresh::put);
		this.removed.retainAll(fresh.keySet());
		this.attributes.entrySet().removeIf((entry) -> {
			Attribute attribute = entry.getValue();
			attribute.inRedis = fresh.containsKey(entry.getKey());
			return !attribute.inRedis && !isOwn(entry.getKey(), attribute);
		});
		fresh.forEach((name, stored) -> {
			Attribute attribute = this.attributes.get(name);
			boolean stays = (attribute != null) ? Arrays.equals(attribute.stored, stored) || isOwn(name, attribute)
					: this.removed.contains(name);
			if (!stays) {
				this.attributes.put(name, new Attribute(stored));
			}
		});
	}

	/** Whether the application has set the attribute, or changed its object. */
	private boolean isOwn(String name, Attribute attribute) {
		Object value = attribute.value;
		if (value == null) {
			return false;
		}
		boolean unwatched = this.saveMode == SaveMode.ON_GET_ATTRIBUTE || this.saveMode == SaveMode.ALWAYS;
		if (unwatched && attribute.stored != null) {
			// What was only read is written there too
			return !isStill(name, attribute.stored, value);
		}
		return attribute.changed || changedInPlace(attribute, value, true) != null;
	}

	private boolean isStill(String name, byte[] stored, Object value) {
		try {
			return Arrays.equals(this.codec.snapshot(value), open(name, stored));
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is not the one that the application has", ex);
			return false;
		}
	}

	@Nullable Object get(String name) {
		Attribute attribute = this.attributes.get(name);
		if (attribute == null || attribute.unreadable) {
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

	private void read(String name, Attribute attribute) {
		byte[] stored = attribute.stored;
		if (stored == null) {
			return;
		}
		try {
			byte[] serialized = open(name, stored);
			attribute.opened = true;
			attribute.value = this.codec.deserialize(serialized);
		}
		catch (UnreadableValueException ex) {
			this.unreadable.found(name, ex);
			attribute.unreadable = true;
			return;
		}
		if (this.saveMode == SaveMode.ON_CHANGE && !Immutables.isImmutable(attribute.value)) {
			// What this very object serializes to, since what was stored may have another
			// order of hashing.
			attribute.baseline = baseline(attribute.value);
		}
	}

	private byte @Nullable [] baseline(Object value) {
		try {
			return this.codec.snapshot(value);
		}
		catch (IllegalArgumentException ex) {
			logger.debug("An attribute could be read but not be written again; changes in place are not found", ex);
			return null;
		}
	}

	/** Whether every attribute can be read. Reads them all. */
	boolean areReadable() {
		for (Map.Entry<String, Attribute> entry : this.attributes.entrySet()) {
			if (entry.getValue().value == null) {
				read(entry.getKey(), entry.getValue());
			}
			if (entry.getValue().unreadable) {
				return false;
			}
		}
		return true;
	}

	/** Whether one of the attributes meant was found to be unreadable. */
	boolean hasUnreadable(Predicate<String> meant) {
		return this.attributes.entrySet()
			.stream()
			.anyMatch((entry) -> entry.getValue().unreadable && meant.test(entry.getKey()));
	}

	/**
	 * Whether one of the attributes meant is as it was written, but can't be deserialized
	 * here.
	 */
	boolean hasUndeserializable(Predicate<String> meant) {
		return this.attributes.entrySet().stream().anyMatch((entry) -> {
			Attribute attribute = entry.getValue();
			return attribute.value == null && attribute.opened && meant.test(entry.getKey());
		});
	}

	void set(String name, Object value) {
		Attribute attribute = new Attribute(null);
		attribute.value = value;
		attribute.changed = true;
		boolean wasRemoved = this.removed.remove(name);
		Attribute before = this.attributes.put(name, attribute);
		attribute.inRedis = wasRemoved || (before != null && before.inRedis);
	}

	void remove(String name) {
		Attribute before = this.attributes.remove(name);
		if (before != null && before.inRedis) {
			this.removed.add(name);
		}
	}

	Set<String> names() {
		Set<String> names = new HashSet<>();
		this.attributes.forEach((name, attribute) -> {
			if (!attribute.unreadable) {
				names.add(name);
			}
		});
		return names;
	}

	/**
	 * What a save has to write.
	 * @param inPlace whether to look for objects that were changed in place
	 */
	Changes changes(boolean inPlace) {
		Map<String, Write> written = Map.of();
		for (Map.Entry<String, Attribute> entry : this.attributes.entrySet()) {
			Write write = write(entry.getKey(), entry.getValue(), inPlace);
			if (write != null) {
				if (written.isEmpty()) {
					written = new LinkedHashMap<>();
				}
				written.put(entry.getKey(), write);
			}
		}
		return (written.isEmpty() && this.removed.isEmpty()) ? Changes.NONE
				: new Changes(written, Set.copyOf(this.removed));
	}

	private @Nullable Write write(String name, Attribute attribute, boolean inPlace) {
		Object value = attribute.value;
		if (value == null) {
			byte[] stored = attribute.stored;
			byte[] unread = (this.writeAll && stored != null) ? openIfPossible(name, stored) : null;
			return (unread != null) ? new Write(unread, false, attribute) : null;
		}
		byte[] serialized = (attribute.changed || this.writeAll) ? this.codec.serialize(value)
				: changedInPlace(attribute, value, inPlace);
		return (serialized != null) ? new Write(serialized, true, attribute) : null;
	}

	/**
	 * Seals what a save writes. Under a new seal that is every attribute, since no value
	 * that was sealed before is accepted any more.
	 */
	Map<String, SealedValue> seal(Changes changes, SessionSeal newSeal) {
		Map<String, SealedValue> values = new LinkedHashMap<>();
		changes.written()
			.forEach((name, write) -> values.put(name, seal(name, write.serialized(), newSeal, write.source())));
		if (newSeal != this.seal) {
			this.attributes.forEach((name, attribute) -> {
				byte[] stored = attribute.stored;
				byte[] serialized = (stored != null && !values.containsKey(name)) ? openIfPossible(name, stored) : null;
				if (serialized != null) {
					values.put(name, seal(name, serialized, newSeal, attribute));
				}
			});
		}
		return values;
	}

	/** All attributes as they are in Redis, if no other request has changed them. */
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

	private SealedValue seal(String name, byte[] serialized, SessionSeal newSeal, Attribute source) {
		byte[] masked = serialized;
		for (SessionIdMask mask : this.masks) {
			masked = mask.mask(masked);
		}
		return new SealedValue(this.codec.seal(newSeal, name, masked), source);
	}

	private byte[] open(String name, byte[] stored) {
		byte[] serialized = this.codec.open(this.seal, name, stored);
		for (SessionIdMask mask : this.masks) {
			serialized = mask.restore(serialized);
		}
		return serialized;
	}

	private byte @Nullable [] openIfPossible(String name, byte[] stored) {
		try {
			return open(name, stored);
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is left as it is", ex);
			return null;
		}
	}

	private byte @Nullable [] changedInPlace(Attribute attribute, Object value, boolean inPlace) {
		byte[] baseline = attribute.baseline;
		if (!inPlace || baseline == null) {
			return null;
		}
		byte[] now = this.codec.snapshot(value);
		if (Arrays.equals(now, baseline)) {
			return null;
		}
		byte[] again = this.codec.serialize(value);
		if (!Arrays.equals(now, again)) {
			if (UNSTABLE_TYPES.add(value.getClass().getName())) {
				logger
					.warn("Objects of " + value.getClass().getName() + " in a session serialize differently each time,"
							+ " so that changes in place can't be found. They are written only with setAttribute");
			}
			return null;
		}
		return again;
	}

	/**
	 * Takes changes that were written for the new state. What was set or removed
	 * meanwhile stays so.
	 */
	void saved(Changes changes, Map<String, SealedValue> values, SessionSeal newSeal) {
		this.writeAll = false;
		this.seal = newSeal;
		if (!values.isEmpty() || !changes.removed().isEmpty()) {
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

	private void saved(Attribute attribute, Write write) {
		attribute.changed = false;
		if (write.read()) {
			boolean watched = this.saveMode == SaveMode.ON_CHANGE && attribute.value != null
					&& !Immutables.isImmutable(attribute.value);
			attribute.baseline = watched ? write.serialized() : null;
		}
	}

	/**
	 * What has changed.
	 *
	 * @param written what is written, by name
	 * @param removed names
	 */
	record Changes(Map<String, Write> written, Set<String> removed) {

		private static final Changes NONE = new Changes(Map.of(), Set.of());

		Stream<String> names() {
			return Stream.concat(this.written.keySet().stream(), this.removed.stream());
		}

		boolean isEmpty() {
			return this.written.isEmpty() && this.removed.isEmpty();
		}

	}

	/**
	 * One attribute to write.
	 *
	 * @param serialized its value, also to compare with later
	 * @param read whether its value was read or set, and not only its bytes
	 * @param source the attribute that is written
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record Write(byte[] serialized, boolean read, Attribute source) {
	}

	/**
	 * A value as it is stored.
	 *
	 * @param sealed the bytes
	 * @param source the attribute that they are of
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record SealedValue(byte[] sealed, Attribute source) {
	}

	/** One attribute: as it is stored, as the application has it, or both. */
	static final class Attribute {

		private byte @Nullable [] stored;

		private @Nullable Object value;

		private byte @Nullable [] baseline;

		private boolean changed;

		private boolean unreadable;

		/** Whether its stored form could be opened, be it deserialized or not. */
		private boolean opened;

		private boolean inRedis;

		Attribute(byte @Nullable [] stored) {
			this.stored = stored;
			this.inRedis = stored != null;
		}

	}

}
