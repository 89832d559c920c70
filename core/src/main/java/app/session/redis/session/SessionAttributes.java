package app.session.redis.session;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import app.session.redis.codec.Immutables;
import app.session.redis.codec.SessionIdMask;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.log.LimitedLog;
import app.session.redis.settings.AttributeConversion;
import app.session.redis.settings.SaveMode;
import app.session.redis.store.SessionRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a session, and what has changed of them. They stay bytes until they
 * are asked for. Guarded by the session.
 */
public final class SessionAttributes {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private static final LimitedLog LOST = new LimitedLog(logger);

	/**
	 * Types whose objects serialize differently though nobody changed them; logged once
	 * each.
	 */
	private static final Set<String> UNSTABLE_TYPES = ConcurrentHashMap.newKeySet();

	/** How messages of the codec begin. */
	private static final String UNNAMED = "A session attribute";

	private final Map<String, Attribute> attributes = new HashMap<>();

	private final Set<String> removed = new HashSet<>(2);

	private final ValueCodec codec;

	private final SaveMode saveMode;

	private final UnreadableAttributes unreadable;

	private final AttributeConversion conversion;

	/** The seal of the session as it is in Redis. */
	private SessionSeal seal;

	/** Masks of the ids that this node knows of the session: the present one first. */
	private List<SessionIdMask> masks = List.of();

	private boolean writeAll;

	private boolean leftOutHidden;

	/** The session as it was read; null for a new one. */
	private @Nullable SessionRecord read;

	/** What was saved since then: null for what was removed. */
	private Map<String, byte @Nullable []> savedSince = Map.of();

	public SessionAttributes(SessionSeal seal, ValueCodec codec, SaveMode saveMode, UnreadableAttributes unreadable,
			AttributeConversion conversion) {
		this.seal = seal;
		this.codec = codec;
		this.saveMode = saveMode;
		this.unreadable = unreadable;
		this.conversion = conversion;
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
			boolean stays = (attribute != null)
					? isSame(name, attribute, stored, session.seal()) || isOwn(name, attribute)
					: this.removed.contains(name);
			if (!stays) {
				this.attributes.put(name, new Attribute(stored));
			}
		});
	}

	/** Whether an attribute is stored as before, or was only sealed anew. */
	private boolean isSame(String name, Attribute attribute, byte[] fresh, SessionSeal freshSeal) {
		byte[] before = attribute.stored;
		if (before == null || Arrays.equals(before, fresh)) {
			return before != null;
		}
		if (!freshSeal.isSealed()) {
			return false;
		}
		try {
			boolean same = Arrays.equals(this.codec.open(this.seal, name, before),
					this.codec.open(freshSeal, name, fresh));
			attribute.stored = same ? fresh : before;
			return same;
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is taken as changed", ex);
			return false;
		}
	}

	/** Whether the application has set the attribute, or changed its object. */
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
				// What was only read is written there too
				return !isStill(name, attribute.stored, value);
			}
			return attribute.changed || changedInPlace(name, attribute, value, true) != null;
		}
		catch (IllegalArgumentException ex) {
			logger.debug("An attribute that could be read can't be written any more, so it was changed", ex);
			return true;
		}
	}

	private boolean isStill(String name, byte[] stored, Object value) {
		try {
			return Arrays.equals(snapshot(name, value), open(name, stored));
		}
		catch (UnreadableValueException ex) {
			logger.debug("An attribute that can't be read is not the one that the application has", ex);
			return false;
		}
	}

	@Nullable Object get(String name) {
		Attribute attribute = this.attributes.get(name);
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

	private void read(String name, Attribute attribute) {
		byte[] stored = attribute.stored;
		if (stored == null) {
			return;
		}
		try {
			byte[] serialized = open(name, stored);
			attribute.opened = true;
			attribute.value = this.conversion.fromStored(name, this.codec.deserialize(this.seal, serialized));
		}
		catch (UnreadableValueException ex) {
			this.unreadable.found(name, ex);
			attribute.unreadable = true;
			return;
		}
		if (this.saveMode == SaveMode.ON_CHANGE && !Immutables.isImmutable(attribute.value)) {
			// What this very object serializes to, since what was stored may have another
			// order of hashing.
			attribute.baseline = baseline(name, attribute.value);
		}
	}

	private byte @Nullable [] baseline(String name, Object value) {
		try {
			return snapshot(name, value);
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

	/**
	 * Whether Redis has, or may have, another value of one of the attributes meant than
	 * is known here: one that can't be read, or one that a refused value was to replace.
	 */
	boolean hasUnknown(Predicate<String> meant) {
		return this.attributes.entrySet()
			.stream()
			.anyMatch(
					(entry) -> (entry.getValue().unreadable || entry.getValue().leftOut) && meant.test(entry.getKey()));
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

	/** Runs a task that doesn't see the values that are left out of saves. */
	<T> T withoutLeftOut(Supplier<T> task) {
		this.leftOutHidden = true;
		try {
			return task.get();
		}
		finally {
			this.leftOutHidden = false;
		}
	}

	/** Refuses those of the attributes meant that a save would write. */
	void refuse(Changes changes, Predicate<String> meant) {
		changes.written().forEach((name, write) -> write.source().refused = meant.test(name));
	}

	/** Whether the last save was refused because of a value. */
	boolean areRefused() {
		return this.attributes.values().stream().anyMatch((attribute) -> attribute.refused && !attribute.leftOut);
	}

	/**
	 * Leaves the values that the last save has refused out of the following saves of the
	 * request, until another object is set in their place.
	 */
	void leaveOutRefused() {
		this.attributes.values().forEach((attribute) -> attribute.leftOut |= attribute.refused);
	}

	/**
	 * Takes back that an attribute was set, if the last save has refused its value.
	 * @param before what {@link #set} has returned
	 */
	void takeBackIfRefused(String name, Object value, @Nullable Attribute before) {
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
	 * @return what was there before
	 */
	public @Nullable Attribute set(String name, Object value) {
		Attribute before = this.attributes.get(name);
		if (before != null && before.value == value && (before.baseline != null || before.leftOut)) {
			// Spring sets every session-scoped bean again that a request has used
			before.setAgain = true;
			return before;
		}
		Attribute attribute = new Attribute(null);
		attribute.value = value;
		attribute.inRedis = this.removed.remove(name) || (before != null && before.inRedis);
		if (this.conversion.isTransient(name, value)) {
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
	 * @param leaveOut whether to leave out what has failed the request before
	 * @throws IllegalArgumentException if a value can't be stored; further ones are added
	 * as suppressed exceptions
	 */
	Changes changes(boolean inPlace, boolean leaveOut) {
		Map<String, Write> written = Map.of();
		IllegalArgumentException refusal = null;
		for (Map.Entry<String, Attribute> entry : this.attributes.entrySet()) {
			Attribute attribute = entry.getValue();
			if (leaveOut && attribute.leftOut) {
				continue;
			}
			attribute.refused = false;
			Write write = null;
			try {
				write = write(entry.getKey(), attribute, inPlace);
			}
			catch (IllegalArgumentException ex) {
				attribute.refused = true;
				if (refusal == null) {
					refusal = ex;
				}
				else {
					refusal.addSuppressed(ex);
				}
			}
			if (write != null) {
				if (written.isEmpty()) {
					written = new LinkedHashMap<>();
				}
				written.put(entry.getKey(), write);
			}
		}
		if (refusal != null) {
			throw refusal;
		}
		return (written.isEmpty() && this.removed.isEmpty()) ? Changes.NONE
				: new Changes(written, Set.copyOf(this.removed));
	}

	private @Nullable Write write(String name, Attribute attribute, boolean inPlace) {
		Object value = attribute.value;
		if (attribute.requestOnly) {
			return null;
		}
		if (value == null) {
			byte[] stored = attribute.stored;
			byte[] unread = (this.writeAll && stored != null) ? openIfPossible(name, stored) : null;
			return (unread != null) ? new Write(unread, false, attribute) : null;
		}
		byte[] serialized = (attribute.changed || this.writeAll) ? serialize(name, value)
				: changedInPlace(name, attribute, value, inPlace || attribute.setAgain);
		return (serialized != null) ? new Write(serialized, true, attribute) : null;
	}

	/** Whether a save changes what one of the attributes meant holds in Redis. */
	boolean changesContent(Changes changes, Predicate<String> meant) {
		if (changes.removed().stream().anyMatch(meant)) {
			return true;
		}
		Map<String, byte[]> stored = changes.written().keySet().stream().anyMatch(meant) ? stored() : Map.of();
		return changes.written().entrySet().stream().filter((entry) -> meant.test(entry.getKey())).anyMatch((entry) -> {
			byte[] before = stored.get(entry.getKey());
			byte[] content = (before != null) ? openIfPossible(entry.getKey(), before) : null;
			return content == null || !Arrays.equals(content, entry.getValue().serialized());
		});
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
			stored().forEach((name, stored) -> {
				boolean stays = !values.containsKey(name) && !changes.removed().contains(name);
				byte[] serialized = stays ? openIfPossible(name, stored) : null;
				if (serialized != null && (this.seal.isSealed() || this.codec.isSealable(serialized))) {
					values.put(name, seal(name, serialized, newSeal, this.attributes.get(name)));
				}
				else if (stays) {
					LOST.warn("The session attribute '" + name + "' of session " + newSeal.handle()
							+ " can't be read here, and not at all from now on, because the session is sealed anew");
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

	private SealedValue seal(String name, byte[] serialized, SessionSeal newSeal, @Nullable Attribute source) {
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

	private byte @Nullable [] changedInPlace(String name, Attribute attribute, Object value, boolean inPlace) {
		byte[] baseline = attribute.baseline;
		if (!inPlace || baseline == null) {
			return null;
		}
		byte[] now = snapshot(name, value);
		if (Arrays.equals(now, baseline)) {
			return null;
		}
		byte[] again = serialize(name, value);
		if (!Arrays.equals(now, again) && !attribute.setAgain) {
			String type = this.conversion.toStored(name, value).getClass().getName();
			if (UNSTABLE_TYPES.add(type)) {
				logger.warn("Objects of " + type + " in a session serialize differently each time,"
						+ " so that changes in place can't be found. They are written only with setAttribute");
			}
			return null;
		}
		return again;
	}

	private byte[] serialize(String name, Object value) {
		return convert(name, value, (stored) -> this.codec.serialize(name, stored));
	}

	private byte[] snapshot(String name, Object value) {
		return convert(name, value, this.codec::snapshot);
	}

	/**
	 * Serializes a value. The application's own code that takes part in this may throw
	 * anything.
	 * @throws IllegalArgumentException that names the attribute
	 */
	private byte[] convert(String name, Object value, Function<Object, byte[]> serialization) {
		Object stored = value;
		try {
			stored = this.conversion.toStored(name, value);
			return serialization.apply(stored);
		}
		catch (TypeRefusedException ex) {
			throw ex.withMessage(named(name, String.valueOf(ex.getMessage())));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(named(name, String.valueOf(ex.getMessage())), ex);
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			throw new IllegalArgumentException(
					"The session attribute '" + name + "' of type " + stored.getClass().getName()
							+ " can't be stored, because serializing it failed with " + ex.getClass().getName(),
					ex);
		}
	}

	/** The message of a failure that doesn't know which attribute it concerns. */
	private static String named(String name, String message) {
		return message.startsWith(UNNAMED)
				? "The session attribute '" + name + "'" + message.substring(UNNAMED.length())
				: "The session attribute '" + name + "' can't be stored: " + message;
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
		attribute.setAgain = false;
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
	 * @param source the attribute that they are of, if the session has it
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record SealedValue(byte[] sealed, @Nullable Attribute source) {
	}

	/** One attribute: as it is stored, as the application has it, or both. */
	static final class Attribute {

		private byte @Nullable [] stored;

		private @Nullable Object value;

		private byte @Nullable [] baseline;

		private boolean changed;

		/**
		 * Whether the object that was there already was set: written if it has changed.
		 */
		private boolean setAgain;

		/** Whether it is never stored. */
		private boolean requestOnly;

		/** Whether the last save was refused because of its value. */
		private boolean refused;

		/** Whether the request has failed because of its value. */
		private boolean leftOut;

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
