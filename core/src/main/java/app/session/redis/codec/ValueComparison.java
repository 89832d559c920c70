package app.session.redis.codec;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;

import app.session.redis.ThrowableStandIn;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Compares a value with the value that was read from its JSON, to find changes that JSON
 * would cause: in the class of an object, a field, an element, a key, or an order.
 * Objects of the JDK are compared through their methods, others by their
 * {@link StateFields}.
 */
final class ValueComparison {

	/**
	 * The maximum number of comparisons between elements whose classes don't define
	 * equality.
	 */
	private static final int MAX_ATTEMPTS = 10_000;

	private static final String IMMUTABLE = "java.util.ImmutableCollections$";

	private final StateFields fields;

	/** The pairs that have been compared or are being compared. */
	private final Set<Pair> pairs = new HashSet<>();

	private final List<Pair> sequence = new ArrayList<>();

	private int attempts;

	private ValueComparison(StateFields fields) {
		this.fields = fields;
	}

	/**
	 * Describes the first difference, without keys or values.
	 * @param before the value
	 * @param after the value that was read
	 * @param fields the fields to compare
	 * @return the difference and its path, or null if there is none
	 */
	static @Nullable String difference(Object before, Object after, StateFields fields) {
		Difference difference = new ValueComparison(fields).compare(before, after);
		return (difference != null) ? difference.toString() : null;
	}

	/** Returns whether the fields of two objects of the same class are equal. */
	static boolean haveSameFields(Object before, Object after, StateFields fields) {
		return new ValueComparison(fields).fields(before, after, before.getClass()) == null;
	}

	private @Nullable Difference compare(@Nullable Object before, @Nullable Object after) {
		if (before == after) {
			return null;
		}
		if (before == null || after == null) {
			return becomes(before, after);
		}
		if (before instanceof Throwable throwable && after instanceof Throwable read) {
			return throwables(throwable, read);
		}
		Class<?> type = before.getClass();
		if (type != after.getClass() && !areInterchangeable(type, after.getClass())) {
			return becomes(before, after);
		}
		if (before instanceof String || before instanceof Number || before instanceof Enum<?>) {
			return simple(before, after);
		}
		if (!enter(new Pair(before, after))) {
			return null;
		}
		if (type.isArray()) {
			return arrays(before, after);
		}
		if (before instanceof Map<?, ?> map) {
			return firstOf(maps(map, (Map<?, ?>) after), fields(before, after, type));
		}
		if (before instanceof Collection<?> collection) {
			return firstOf(collections(collection, (Collection<?>) after), fields(before, after, type));
		}
		if (before instanceof JsonNode node) {
			return (node.equals(after) && node.toString().equals(after.toString())) ? null : new Difference(type);
		}
		return StateFields.isOfJdk(type) ? simple(before, after) : objects(before, after, type);
	}

	private boolean enter(Pair pair) {
		boolean added = this.pairs.add(pair);
		if (added) {
			this.sequence.add(pair);
		}
		return added;
	}

	private static @Nullable Difference firstOf(@Nullable Difference first, @Nullable Difference second) {
		return (first != null) ? first : second;
	}

	private static Difference becomes(@Nullable Object before, @Nullable Object after) {
		return new Difference(name(before) + " becomes " + name(after));
	}

	private static String name(@Nullable Object value) {
		return (value != null) ? AllowedTypes.printable(value.getClass().getName()) : "null";
	}

	/** Returns whether two classes of the JDK or Spring behave in the same way. */
	private static boolean areInterchangeable(Class<?> before, Class<?> after) {
		String name = before.getName();
		if (name.startsWith(IMMUTABLE) && after.getName().startsWith(IMMUTABLE)) {
			return interfaceOf(before) == interfaceOf(after);
		}
		return BindingJson.isWrittenAs(before, after);
	}

	private static Class<?> interfaceOf(Class<?> type) {
		return List.class.isAssignableFrom(type) ? List.class
				: (Set.class.isAssignableFrom(type) ? Set.class : Map.class);
	}

	/** Compares values whose equality is defined by their class or by this method. */
	private @Nullable Difference simple(Object before, Object after) {
		boolean same;
		if (before instanceof URL url) {
			// Its equals resolves hosts
			same = url.toExternalForm().equals(((URL) after).toExternalForm());
		}
		else if (before instanceof InetAddress address) {
			same = isSame(address, (InetAddress) after);
		}
		else if (before instanceof InetSocketAddress address) {
			InetSocketAddress read = (InetSocketAddress) after;
			same = address.getPort() == read.getPort() && address.isUnresolved() == read.isUnresolved()
					&& (address.isUnresolved() ? address.getHostString().equals(read.getHostString())
							: isSame(address.getAddress(), read.getAddress()));
		}
		else if (before instanceof Optional<?> optional) {
			return compare(optional.orElse(null), ((Optional<?>) after).orElse(null));
		}
		else if (before instanceof AtomicReference<?> reference) {
			return compare(reference.get(), ((AtomicReference<?>) after).get());
		}
		else if (before instanceof Map.Entry<?, ?> entry) {
			Map.Entry<?, ?> read = (Map.Entry<?, ?>) after;
			return firstOf(compare(entry.getKey(), read.getKey()), compare(entry.getValue(), read.getValue()));
		}
		else if (before instanceof CharSequence || isComparedAsText(before)) {
			same = before.toString().contentEquals(after.toString());
		}
		else {
			same = before.equals(after);
		}
		return same ? null : new Difference(before.getClass());
	}

	/**
	 * Returns whether the text of an object without {@code equals} represents its whole
	 * state.
	 */
	private static boolean isComparedAsText(Object value) {
		return value.getClass().getName().startsWith("java.util.concurrent.atomic.");
	}

	/** Compares addresses without resolving names. */
	private static boolean isSame(InetAddress before, InetAddress after) {
		if (before instanceof Inet6Address v6 && after instanceof Inet6Address read && (v6.getScopedInterface() != null
				|| read.getScopedInterface() != null || v6.getScopeId() != read.getScopeId())) {
			return false;
		}
		return Arrays.equals(before.getAddress(), after.getAddress()) && before.toString().equals(after.toString());
	}

	private @Nullable Difference arrays(Object before, Object after) {
		int length = Array.getLength(before);
		if (length != Array.getLength(after)) {
			return new Difference(before.getClass());
		}
		if (before.getClass().getComponentType().isPrimitive()) {
			return Arrays.deepEquals(new Object[] { before }, new Object[] { after }) ? null
					: new Difference(before.getClass());
		}
		for (int i = 0; i < length; i++) {
			Difference difference = compare(Array.get(before, i), Array.get(after, i));
			if (difference != null) {
				return difference.in(i);
			}
		}
		return null;
	}

	private @Nullable Difference collections(Collection<?> before, Collection<?> after) {
		if (before.size() != after.size()) {
			return new Difference("the number of elements of " + name(before));
		}
		if (before instanceof SortedSet<?> sorted
				&& !Objects.equals(sorted.comparator(), ((SortedSet<?>) after).comparator())) {
			return new Difference("the comparator of " + name(before));
		}
		if (before instanceof PriorityQueue<?> queue
				&& !Objects.equals(queue.comparator(), ((PriorityQueue<?>) after).comparator())) {
			return new Difference("the comparator of " + name(before));
		}
		if (before instanceof ConcurrentHashMap.KeySetView<?, ?> view && !Objects.equals(view.getMappedValue(),
				((ConcurrentHashMap.KeySetView<?, ?>) after).getMappedValue())) {
			return new Difference(before.getClass());
		}
		if (isUnordered(before)) {
			return unordered(before, after, Object.class::cast, this::compare);
		}
		int index = 0;
		Iterator<?> read = after.iterator();
		for (Object element : before) {
			Difference difference = compare(element, read.next());
			if (difference != null) {
				return difference.in(index);
			}
			index++;
		}
		return null;
	}

	private static boolean isUnordered(Collection<?> collection) {
		return (collection instanceof HashSet && !(collection instanceof LinkedHashSet))
				|| collection instanceof ConcurrentHashMap.KeySetView
				|| (collection instanceof Set && collection.getClass().getName().startsWith(IMMUTABLE));
	}

	private @Nullable Difference maps(Map<?, ?> before, Map<?, ?> after) {
		if (before.size() != after.size()) {
			return new Difference("the number of entries of " + name(before));
		}
		if (before instanceof SortedMap<?, ?> sorted
				&& !Objects.equals(sorted.comparator(), ((SortedMap<?, ?>) after).comparator())) {
			return new Difference("the comparator of " + name(before));
		}
		if (before instanceof IdentityHashMap && !before.isEmpty()) {
			return new Difference("the identity of the keys of " + name(before));
		}
		if (before instanceof Properties properties
				&& !properties.stringPropertyNames().equals(((Properties) after).stringPropertyNames())) {
			return new Difference("the defaults of " + name(before));
		}
		if (before.getClass() == LinkedHashMap.class && isOrderedByAccess((LinkedHashMap<?, ?>) before)) {
			return new Difference("the order of access of " + name(before));
		}
		if (isUnordered(before)) {
			return unordered(before.entrySet(), after.entrySet(), Map.Entry::getKey, this::entries);
		}
		Iterator<? extends Map.Entry<?, ?>> read = after.entrySet().iterator();
		for (Map.Entry<?, ?> entry : before.entrySet()) {
			Difference difference = entries(entry, read.next());
			if (difference != null) {
				return difference;
			}
		}
		return null;
	}

	private static boolean isUnordered(Map<?, ?> map) {
		return (map instanceof HashMap && !(map instanceof LinkedHashMap)) || map instanceof Hashtable
				|| map instanceof ConcurrentHashMap || map.getClass().getName().startsWith(IMMUTABLE);
	}

	/** Determines the order by using a copy, since the map has no method for it. */
	@SuppressWarnings("unchecked") // a copy of the map, which accepts any entry
	private static boolean isOrderedByAccess(LinkedHashMap<?, ?> map) {
		LinkedHashMap<Object, Object> copy = (LinkedHashMap<Object, Object>) map.clone();
		copy.clear();
		copy.put("first", "");
		copy.put("second", "");
		copy.get("first");
		return copy.keySet().iterator().next().equals("second");
	}

	private @Nullable Difference entries(Map.Entry<?, ?> before, Map.Entry<?, ?> after) {
		Difference difference = compare(before.getKey(), after.getKey());
		if (difference == null) {
			difference = compare(before.getValue(), after.getValue());
		}
		return (difference != null) ? difference.inMap() : null;
	}

	/**
	 * Compares elements in any order: each element with the equal one or, if its class
	 * has no {@code equals}, with an element without differences.
	 */
	private <T> @Nullable Difference unordered(Collection<? extends T> before, Collection<? extends T> after,
			Function<T, @Nullable Object> key, BiFunction<T, T, @Nullable Difference> comparison) {
		Map<@Nullable Object, T> read = new LinkedHashMap<>();
		after.forEach((element) -> read.put(hashable(key.apply(element)), element));
		List<T> unmatched = new ArrayList<>();
		for (T element : before) {
			Object hashable = hashable(key.apply(element));
			if (!read.containsKey(hashable)) {
				unmatched.add(element);
				continue;
			}
			Difference difference = comparison.apply(element, read.remove(hashable));
			if (difference != null) {
				return difference;
			}
		}
		for (T element : unmatched) {
			Difference difference = search(element, read.values(), comparison);
			if (difference != null) {
				return difference;
			}
		}
		return null;
	}

	private <T> @Nullable Difference search(T element, Collection<T> candidates,
			BiFunction<T, T, @Nullable Difference> comparison) {
		Difference last = new Difference("a key or element");
		for (Iterator<T> iterator = candidates.iterator(); iterator.hasNext() && this.attempts < MAX_ATTEMPTS;) {
			this.attempts++;
			int mark = this.sequence.size();
			Difference difference = comparison.apply(element, iterator.next());
			if (difference == null) {
				iterator.remove();
				return null;
			}
			// Discard the pairs that were only assumed to be equal
			List<Pair> supposed = this.sequence.subList(mark, this.sequence.size());
			supposed.forEach(this.pairs::remove);
			supposed.clear();
			last = difference;
		}
		return last;
	}

	private static @Nullable Object hashable(@Nullable Object key) {
		if (key instanceof URL url) {
			return List.of(URL.class, url.toExternalForm());
		}
		return (key instanceof Map.Entry<?, ?> entry) ? hashable(entry.getKey()) : key;
	}

	private @Nullable Difference objects(Object before, Object after, Class<?> type) {
		Class<?> inherited = type;
		while (!StateFields.isOfJdk(inherited)) {
			inherited = inherited.getSuperclass();
		}
		if (inherited != Object.class && inherited != Record.class && !before.equals(after)) {
			return new Difference(type);
		}
		return fields(before, after, type);
	}

	private @Nullable Difference fields(Object before, Object after, Class<?> type) {
		Class<?> written = BindingJson.writtenAs(type);
		if (!written.isInstance(before)) {
			return null;
		}
		for (Field field : this.fields.of(written)) {
			Difference difference;
			try {
				difference = compare(field.get(before), field.get(after));
			}
			catch (IllegalAccessException ex) {
				throw new IllegalStateException(ex);
			}
			if (difference != null) {
				return difference.in(field.getName());
			}
		}
		return null;
	}

	private @Nullable Difference throwables(Throwable before, Throwable after) {
		boolean standIn = after instanceof ThrowableStandIn && !(before instanceof ThrowableStandIn);
		if (standIn ? !((ThrowableStandIn) after).getTypeName().equals(before.getClass().getName())
				: before.getClass() != after.getClass()) {
			return becomes(before, after);
		}
		if (!enter(new Pair(before, after))) {
			return null;
		}
		if (!Objects.equals(before.getMessage(), after.getMessage())) {
			return new Difference("the message of " + name(before));
		}
		if (ThrowableJson.isLogIn(before.getClass())) {
			return standIn ? null : fields(before, after, before.getClass());
		}
		if (!Arrays.equals(before.getStackTrace(), after.getStackTrace())) {
			return new Difference("the stack trace of " + name(before));
		}
		// A chain of causes ends with a stand-in if it is too long or circular
		if (standIn && after.getCause() == null && after.getSuppressed().length == 0) {
			return null;
		}
		Difference difference = compare(before.getCause(), after.getCause());
		if (difference == null) {
			difference = compare(before.getSuppressed(), after.getSuppressed());
		}
		return (difference != null || standIn) ? difference : fields(before, after, before.getClass());
	}

	/** Two objects, compared by identity. */
	private record Pair(Object before, Object after) {

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Pair pair && this.before == pair.before && this.after == pair.after;
		}

		@Override
		public int hashCode() {
			return 31 * System.identityHashCode(this.before) + System.identityHashCode(this.after);
		}

	}

	/** A difference and its path. */
	private static final class Difference {

		private final String what;

		private final StringBuilder path = new StringBuilder();

		Difference(String what) {
			this.what = what;
		}

		Difference(Class<?> type) {
			this("a value of type " + AllowedTypes.printable(type.getName()) + " changes");
		}

		Difference in(int index) {
			return inPath("[" + index + "]");
		}

		Difference in(String property) {
			return inPath(property);
		}

		/** Doesn't show the key, which is a part of the value. */
		Difference inMap() {
			return inPath("*");
		}

		private Difference inPath(String step) {
			this.path.insert(0, (this.path.isEmpty() || this.path.charAt(0) == '[') ? step : step + ".");
			return this;
		}

		@Override
		public String toString() {
			return this.path.isEmpty() ? this.what : "at " + this.path + ": " + this.what;
		}

	}

}
