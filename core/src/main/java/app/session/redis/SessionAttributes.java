package app.session.redis;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import app.session.redis.codec.Immutables;
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

	private final String handle;

	private final ValueCodec codec;

	private final SaveMode saveMode;

	private final UnreadableAttributes unreadable;

	private boolean writeAll;

	SessionAttributes(String handle, ValueCodec codec, SaveMode saveMode, UnreadableAttributes unreadable) {
		this.handle = handle;
		this.codec = codec;
		this.saveMode = saveMode;
		this.unreadable = unreadable;
	}

	void load(SessionRecord session) {
		session.forEachAttribute((name, stored) -> this.attributes.put(name, new Attribute(stored)));
		this.writeAll = this.saveMode == SaveMode.ALWAYS;
	}

	/**
	 * Takes what was read anew. What the application has set, removed or changed in place
	 * stays, and so do objects whose stored form is still the same.
	 */
	void refresh(SessionRecord session) {
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
			return Arrays.equals(this.codec.snapshot(value), this.codec.open(this.handle, name, stored));
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
			attribute.value = this.codec.deserialize(this.codec.open(this.handle, name, stored));
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
			return (this.writeAll && stored != null) ? new Write(sealAnew(name, stored), null, attribute) : null;
		}
		byte[] serialized = (attribute.changed || this.writeAll) ? this.codec.serialize(name, value)
				: changedInPlace(attribute, value, inPlace);
		return (serialized != null) ? new Write(this.codec.seal(this.handle, name, serialized), serialized, attribute)
				: null;
	}

	/** Gives what was not read the form that is written now. */
	private byte[] sealAnew(String name, byte[] stored) {
		try {
			return this.codec.seal(this.handle, name, this.codec.open(this.handle, name, stored));
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is left as it is", ex);
			return stored;
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
	void saved(Changes changes) {
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
				attribute.changed = false;
				attribute.stored = write.sealed();
				if (write.serialized() != null) {
					boolean watched = this.saveMode == SaveMode.ON_CHANGE && attribute.value != null
							&& !Immutables.isImmutable(attribute.value);
					attribute.baseline = watched ? write.serialized() : null;
				}
			}
		});
	}

	/**
	 * What a save writes.
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

		void forEachWritten(BiConsumer<String, byte[]> consumer) {
			this.written.forEach((name, write) -> consumer.accept(name, write.sealed()));
		}

	}

	/**
	 * One attribute to write.
	 *
	 * @param sealed its value as it is stored
	 * @param serialized its value to compare with later; null when it was not read
	 * @param source the attribute that is written
	 */
	@SuppressWarnings("ArrayRecordComponent") // compared by nobody
	record Write(byte[] sealed, byte @Nullable [] serialized, Attribute source) {
	}

	/** One attribute: as it is stored, as the application has it, or both. */
	static final class Attribute {

		private byte @Nullable [] stored;

		private @Nullable Object value;

		private byte @Nullable [] baseline;

		private boolean changed;

		private boolean unreadable;

		private boolean inRedis;

		Attribute(byte @Nullable [] stored) {
			this.stored = stored;
			this.inRedis = stored != null;
		}

	}

}
