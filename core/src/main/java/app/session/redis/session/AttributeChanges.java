package app.session.redis.session;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.codec.SessionSeal;
import app.session.redis.log.LimitedLog;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The changes to the attributes of a session that a save has to write. Methods are called
 * while the session's monitor is held.
 *
 * @param written the attributes to write, by name
 * @param removed the names of the attributes to remove
 */
record AttributeChanges(Map<String, Write> written, Set<String> removed) {

	private static final Log logger = LogFactory.getLog(StoredSession.class);

	private static final LimitedLog LOST = new LimitedLog(logger);

	private static final AttributeChanges NONE = new AttributeChanges(Map.of(), Set.of());

	/**
	 * Determines the changes that a save has to write.
	 * @param attributes the attributes of the session
	 * @param inPlace whether to detect objects that were changed in place
	 * @param leaveOut whether to leave out values because of which the request has
	 * already failed
	 * @return the changes
	 * @throws IllegalArgumentException if a value can't be stored; the exceptions for
	 * further values are added as suppressed exceptions
	 */
	static AttributeChanges of(SessionAttributes attributes, boolean inPlace, boolean leaveOut) {
		if (!attributes.mayHaveChanged()) {
			return NONE;
		}
		Map<String, Write> written = Map.of();
		IllegalArgumentException refusal = null;
		// A copy, because a serializer may look up further attributes
		for (Map.Entry<String, Attribute> entry : List.copyOf(attributes.writable().entrySet())) {
			Attribute attribute = entry.getValue();
			if (leaveOut && attribute.leftOut) {
				continue;
			}
			attribute.refused = false;
			Write write = null;
			try {
				write = write(attributes, entry.getKey(), attribute, inPlace);
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
		return (written.isEmpty() && attributes.removed().isEmpty()) ? NONE
				: new AttributeChanges(written, Set.copyOf(attributes.removed()));
	}

	private static @Nullable Write write(SessionAttributes attributes, String name, Attribute attribute,
			boolean inPlace) {
		Object value = attribute.value;
		if (attribute.requestOnly) {
			return null;
		}
		if (value == null) {
			byte[] stored = attribute.stored;
			byte[] unread = (attributes.isWriteAll() && stored != null) ? attributes.openIfPossible(name, stored)
					: null;
			return (unread != null) ? new Write(unread, false, attribute) : null;
		}
		AttributeValues values = attributes.values();
		byte[] serialized = (attribute.changed || attributes.isWriteAll()) ? values.serialize(name, value)
				: values.changedInPlace(name, attribute, value, inPlace || attribute.setAgain);
		return (serialized != null) ? new Write(serialized, true, attribute) : null;
	}

	/** Returns the names of the attributes that are written or removed. */
	Stream<String> names() {
		return Stream.concat(this.written.keySet().stream(), this.removed.stream());
	}

	boolean isEmpty() {
		return this.written.isEmpty() && this.removed.isEmpty();
	}

	/** Marks the matching attributes that the save would write as refused. */
	void refuse(Predicate<String> meant) {
		this.written.forEach((name, write) -> write.source().refused = meant.test(name));
	}

	/**
	 * Returns whether the save changes the value of a matching attribute in Redis.
	 */
	boolean changeContent(SessionAttributes attributes, Predicate<String> meant) {
		if (this.removed.stream().anyMatch(meant)) {
			return true;
		}
		Map<String, byte[]> stored = this.written.keySet().stream().anyMatch(meant) ? attributes.stored() : Map.of();
		return this.written.entrySet().stream().filter((entry) -> meant.test(entry.getKey())).anyMatch((entry) -> {
			byte[] before = stored.get(entry.getKey());
			byte[] content = (before != null) ? attributes.openIfPossible(entry.getKey(), before) : null;
			return content == null || !Arrays.equals(content, entry.getValue().serialized());
		});
	}

	/**
	 * Seals the values that the save writes. A new seal requires writing every attribute,
	 * because values with the previous seal are no longer accepted.
	 * @param attributes the attributes of the session
	 * @param newSeal the seal that the session has after the save
	 * @return the values to store, by name
	 */
	Map<String, SealedValue> seal(SessionAttributes attributes, SessionSeal newSeal) {
		Map<String, SealedValue> values = sealWritten(attributes, newSeal);
		if (newSeal != attributes.seal()) {
			attributes.stored().forEach((name, stored) -> {
				boolean stays = !values.containsKey(name) && !this.removed.contains(name);
				byte[] serialized = stays ? attributes.openIfPossible(name, stored) : null;
				if (serialized != null
						&& (attributes.seal().isSealed() || attributes.values().isSealable(serialized))) {
					values.put(name,
							new SealedValue(attributes.seal(name, serialized, newSeal), attributes.all().get(name)));
				}
				else if (stays) {
					LOST.warn("The session attribute '" + name + "' of session " + newSeal.handle()
							+ " can't be read on this node, and is permanently unreadable from now on because "
							+ "the session received a new seal");
				}
			});
		}
		return values;
	}

	/** Seals the values that were set or changed, and no others. */
	Map<String, SealedValue> sealWritten(SessionAttributes attributes, SessionSeal newSeal) {
		Map<String, SealedValue> values = new LinkedHashMap<>();
		this.written.forEach((name, write) -> values.put(name,
				new SealedValue(attributes.seal(name, write.serialized(), newSeal), write.source())));
		return values;
	}

	/** Returns the changes without those of matching attributes. */
	AttributeChanges without(Predicate<String> meant) {
		Map<String, Write> written = new LinkedHashMap<>(this.written);
		written.keySet().removeIf(meant);
		return new AttributeChanges(written,
				this.removed.stream().filter(Predicate.not(meant)).collect(Collectors.toUnmodifiableSet()));
	}

	/**
	 * One attribute to write.
	 *
	 * @param serialized its serialized value, also used for later comparison
	 * @param read whether its value was deserialized or set, rather than only its bytes
	 * read
	 * @param source the attribute that is written
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record Write(byte[] serialized, boolean read, Attribute source) {
	}

	/**
	 * A value as it is stored.
	 *
	 * @param sealed the bytes
	 * @param source the attribute to which they belong, if the session has it
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	record SealedValue(byte[] sealed, @Nullable Attribute source) {
	}

}
