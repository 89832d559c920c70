package app.session.redis.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Period;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class StreamWorkTests {

	private static final int LEVELS = 40;

	private static final Map<String, byte[]> HOSTILE = hostile();

	private static final Map<String, Object> ORDINARY = ordinary();

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(getClass().getName(), RealValues.class.getName())))
		.build();

	private static Map<String, byte[]> hostile() {
		Map<String, byte[]> values = new LinkedHashMap<>();
		Object lists = lists();
		values.put("sets that hold one another", serialized(sets(false)));
		values.put("linked sets", serialized(sets(true)));
		values.put("lists in a set", serialized(in(new HashSet<>(), lists)));
		values.put("arrays in a set", serialized(in(new LinkedHashSet<>(), arrays())));
		values.put("unmodifiable lists in a set",
				serialized(in(new HashSet<>(), Collections.unmodifiableList(new ArrayList<>(List.of(lists))))));
		values.put("lists in a set in a list", serialized(new ArrayList<>(List.of(in(new HashSet<>(), lists)))));
		for (Map<Object, Object> map : List.of(new HashMap<>(), new LinkedHashMap<>(), new ConcurrentHashMap<>(),
				new Hashtable<>(), new OwnMap())) {
			values.put("lists as a key of a " + map.getClass().getSimpleName(), serialized(with(map, lists)));
		}
		values.put("lists in an immutable set", serialized(Set.of(new Unhashed(lists), "x")));
		values.put("lists as a key of an immutable map", serialized(Map.of(new Unhashed(lists), "x", "y", "z")));
		values.put("lists that collide in a set", serialized(
				in(new HashSet<>(), colliding(40_000).map((text) -> new ArrayList<>(List.of(text))).toArray())));
		values.put("strings that collide in a hash table",
				serialized(with(new Hashtable<>(), colliding(60_000).toArray())));
		values.put("other strings that collide in a hash table",
				serialized(with(new Hashtable<>(), colliding(60_000).map((text) -> "\u00e4\u20ac" + text).toArray())));
		values.put("strings that collide in an immutable set",
				serialized(Set.of(colliding(60_000).map(Unhashed::new).toArray())));
		values.put("numbers that collide in a hash table", serialized(
				with(new Hashtable<>(), LongStream.range(0, 60_000).mapToObj((i) -> i << 32 | i).toArray())));
		List<Object> open = new ArrayList<>();
		open.add(in(new HashSet<>(), new ArrayList<>(Arrays.asList(new Unhashed(open), new Unhashed(open)))));
		values.put("lists of a list that is not complete, as keys",
				serialized(new ArrayList<>(List.of(open, "x".repeat(300)))));
		values.put("entries in a set", serialized(in(new HashSet<>(), entries())));
		values.put("periods that collide in a set", serialized(
				in(new HashSet<>(), IntStream.range(0, 40_000).mapToObj((i) -> Period.of(-(i << 8), i, 0)).toArray())));
		values.put("a long key again and again in a hash table", serialized(with(new Hashtable<>(), sameLongText())));
		values.put("a long key again and again", serialized(in(new HashSet<>(), sameLongText())));
		return values;
	}

	/**
	 * Two sets on each level, each of which contains both sets of the level below:
	 * hashing the top visits 2^levels sets.
	 */
	private static Set<Object> sets(boolean linked) {
		Set<Object> top = linked ? new LinkedHashSet<>() : new HashSet<>();
		Set<Object> first = top;
		Set<Object> second = new HashSet<>();
		for (int i = 0; i < LEVELS; i++) {
			Set<Object> nextFirst = linked ? new LinkedHashSet<>() : new HashSet<>();
			Set<Object> nextSecond = linked ? new LinkedHashSet<>() : new HashSet<>();
			nextFirst.add("first");
			for (Set<Object> each : List.of(first, second)) {
				each.add(nextFirst);
				each.add(nextSecond);
			}
			first = nextFirst;
			second = nextSecond;
		}
		return top;
	}

	private static Object lists() {
		Object inner = "x";
		for (int i = 0; i < LEVELS; i++) {
			inner = new ArrayList<>(Arrays.asList(inner, inner));
		}
		return inner;
	}

	private static Object entries() {
		Object inner = "x";
		for (int i = 0; i < LEVELS; i++) {
			inner = new AbstractMap.SimpleEntry<>(inner, inner);
		}
		return inner;
	}

	private static Object arrays() {
		Object inner = "x";
		for (int i = 0; i < LEVELS; i++) {
			inner = Arrays.asList(inner, inner);
		}
		return inner;
	}

	private static Object in(Collection<Object> collection, Object... elements) {
		for (Object element : elements) {
			collection.add(new Unhashed(element));
		}
		return collection;
	}

	private static Object with(Map<Object, Object> map, Object... keys) {
		for (Object key : keys) {
			map.put(new Unhashed(key), 1);
		}
		return map;
	}

	private static Stream<String> colliding(int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> IntStream.range(0, 17)
				.mapToObj((bit) -> ((i >> bit) & 1) == 0 ? "Aa" : "BB")
				.collect(Collectors.joining()));
	}

	private static Object[] sameLongText() {
		String one = "x".repeat(65_000);
		String other = "x".repeat(65_000);
		return IntStream.range(0, 20_000).mapToObj((i) -> (i % 2 == 0) ? one : other).toArray();
	}

	private static byte[] serialized(Object value) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(2);
		try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
			objects.writeObject(value);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return out.toByteArray();
	}

	private static Map<String, Object> ordinary() {
		Map<String, Object> values = new LinkedHashMap<>(RealValues.equal());
		List<String> texts = IntStream.range(0, 100_000).mapToObj((i) -> "product " + i).toList();
		values.put("a long list", new ArrayList<>(texts));
		values.put("a large map", texts.stream().collect(Collectors.toMap((text) -> text, String::length)));
		values.put("a large hash table",
				new Hashtable<>(texts.stream().collect(Collectors.toMap((text) -> text, String::length))));
		values.put("a large set of ids", Stream.generate(UUID::randomUUID).limit(50_000).collect(Collectors.toSet()));
		values.put("a large set of numbers", LongStream.range(0, 100_000).boxed().collect(Collectors.toSet()));
		values.put("a large map of prices", new TreeMap<>(
				IntStream.range(0, 20_000).boxed().collect(Collectors.toMap((i) -> i, (i) -> new BigDecimal(i)))));
		values.put("a large immutable set", Set.copyOf(texts));
		Person parent = new Person(new ArrayList<>(), new HashSet<>());
		IntStream.range(0, 1000)
			.forEach((i) -> parent.relatives().add(new Person(new ArrayList<>(List.of(parent)), Set.of())));
		parent.others().addAll(parent.relatives());
		values.put("persons who know each other", new ArrayList<>(List.of(parent)));
		values.put("a large list of a stream", IntStream.range(0, 30_000).mapToObj(Line::new).toList());
		values.put("a set of records", IntStream.range(0, 10_000).mapToObj(Line::new).collect(Collectors.toSet()));
		List<Line> catalog = IntStream.range(0, 5000).mapToObj(Line::new).toList();
		values.put("lines that refer to a catalogue",
				new ArrayList<>(IntStream.range(0, 5000)
					.mapToObj((i) -> new LinkedHashMap<>(Map.of("catalogue", catalog, "number", i)))
					.toList()));
		values.put("a queue", new ArrayList<>(new PriorityQueue<>(texts.subList(0, 1000))));
		Map<String, Object> nested = new HashMap<>();
		for (int i = 0; i < 30; i++) {
			nested = new HashMap<>(Map.of("inner", nested, "list", texts.subList(0, 100).stream().toList()));
		}
		values.put("maps in maps", nested);
		return values;
	}

	static Set<String> hostileNames() {
		return HOSTILE.keySet();
	}

	static Set<String> ordinaryNames() {
		return ORDINARY.keySet();
	}

	private static long cpuMillis(Runnable task) {
		long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
		task.run();
		return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1_000_000;
	}

	@ParameterizedTest
	@MethodSource("hostileNames")
	void tooMuchWorkIsRefusedBeforeItIsDone(String name) {
		byte[] value = HOSTILE.get(name);
		long millis = cpuMillis(() -> assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(value))
			.withMessageContaining("too much work"));
		assertThat(millis).isLessThan(1000);
	}

	@Test
	void theExampleOfFewBytesIsSmall() {
		assertThat(HOSTILE.get("sets that hold one another")).hasSizeLessThan(3000);
	}

	@ParameterizedTest
	@MethodSource("ordinaryNames")
	void whatApplicationsStoreIsNotTooMuch(String name) {
		Object value = ORDINARY.get(name);
		assertThat(this.codec.deserialize(this.codec.serialize(value))).isEqualTo(value);
	}

	@Test
	void whatCouldNotBeReadIsNotWritten() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(sets(false)))
			.withMessageContaining("too much work");
	}

	@Test
	void whatIsTooSmallToBeCheckedIsRead() {
		byte[] small = serialized(new ArrayList<>(List.of(Map.of("a", Set.of("b")))));
		assertThat(small).hasSizeLessThan(StreamWork.HARMLESS_BYTES);
		assertThat(this.codec.deserialize(small)).isEqualTo(List.of(Map.of("a", Set.of("b"))));
	}

	@Test
	void aFewHundredBytesAreChecked() {
		assertThat(HOSTILE.get("entries in a set")).hasSizeBetween(StreamWork.HARMLESS_BYTES, 800);
	}

	@Test
	void aFieldWhoseTypeIsAnotherThanItsSignatureIsRefused() throws Exception {
		byte[] stream = serialized(new Pair(new ArrayList<>(List.of("a".repeat(300))), null));
		String text = new String(stream, StandardCharsets.ISO_8859_1);
		int signature = text.indexOf("Ljava/lang/Object;");
		byte[] other = stream.clone();
		other[signature] = 'J';
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> StreamWork.check(other, 1, 100))
			.withMessageContaining("not a serialized object");
		StreamWork.check(stream, 1, 100);
	}

	@Test
	void aDamagedStreamIsUnreadable() {
		byte[] stream = serialized(ORDINARY.get("maps in maps"));
		Random random = new Random(1);
		for (int i = 0; i < 20_000; i++) {
			byte[] damaged = stream.clone();
			int changes = 1 + random.nextInt(3);
			for (int j = 0; j < changes; j++) {
				damaged[5 + random.nextInt(600)] = (byte) random.nextInt();
			}
			try {
				StreamWork.check(damaged, 1, 100);
			}
			catch (UnreadableValueException ex) {
				assertThat(ex.getMessage()).isNotEmpty();
			}
		}
		for (int length = 0; length < 600; length++) {
			byte[] cut = Arrays.copyOf(stream, length);
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> StreamWork.check(cut, 1, 100));
		}
	}

	/** Is not hashed while a test builds its container, and is written as its value. */
	private static final class Unhashed implements Serializable {

		private static final long serialVersionUID = 1L;

		private final transient Object value;

		Unhashed(Object value) {
			this.value = value;
		}

		private Object writeReplace() {
			return this.value;
		}

	}

	static final class OwnMap extends HashMap<Object, Object> {

		private static final long serialVersionUID = 1L;

	}

	/** Refers to others that refer to it, as entities do. */
	static final class Person implements Serializable {

		private static final long serialVersionUID = 1L;

		private final List<Person> relatives;

		private final Set<Person> others;

		Person(List<Person> relatives, Set<Person> others) {
			this.relatives = relatives;
			this.others = others;
		}

		List<Person> relatives() {
			return this.relatives;
		}

		Set<Person> others() {
			return this.others;
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Person person && person.relatives.size() == this.relatives.size();
		}

		@Override
		public int hashCode() {
			return 7;
		}

	}

	static final class Pair implements Serializable {

		private static final long serialVersionUID = 1L;

		private final Object first;

		private final Object second;

		Pair(Object first, Object second) {
			this.first = first;
			this.second = second;
		}

		@Override
		public String toString() {
			return this.first + " " + this.second;
		}

	}

	record Line(int number) implements Serializable {
	}

}
