package app.session.redis.codec;

import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.util.LinkedMultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that a value is restored from its JSON unchanged, or is refused when it is
 * written.
 */
class JsonRoundTripTests {

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(
				List.of(getClass().getName(), "tools.jackson.databind.node", "java.sql", "java.nio.file.Path")))
		.form(ValueForm.JSON)
		.build();

	@SuppressWarnings("unchecked")
	private <T> T pass(T value) {
		return (T) this.codec.deserialize(this.codec.serialize(value));
	}

	private static Map<String, Object> values() throws IOException {
		Map<String, Object> values = new LinkedHashMap<>();
		Map<Object, Object> mixed = new LinkedHashMap<>();
		for (Object key : Arrays.asList(1L, 1, "1", (short) 1, 1.0, new BigDecimal("1.00"), 'c', true, null,
				Color.GREEN, UUID.fromString("5a9ba9a5-c2c4-4b7e-a21e-5a3b7c8d9e0f"), LocalDate.of(2026, 1, 2),
				List.of("a", 1L), new Key("x", 1), new Date(5), Locale.GERMAN, TimeUnit.DAYS, URI.create("a:b"),
				Map.of(1, 2), "@class")) {
			mixed.put(key, (key != null) ? key : "of null");
		}
		values.put("map with keys of all kinds", mixed);
		values.put("map with long keys", new HashMap<>(Map.of(1L, "a", 2L, "b")));
		values.put("map with uuid keys", new TreeMap<>(Map.of(new UUID(1, 2), 1L)));
		values.put("map with enum keys", new HashMap<>(Map.of(Color.GREEN, 1)));
		values.put("map with date keys", new ConcurrentHashMap<>(Map.of(LocalDate.of(2026, 1, 2), new Key("k", 1))));
		values.put("map with record keys", new LinkedHashMap<>(Map.of(new Key("a", 1), new Key("b", 2))));
		values.put("map with a null key", new HashMap<>(Collections.singletonMap(null, "x")));
		values.put("map with an empty key", new HashMap<>(Map.of("", 1, " ", 2, "a.b", 3)));
		values.put("immutable map with int keys", Map.of(1, "a", 2, "b"));
		values.put("immutable map with one", Map.of(1L, "a"));
		values.put("unmodifiable map with long keys", Collections.unmodifiableMap(new LinkedHashMap<>(Map.of(1L, 2L))));
		values.put("singleton map with a null key", Collections.singletonMap(null, 1));
		values.put("synchronized map", Collections.synchronizedMap(new HashMap<>(Map.of(1, 2))));
		values.put("hashtable", new Hashtable<>(Map.of(1, 2, "a", "b")));
		Properties properties = new Properties();
		properties.put("a", "b");
		values.put("properties", properties);
		values.put("map in maps", new HashMap<>(Map.of(1, new HashMap<>(Map.of(2L, new TreeMap<>(Map.of('a', 1)))))));
		TreeMap<String, Object> reversed = new TreeMap<>(Comparator.reverseOrder());
		reversed.putAll(Map.of("a", 1, "b", 2));
		values.put("tree map in reverse order", reversed);
		TreeMap<Object, Object> natural = new TreeMap<>(naturalOrder());
		natural.put(1L, "x");
		values.put("tree map with a comparator of the natural order", natural);
		TreeMap<String, Object> insensitive = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		insensitive.putAll(Map.of("B", 1, "a", 2));
		values.put("tree map without case", insensitive);
		TreeMap<String, Object> insensitiveReversed = new TreeMap<>(
				Collections.reverseOrder(String.CASE_INSENSITIVE_ORDER));
		insensitiveReversed.putAll(Map.of("B", 1, "a", 2));
		values.put("tree map without case in reverse order", insensitiveReversed);
		values.put("empty tree map in reverse order", new TreeMap<>(Comparator.reverseOrder()));
		ConcurrentSkipListMap<Integer, Object> skipList = new ConcurrentSkipListMap<>(Comparator.reverseOrder());
		skipList.put(1, 2);
		values.put("skip list map", skipList);
		for (Collection<String> sorted : List.<Collection<String>>of(new TreeSet<>(Comparator.reverseOrder()),
				new ConcurrentSkipListSet<>(Comparator.reverseOrder()), new ConcurrentSkipListSet<>(),
				new PriorityQueue<>(Comparator.reverseOrder()), new PriorityQueue<>())) {
			sorted.addAll(List.of("b", "a", "c"));
			values.put(sorted.getClass().getName() + sorted, sorted);
		}
		values.put("set of long", new HashSet<>(Set.of(1L, 2L)));
		values.put("set of dates", new LinkedHashSet<>(List.of(LocalDate.of(2026, 1, 2), LocalDate.of(2025, 1, 2))));
		values.put("set of lists", new HashSet<>(Set.of(List.of(1), List.of(2L), List.of())));
		values.put("set with null", new HashSet<>(Arrays.asList(null, 1)));
		values.put("concurrent set", keySet());
		values.put("unmodifiable set in order",
				Collections.unmodifiableSet(new LinkedHashSet<>(List.of("c", "a", "b"))));
		values.put("unmodifiable linked list", Collections.unmodifiableList(new LinkedList<>(List.of(1))));
		values.put("synchronized", Collections.synchronizedList(new ArrayList<>(List.of(1))));
		values.put("list of a stream with null", Stream.of(1, null).toList());
		values.put("array deque", new ArrayList<>(new ArrayDeque<>(List.of(1, 2))));
		values.put("vector", new Vector<>(List.of(1L)));
		values.put("copy on write set", new CopyOnWriteArraySet<>(List.of("b", "a")));
		values.put("copy on write list", new CopyOnWriteArrayList<>(List.of("b", 1L)));
		values.put("enum set", EnumSet.of(Color.RED));
		values.put("empty enum set", new ArrayList<>(List.of(EnumSet.noneOf(Color.class))));
		values.put("enum map", new EnumMap<>(Map.of(Color.RED, List.of(1L))));
		values.put("lists with null", new ArrayList<>(Arrays.asList(null, Arrays.asList((Object) null))));
		values.put("numbers in a list",
				new ArrayList<>(List.of((byte) 1, (short) 2, 3, 4L, 5.5f, 6.5, 'c', true, new BigInteger("7"),
						new BigDecimal("8.00"), new BigDecimal("1E+3"), new BigDecimal("-0.0"), -0.0, -0.0f, 1e300,
						Double.MIN_VALUE, Float.MAX_VALUE, 1e15, 100.0)));
		values.put("not finite", new ArrayList<>(List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
				Float.NaN, Float.NEGATIVE_INFINITY)));
		values.put("nan", Double.NaN);
		values.put("float", -0.0f);
		values.put("strings",
				new ArrayList<>(List.of("", " ", "\u0000", "\ud800", "null", "@class", "java.lang.String")));
		values.put("characters", new ArrayList<>(List.of('\u0000', ' ', '"', '\ud800')));
		values.put("arrays",
				new Object[] { new char[] { 'a', '\u0000' }, new char[0], new byte[] { 1 }, new short[] { 1 },
						new int[][] { { 1 }, {} }, new long[] { 1 }, new float[] { Float.NaN },
						new double[] { -0.0, Double.NaN }, new boolean[] { true },
						new String[][] { { "a", null }, null }, new Object[] { 1L, "x", null },
						new Integer[] { 1, null }, new Long[] { 1L }, new Key[] { new Key("a", 1) },
						new Color[] { Color.GREEN }, new Object[0], new Character[] { 'x' }, new LocalDate[0] });
		values.put("array of arrays", new Object[][] { { 1L }, { "x", new int[] { 1 } } });
		values.put("enum with text", new ArrayList<>(List.of(Color.RED, Color.GREEN)));
		values.put("locales",
				new ArrayList<>(List.of(Locale.ROOT, Locale.forLanguageTag("zh-Hans-CN"), new Locale("ja", "JP", "JP"),
						Locale.forLanguageTag("de-DE-u-co-phonebk"), Locale.forLanguageTag("sr-Latn"))));
		values.put("time zone", TimeZone.getTimeZone("Europe/Vienna"));
		GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"), Locale.US);
		calendar.setTimeInMillis(-1234567890123L);
		calendar.setFirstDayOfWeek(Calendar.WEDNESDAY);
		calendar.setLenient(false);
		values.put("calendar", calendar);
		java.sql.Timestamp timestamp = new java.sql.Timestamp(1_700_000_000_123L);
		timestamp.setNanos(123_456_789);
		values.put("timestamp", timestamp);
		values.put("sql date", new java.sql.Date(1_700_000_000_123L));
		values.put("sql time", new java.sql.Time(1_700_000_000_123L));
		values.put("dates", new ArrayList<>(List.of(new Date(0), new Date(-1), new Date(253_402_300_799_999L))));
		values.put("bits", BitSet.valueOf(new long[] { 5 }));
		values.put("inet address",
				new ArrayList<>(List.of(InetAddress.getByAddress("shop.invalid", new byte[] { 10, 1, 2, 3 }),
						InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }),
						InetAddress.getByAddress("v6.invalid", new byte[16]), InetAddress.getByAddress(new byte[16]))));
		values.put("socket address",
				new ArrayList<>(List.of(InetSocketAddress.createUnresolved("shop.invalid", 80),
						new InetSocketAddress(InetAddress.getByAddress("a.invalid", new byte[] { 10, 1, 2, 3 }), 1),
						new InetSocketAddress(InetAddress.getByAddress(new byte[] { 10, 1, 2, 3 }), 0))));
		values.put("set of addresses", new HashSet<>(Set.of(InetAddress.getByAddress(new byte[] { 10, 1, 2, 3 }))));
		values.put("path", Path.of("a", "b.txt"));
		values.put("multi value map", new LinkedMultiValueMap<>(Map.of("a", List.of("b", "c"))));
		LinkedCaseInsensitiveMap<Object> caseInsensitive = new LinkedCaseInsensitiveMap<>();
		caseInsensitive.put("Accept", 1L);
		values.put("case-insensitive map", caseInsensitive);
		values.put("record of objects", new ArrayList<>(List.of(new Anything(1L, 1.5f, 'x', new Key("k", 1), null),
				new Anything(new int[0].length, List.of(1L), Map.of(1, 2), Color.GREEN, LocalDate.of(2026, 1, 2)))));
		values.put("bean of declared types", declared());
		values.put("bean of nulls", new Declared());
		values.put("generic box", new Box<>(new Box<>(5L)));
		return values;
	}

	@SuppressWarnings("unchecked")
	private static Comparator<Object> naturalOrder() {
		return (Comparator<Object>) (Comparator<?>) Comparator.naturalOrder();
	}

	private static Set<Object> keySet() {
		Set<Object> set = ConcurrentHashMap.newKeySet();
		set.add(1L);
		return set;
	}

	private static Declared declared() throws IOException {
		Declared declared = new Declared();
		declared.byLong = new HashMap<>(Map.of(1L, "a"));
		declared.byKey = new HashMap<>(Map.of(new Key("k", 1), 1L));
		declared.byColor = new HashMap<>(Map.of(Color.GREEN, 1));
		declared.byNumber = new HashMap<>(Map.of(1, "i", 2L, "l"));
		declared.byAddress = new HashMap<>(Map.of(InetAddress.getByAddress(new byte[] { 10, 1, 2, 3 }), "a"));
		declared.sorted = new TreeMap<>(Comparator.<String>reverseOrder());
		declared.sorted.put("a", 1);
		declared.tree = new TreeSet<>(Comparator.<String>reverseOrder());
		declared.tree.add("x");
		declared.names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		declared.names.add("y");
		declared.optional = Optional.of(new Key("o", 1));
		declared.optionalInt = OptionalInt.of(5);
		declared.number = 5L;
		declared.object = 5f;
		declared.comparable = 'c';
		declared.text = new StringBuilder("sb ");
		declared.counter = new AtomicInteger(7);
		declared.reference = new AtomicReference<>(new Key("r", 1));
		declared.node = JsonNodeFactory.instance.objectNode().put("a", 1L);
		declared.objectNode = JsonNodeFactory.instance.objectNode().put("a", 1.5f);
		declared.address = InetAddress.getByAddress("a.invalid", new byte[] { 10, 1, 2, 3 });
		declared.array = new Object[] { 1L, null };
		declared.real = Double.NaN;
		return declared;
	}

	static Stream<Arguments> everyValue() throws IOException {
		return values().entrySet().stream().map((entry) -> Arguments.of(entry.getKey(), entry.getValue()));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("everyValue")
	void comesBackAsItWas(String name, Object value) {
		Object result = pass(value);
		if (!value.getClass().getName().contains("Immutable")) {
			assertThat(result).hasSameClassAs(value);
		}
		if (value instanceof SortedMap<?, ?> sorted) {
			assertThat(((SortedMap<?, ?>) result).comparator()).isEqualTo(sorted.comparator());
		}
		if (value instanceof TreeSet<?> sorted) {
			assertThat(((TreeSet<?>) result).comparator()).isEqualTo(sorted.comparator());
		}
		if (Objects.deepEquals(result, value)) {
			return;
		}
		assertThat(result).usingRecursiveComparison()
			.withEqualsForType((one, other) -> one.toString().contentEquals(other), StringBuilder.class)
			.withEqualsForType(Double::equals, Double.class)
			.withStrictTypeChecking()
			.isEqualTo(value);
		if (!(value instanceof HashMap || value instanceof HashSet || value.getClass().isArray())) {
			assertThat(result.toString().replaceAll("@[0-9a-f]+", ""))
				.isEqualTo(value.toString().replaceAll("@[0-9a-f]+", ""));
		}
	}

	/** Java serialization is the oracle for equality. */
	static Stream<Object> valuesOfTheJdk() {
		java.util.Stack<Object> stack = new java.util.Stack<>();
		stack.push("a");
		java.util.concurrent.atomic.LongAdder adder = new java.util.concurrent.atomic.LongAdder();
		adder.add(5);
		return Stream.of(new java.util.AbstractMap.SimpleEntry<>("a", 1L),
				new java.util.AbstractMap.SimpleImmutableEntry<>(1, 2), Map.entry("a", 1),
				Collections.unmodifiableSortedSet(new TreeSet<>(Set.of(1))),
				Collections.unmodifiableSortedMap(new TreeMap<>(Map.of("a", 1))),
				Collections.unmodifiableNavigableMap(new TreeMap<>(Map.of(1L, 1))),
				Collections.unmodifiableCollection(new ArrayList<>(List.of(1L))),
				Collections.synchronizedSortedMap(new TreeMap<>(Map.of("a", 1))),
				Collections.newSetFromMap(new LinkedHashMap<>()), Collections.nCopies(3, "a"),
				Collections.emptySortedSet(), Collections.checkedList(new ArrayList<>(List.of("a")), String.class),
				stack, new ArrayDeque<>(List.of(1L, 2)), new java.util.concurrent.ConcurrentLinkedDeque<>(List.of(1L)),
				new java.util.concurrent.ConcurrentLinkedQueue<>(List.of("x")),
				new java.util.concurrent.atomic.AtomicLong(5), new java.util.concurrent.atomic.AtomicBoolean(true),
				new java.util.concurrent.atomic.AtomicIntegerArray(new int[] { 1, 2 }),
				new java.util.concurrent.atomic.AtomicReferenceArray<>(new Object[] { 1L }), adder,
				new StringBuffer("b "), java.math.MathContext.DECIMAL64, java.math.RoundingMode.CEILING,
				new AtomicReference<>(5L), new AtomicReference<>(), java.time.ZoneId.of("UTC"),
				java.time.MonthDay.of(1, 2), java.time.Month.MAY, java.time.OffsetTime.parse("10:00:01.5+01:00"),
				java.time.Duration.ofDays(-3).plusNanos(1), java.time.Instant.MAX, java.time.LocalDate.MIN,
				java.time.Year.of(-5), java.time.YearMonth.of(12345, 1),
				java.time.ZonedDateTime.parse("2026-10-25T02:30:00+01:00[Europe/Vienna]"),
				java.time.chrono.JapaneseDate.of(2026, 1, 2), java.time.DayOfWeek.MONDAY,
				new java.util.concurrent.locks.ReentrantLock(), new Object[] { new Object[] { 1L }, "x" },
				new javax.security.auth.x500.X500Principal("CN=a"), Locale.US, java.util.Currency.getInstance("EUR"),
				new StackTraceElement("l", "m", "1", "c", "d", "f", 3), new Date(Long.MIN_VALUE),
				new Date(Long.MAX_VALUE), new Date(-62_135_769_600_001L), new BigDecimal("1E+100000"),
				new BigDecimal("1E-9999"), new BigInteger("9".repeat(1200)), "x".repeat(60_000).toCharArray(),
				new HashMap<>(Map.of("x".repeat(60_000), 1)), new Properties(), Double.MIN_NORMAL,
				new float[] { Float.MIN_VALUE, 16_777_217f }, Long.MIN_VALUE, new long[] { Long.MAX_VALUE },
				new Long[] { Long.MAX_VALUE, null }, new Object[] { Long.MAX_VALUE, (byte) -1 });
	}

	@ParameterizedTest(name = "{index}")
	@MethodSource
	void valuesOfTheJdk(Object value) {
		byte[] json;
		try {
			json = this.codec.serialize(value);
		}
		catch (IllegalArgumentException ex) {
			assertThat(ex).hasMessageContaining("can't be");
			return;
		}
		Object result = this.codec.deserialize(json);
		ValueCodec java = ValueCodec.builder().allowedTypes(new AllowedTypes(List.of("java"))).build();
		assertThat(java.snapshot(result)).as(value.getClass().getName()).isEqualTo(java.snapshot(value));
	}

	@Test
	void urlsComeBackAlsoAsElementsAndKeysWithoutALookUp() throws Exception {
		URL url = new URL("http://localhost/a?b#c");
		assertThat(pass(url)).hasToString(url.toString()).isEqualTo(url);
		assertThat(pass(new HashSet<>(Set.of(url)))).singleElement().hasToString(url.toString());
		assertThat(pass(new HashMap<>(Map.of(url, 1L)))).hasSize(1);
	}

	@Test
	void addressIsNeitherResolvedNorNamedWhenItIsWritten() throws Exception {
		InetAddress address = InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 });
		assertThat(pass(address)).hasToString("/127.0.0.1");
		assertThat(address).as("looking up its name would add it").hasToString("/127.0.0.1");
		InetSocketAddress socket = new InetSocketAddress(address, 80);
		assertThat(pass(socket)).hasToString("/127.0.0.1:80");
		assertThat(socket).hasToString("/127.0.0.1:80");
	}

	static Stream<Arguments> changed() throws IOException {
		Map<String, Object> values = new LinkedHashMap<>();
		values.put("comparator", new TreeMap<>(Comparator.comparing(Object::toString)));
		values.put("java.util.TreeSet", new TreeSet<>(Comparator.comparing(Object::toString)));
		values.put("identity of the keys", new IdentityHashMap<>(Map.of("a", 1)));
		LinkedHashMap<String, Object> byAccess = new LinkedHashMap<>(16, 0.75f, true);
		byAccess.put("secret", 1);
		values.put("order of access", byAccess);
		Properties defaults = new Properties();
		defaults.put("secret", "x");
		values.put("defaults", new Properties(defaults));
		values.put(Member.class.getName() + " becomes org.springframework.security.core.userdetails.User",
				new SecurityContextImpl(UsernamePasswordAuthenticationToken.authenticated(
						new Member("secret", "p", AuthorityUtils.NO_AUTHORITIES), null,
						AuthorityUtils.NO_AUTHORITIES)));
		values.put("java.util.ImmutableCollections$SubList", List.of("secret", 2, 3, 4).subList(0, 3));
		values.put("empty EnumMap", new ArrayList<>(List.of(new EnumMap<>(Color.class))));
		values.put("[Ljava.util.List;", new List<?>[] { List.of(1L) });
		values.put("at text", new CharSequences(new StringBuilder("secret")));
		values.put("java.util.SimpleTimeZone", new SimpleTimeZone(3_600_000, "secret"));
		values.put("java.util.Locale", new Locale("secret_x", "", ""));
		values.put("nested too deeply", cycle());
		values.put("java.util.Optional", new ArrayList<>(List.of(Optional.of("secret"))));
		values.put("at items[0].hidden", new Holder(new ArrayList<>(List.of(new Hidden()))));
		values.put("at items[1]", new Holder(new ArrayList<>(List.of("a", new SimpleTimeZone(1, "secret")))));
		values.put("at *", new HashMap<>(Map.of("secret", new SimpleTimeZone(1, "secret"))));
		values.put("java.util.regex.Pattern", new ArrayList<>(List.of(java.util.regex.Pattern.compile("secret"))));
		values.put("at [0].owner", new ArrayList<>(List.of(extended())));
		values.put("java.lang.Class", new ArrayList<>(List.of(String.class)));
		values.put("the same hash code", new HashSet<>(colliding()));
		return values.entrySet().stream().map((entry) -> Arguments.of(entry.getKey(), entry.getValue()));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("changed")
	void whatWouldChangeIsRefusedNamingItWithoutKeysAndValues(String message, Object value) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(value))
			.withMessageContaining(message)
			.withMessageNotContaining("secret")
			.withMessageContaining("can't be");
	}

	@Test
	void propertiesThatAnnotationsExcludeAreNotChanges() {
		Annotated annotated = new Annotated();
		annotated.ignored = "x";
		annotated.writeOnly = "y";
		annotated.kept = "z";
		Annotated result = pass(annotated);
		assertThat(result.ignored).isNull();
		assertThat(result.kept).isEqualTo("z");
	}

	@Test
	void elementsWithoutEqualsAreMatchedByTheirState() {
		Set<Hidden.Plain> plain = new HashSet<>(Set.of(new Hidden.Plain("a"), new Hidden.Plain("b")));
		assertThat(pass(plain)).extracting("text").containsExactlyInAnyOrder("a", "b");
	}

	@Test
	void objectsSharedByTheirIdentityComeBackShared() {
		Node parent = new Node();
		Node child = new Node();
		child.parent = parent;
		parent.children.add(child);
		parent.children.add(child);
		Node result = pass(parent);
		assertThat(result.children.get(0)).isSameAs(result.children.get(1));
		assertThat(result.children.get(0).parent).isSameAs(result);
	}

	@Test
	void jsonDocuments() {
		JsonNodeFactory nodes = JsonNodeFactory.instance;
		ObjectNode object = nodes.objectNode();
		object.put("@class", "java.util.Formatter").put("int", 1).put("long", 1L).put("float", 1.5f).put("double", 1.5);
		object.put("nan", Double.NaN).put("decimal", new BigDecimal("1.00")).put("big", BigInteger.ONE);
		object.put("short", (short) 1)
			.put("text", "x")
			.put("true", true)
			.putNull("null")
			.put("binary", new byte[] { 1 });
		object.set("array", nodes.arrayNode().add("array").add(1L).add(nodes.arrayNode().add("LONG").add("5")));
		object.set("object", nodes.objectNode());
		ArrayNode array = nodes.arrayNode().add("@node").add(object.deepCopy());
		for (JsonNode node : List.of(object, array, nodes.arrayNode(), nodes.objectNode(), nodes.numberNode(5L),
				nodes.numberNode(5), nodes.stringNode(""), nodes.nullNode(), nodes.missingNode(),
				nodes.booleanNode(true))) {
			assertThat(pass(node)).isEqualTo(node).hasSameClassAs(node).hasToString(node.toString());
			assertThat(pass(new ArrayList<>(List.of(node)))).containsExactly(node);
			Declared declared = new Declared();
			declared.node = node;
			assertThat(pass(declared).node).isEqualTo(node);
		}
	}

	private static List<Object> cycle() {
		List<Object> list = new ArrayList<>();
		list.add(list);
		return list;
	}

	private static List<Same> colliding() {
		List<Same> elements = new ArrayList<>();
		for (int i = 0; i < 2000; i++) {
			elements.add(new Same(i));
		}
		return elements;
	}

	private static Extended extended() {
		Extended extended = new Extended();
		extended.add("a");
		extended.owner = "secret";
		return extended;
	}

	enum Color {

		RED, GREEN {

			@Override
			public String toString() {
				return "RED";
			}

		}

	}

	record Key(String name, long number) implements Serializable {
	}

	record Same(int number) implements Serializable {

		@Override
		public int hashCode() {
			return 1;
		}

	}

	record Anything(Object a, Object b, Object c, Object d, @Nullable Object e) implements Serializable {
	}

	record Holder(List<Object> items) implements Serializable {
	}

	record CharSequences(CharSequence text) implements Serializable {
	}

	record Box<T>(T content) implements Serializable {
	}

	static class Declared implements Serializable {

		@Nullable Map<Long, String> byLong;

		@Nullable Map<Key, Long> byKey;

		@Nullable Map<Color, Integer> byColor;

		@Nullable Map<Number, String> byNumber;

		@Nullable Map<InetAddress, String> byAddress;

		@Nullable SortedMap<String, Integer> sorted;

		@Nullable TreeSet<String> tree;

		@Nullable Set<String> names;

		Optional<Key> optional = Optional.empty();

		OptionalInt optionalInt = OptionalInt.empty();

		@Nullable Number number;

		@Nullable Object object;

		@Nullable Comparable<?> comparable;

		@Nullable StringBuilder text;

		@Nullable AtomicInteger counter;

		AtomicReference<Key> reference = new AtomicReference<>();

		@Nullable JsonNode node;

		@Nullable ObjectNode objectNode;

		@Nullable InetAddress address;

		Object @Nullable [] array;

		double real;

	}

	static class Hidden implements Serializable {

		@JsonIgnore
		private String left = "x";

		private final transient String temporary = "y";

		private final Object hidden = new SimpleTimeZone(1, "secret");

		static class Plain implements Serializable {

			private final String text;

			Plain(@JsonProperty("text") String text) {
				this.text = text;
			}

		}

	}

	static class Annotated implements Serializable {

		@JsonIgnore
		private String ignored;

		@JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
		private String writeOnly;

		private String kept;

	}

	@JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
	static class Node implements Serializable {

		private final List<Node> children = new ArrayList<>();

		private Node parent;

	}

	static class Extended extends ArrayList<String> {

		private String owner = "";

	}

	static class Member extends User {

		private final String department;

		Member(String name, String password,
				Collection<? extends org.springframework.security.core.GrantedAuthority> a) {
			super(name, password, a);
			this.department = "secret";
		}

		String department() {
			return this.department;
		}

	}

}
