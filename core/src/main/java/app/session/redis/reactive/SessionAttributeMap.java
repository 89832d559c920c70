package app.session.redis.reactive;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a session as a map, which is safe for use by several threads like the
 * map of Spring's in-memory sessions. Reading a single attribute deserializes no other
 * one. Names and values can't be null.
 */
final class SessionAttributeMap extends AbstractMap<String, Object> {

	private final StoredSession session;

	SessionAttributeMap(StoredSession session) {
		this.session = session;
	}

	@Override
	public @Nullable Object get(Object name) {
		return (name instanceof String text) ? this.session.getAttribute(text) : null;
	}

	@Override
	public boolean containsKey(Object name) {
		return name instanceof String && this.session.getAttributeNames().contains(name);
	}

	@Override
	public boolean isEmpty() {
		return this.session.getAttributeNames().isEmpty();
	}

	@Override
	public @Nullable Object put(String name, Object value) {
		Objects.requireNonNull(name, "name");
		Objects.requireNonNull(value, "value");
		synchronized (this.session) {
			Object before = this.session.getAttribute(name);
			this.session.setAttribute(name, value);
			return before;
		}
	}

	@Override
	public @Nullable Object remove(Object name) {
		if (!(name instanceof String text)) {
			return null;
		}
		synchronized (this.session) {
			Object before = this.session.getAttribute(text);
			this.session.removeAttribute(text);
			return before;
		}
	}

	@Override
	public void clear() {
		synchronized (this.session) {
			this.session.getAttributeNames().forEach(this.session::removeAttribute);
		}
	}

	@Override
	public @Nullable Object putIfAbsent(String name, Object value) {
		synchronized (this.session) {
			return super.putIfAbsent(name, value);
		}
	}

	@Override
	public @Nullable Object computeIfAbsent(String name, Function<? super String, ? extends @Nullable Object> value) {
		synchronized (this.session) {
			return super.computeIfAbsent(name, value);
		}
	}

	@Override
	public @Nullable Object computeIfPresent(String name,
			BiFunction<? super String, ? super Object, ? extends @Nullable Object> value) {
		synchronized (this.session) {
			return super.computeIfPresent(name, value);
		}
	}

	@Override
	public @Nullable Object compute(String name,
			BiFunction<? super String, ? super @Nullable Object, ? extends @Nullable Object> value) {
		synchronized (this.session) {
			return super.compute(name, value);
		}
	}

	@Override
	public @Nullable Object merge(String name, Object value,
			BiFunction<? super Object, ? super Object, ? extends @Nullable Object> merge) {
		synchronized (this.session) {
			return super.merge(name, value, merge);
		}
	}

	@Override
	public boolean remove(Object name, Object value) {
		synchronized (this.session) {
			return super.remove(name, value);
		}
	}

	@Override
	public boolean replace(String name, Object before, Object after) {
		synchronized (this.session) {
			return super.replace(name, before, after);
		}
	}

	@Override
	public @Nullable Object replace(String name, Object value) {
		synchronized (this.session) {
			return super.replace(name, value);
		}
	}

	/** Returns the names, whose iteration deserializes no values. */
	@Override
	public Set<String> keySet() {
		return new Names();
	}

	@Override
	public Set<Entry<String, Object>> entrySet() {
		return new Entries();
	}

	/**
	 * The attributes that exist when an iteration begins. Those that have been removed
	 * since then are left out.
	 */
	private final class Entries extends AbstractSet<Entry<String, Object>> {

		@Override
		public Iterator<Entry<String, Object>> iterator() {
			return new EntryIterator(SessionAttributeMap.this);
		}

		@Override
		public int size() {
			return SessionAttributeMap.this.session.getAttributeNames().size();
		}

	}

	/** The names of the attributes that exist when an iteration begins. */
	private final class Names extends AbstractSet<String> {

		@Override
		public Iterator<String> iterator() {
			Iterator<String> names = List.copyOf(SessionAttributeMap.this.session.getAttributeNames()).iterator();
			return new Iterator<>() {

				private @Nullable String last;

				@Override
				public boolean hasNext() {
					return names.hasNext();
				}

				@Override
				public String next() {
					String next = names.next();
					this.last = next;
					return next;
				}

				@Override
				public void remove() {
					SessionAttributeMap.this.remove(current(this.last));
					this.last = null;
				}

			};
		}

		@Override
		public int size() {
			return SessionAttributeMap.this.session.getAttributeNames().size();
		}

		@Override
		public boolean contains(Object name) {
			return containsKey(name);
		}

	}

	/** Returns the element of an iteration that is to be removed. */
	private static String current(@Nullable String last) {
		if (last == null) {
			throw new IllegalStateException("next() must be called first");
		}
		return last;
	}

	private static final class EntryIterator implements Iterator<Map.Entry<String, Object>> {

		private final SessionAttributeMap map;

		private final Iterator<String> names;

		private @Nullable Entry<String, Object> next;

		private @Nullable String last;

		EntryIterator(SessionAttributeMap map) {
			this.map = map;
			this.names = List.copyOf(map.session.getAttributeNames()).iterator();
			advance();
		}

		private void advance() {
			this.next = null;
			while (this.next == null && this.names.hasNext()) {
				String name = this.names.next();
				Object value = this.map.get(name);
				if (value != null) {
					this.next = new AttributeEntry(this.map, name, value);
				}
			}
		}

		@Override
		public boolean hasNext() {
			return this.next != null;
		}

		@Override
		public Entry<String, Object> next() {
			Entry<String, Object> current = this.next;
			if (current == null) {
				throw new NoSuchElementException();
			}
			this.last = current.getKey();
			advance();
			return current;
		}

		@Override
		public void remove() {
			this.map.remove(current(this.last));
			this.last = null;
		}

	}

	/** Setting its value sets the attribute. */
	private static final class AttributeEntry extends SimpleEntry<String, Object> {

		private static final long serialVersionUID = 1;

		private final transient SessionAttributeMap map;

		AttributeEntry(SessionAttributeMap map, String name, Object value) {
			super(name, value);
			this.map = map;
		}

		@Override
		public Object setValue(Object value) {
			this.map.put(getKey(), value);
			return super.setValue(value);
		}

	}

}
