package app.session.redis.codec;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that the work for reading a megabyte of JSON is bounded, regardless of its
 * content, and that ordinary values are far from the bounds.
 */
class JsonBudgetTests {

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(getClass().getName())))
		.form(ValueForm.JSON)
		.build();

	private void refused(String json, String message) {
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(HostileJson.bytes(json)))
			.withMessageContaining(message);
	}

	private static String array(String type, Stream<String> elements) {
		return "[\"" + type + "\",[" + String.join(",", elements.toList()) + "]]";
	}

	private static Stream<String> same(String element, int count) {
		return IntStream.range(0, count).mapToObj((i) -> element);
	}

	/** Strings with the same hash code: "Aa" and "BB" have the same one. */
	private static String colliding(int number, int length) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < length; i++) {
			text.append(((number >> i) & 1) == 0 ? "Aa" : "BB");
		}
		return text.toString();
	}

	@ParameterizedTest
	@ValueSource(strings = { "java.util.HashSet", "java.util.LinkedHashSet", "java.util.Collections$UnmodifiableSet",
			"java.util.ImmutableCollections$SetN", "java.util.Collections$SingletonSet", "com.acme.OwnSet",
			"java.util.HashMap" })
	void setsInSetsThatHashALotAreRefusedBeforeAnythingIsCreated(String type) {
		String json = array("java.util.ArrayList", same("1", 100_000));
		for (int i = 0; i < 30; i++) {
			json = array(type, Stream.of(json));
		}
		refused(json, "too many elements to hash");
	}

	@ParameterizedTest
	@ValueSource(strings = { "java.util.HashSet", "java.util.LinkedHashSet", "java.util.Collections$UnmodifiableSet",
			"java.util.Collections$SynchronizedSet", "java.util.concurrent.ConcurrentHashMap$KeySetView" })
	void elementsOfOneHashCodeAreRefused(String type) {
		refused(array(type,
				IntStream.range(0, 1000)
					.mapToObj((i) -> array("java.util.ArrayList", Stream.of("\"" + colliding(i, 10) + "\"")))),
				"the same hash code");
	}

	@Test
	void keysOfOneHashCodeAreRefused() {
		refused(array("java.util.HashMap", IntStream.range(0, 1000)
			.mapToObj((i) -> "[" + array("java.util.ArrayList", Stream.of("\"" + colliding(i, 10) + "\"")) + ",1]")),
				"the same hash code");
		String properties = String.join(",",
				IntStream.range(0, 1000).mapToObj((i) -> "\"" + colliding(i, 10) + "\":\"1\"").toList());
		for (String type : List.of("java.util.Hashtable", "java.util.Properties")) {
			refused("{\"@class\":\"" + type + "\"," + properties + "}", "the same hash code");
		}
		assertThat(this.codec.deserialize(HostileJson.bytes("{\"@class\":\"java.util.HashMap\"," + properties + "}")))
			.as("strings are comparable")
			.asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
			.hasSize(1000);
	}

	@Test
	void setsThatCompareWithAllElementsAreSmall() {
		refused(array("java.util.concurrent.CopyOnWriteArraySet", IntStream.range(0, 5000).mapToObj(Integer::toString)),
				"CopyOnWriteArraySet can have at most 1000 elements");
	}

	@Test
	void aListThatCopiesItselfWithEachElementIsFilledAtOnce() {
		assertThat((List<?>) this.codec
			.deserialize(HostileJson.bytes(array("java.util.concurrent.CopyOnWriteArrayList", same("1", 500_000)))))
			.hasSize(500_000);
	}

	@Test
	void manyExceptionsAreRefused() {
		refused(array("java.util.ArrayList", same("{\"@class\":\"java.lang.Exception\"}", 1001)), "1000 exceptions");
	}

	@ParameterizedTest
	@ValueSource(strings = { "[\"java.math.BigInteger\",1e99999]", "[\"java.lang.Long\",1e99999]" })
	void anIntegerWithAnExponentIsRefused(String json) {
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(HostileJson.bytes(json)));
	}

	@Test
	void sharedObjectsCountAtEachOfTheirPlaces() {
		StringBuilder json = new StringBuilder("{\"@class\":\"" + Node.class.getName() + "\",\"@id\":40,\"children\":");
		String end = "";
		for (int i = 39; i > 0; i--) {
			json.append("[\"java.util.ArrayList\",[{\"@class\":\"" + Node.class.getName() + "\",\"@id\":" + i
					+ ",\"children\":");
			end = "}," + i + "]]" + end;
		}
		refused(json.append("[\"java.util.ArrayList\",[]]").append(end).append("}").toString(),
				"shared objects count each time");
	}

	@Test
	void aReferenceToALaterObjectIsRefused() {
		String type = "\"@class\":\"" + Node.class.getName() + "\"";
		refused("[\"java.util.ArrayList\",[{" + type + ",\"@id\":1,\"children\":[\"java.util.ArrayList\",[2]]},{" + type
				+ ",\"@id\":2,\"children\":[\"java.util.ArrayList\",[]]}]]", "not preceded by its object");
	}

	@Test
	void oneObjectAtVeryManyPlacesIsRefusedWhenItIsWritten() {
		List<Object> list = new ArrayList<>(List.of("x".repeat(1000)));
		for (int i = 0; i < 40; i++) {
			list = new ArrayList<>(List.of(list, list));
		}
		List<Object> value = list;
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(value))
			.withMessageContaining("more than 67108864 bytes");
	}

	static Stream<Object> ordinary() {
		List<Order> orders = IntStream.range(0, 100_000)
			.mapToObj((i) -> new Order(i, "customer " + i, List.of("a", "b"), Set.of(1L, 2L)))
			.toList();
		Map<String, Object> names = new HashMap<>();
		Map<Long, Object> numbers = new TreeMap<>();
		Map<Object, Object> properties = new Properties();
		IntStream.range(0, 100_000).forEach((i) -> {
			names.put("key " + i, i);
			numbers.put((long) i, "x");
			properties.put("key " + i, "x");
		});
		Set<Object> points = new LinkedHashSet<>();
		IntStream.range(0, 40_000).forEach((i) -> points.add(new Point(i / 200, i % 200)));
		Object document = "leaf";
		for (int i = 0; i < 20; i++) {
			Map<String, Object> level = new LinkedHashMap<>();
			level.put("a", document);
			level.put("b", IntStream.range(0, 1000).boxed().toList());
			level.put("c", new HashSet<>(Set.of("x", "y")));
			document = level;
		}
		return Stream.of(new ArrayList<>(orders), names, numbers, properties, points,
				new HashSet<>(orders.subList(0, 10_000)), document);
	}

	@ParameterizedTest(name = "{index}")
	@MethodSource("ordinary")
	void anOrdinaryValueIsWithinTheBounds(Object value) {
		assertThat(this.codec.deserialize(this.codec.serialize(value))).matches(value::equals);
	}

	record Order(int number, String customer, List<String> lines, Set<Long> tags) implements Serializable {
	}

	record Point(int x, int y) implements Serializable {
	}

	@JsonIdentityInfo(generator = ObjectIdGenerators.IntSequenceGenerator.class)
	static class Node implements Serializable {

		private final List<Node> children = new ArrayList<>();

		List<Node> children() {
			return this.children;
		}

	}

}
