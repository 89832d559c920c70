package app.session.redis.codec;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class ValueComparisonTests {

	private final StateFields fields = new StateFields(JsonMapper.builder().build().serializationConfig());

	private @Nullable String difference(Object before, Object after) {
		return ValueComparison.difference(before, after, this.fields);
	}

	static Stream<Arguments> different() {
		return Stream.of(Arguments.of(1, 1L, "java.lang.Integer becomes java.lang.Long"),
				Arguments.of(0.0, -0.0, "java.lang.Double changes"),
				Arguments.of(new BigDecimal("1.0"), new BigDecimal("1.00"), "java.math.BigDecimal changes"),
				Arguments.of(new ArrayList<>(List.of(1)), new LinkedList<>(List.of(1)),
						"java.util.ArrayList becomes java.util.LinkedList"),
				Arguments.of(List.of(1, 2), List.of(2, 1), "at [0]: "),
				Arguments.of(new ArrayList<>(List.of(1)), new ArrayList<>(), "the number of elements"),
				Arguments.of(Arrays.asList("a", null), Arrays.asList("a", "b"),
						"at [1]: null becomes java.lang.String"),
				Arguments.of(map("secret", 1), map("secret", 2), "at *: "),
				Arguments.of(map("secret", 1), map("other", 1), "java.lang.String changes"),
				Arguments.of(map(1L, 1), map("1", 1), "java.lang.Long becomes java.lang.String"),
				Arguments.of(ordered("a", "b"), ordered("b", "a"), "at *: "),
				Arguments.of(new TreeMap<>(Comparator.<String>reverseOrder()), new TreeMap<String, Object>(),
						"the comparator"),
				Arguments.of(new TreeSet<>(String.CASE_INSENSITIVE_ORDER), new TreeSet<String>(), "the comparator"),
				Arguments.of(new HashSet<>(Set.of(List.of(1))), new HashSet<>(Set.of(List.of(2))), "[0]"),
				Arguments.of(new int[] { 1 }, new int[] { 2 }, "[I changes"),
				Arguments.of(new int[1], new Integer[] { 0 }, "[I becomes [Ljava.lang.Integer;"),
				Arguments.of(new Object[] { "a", new Date(1) }, new Object[] { "a", new Date(2) }, "at [1]: "),
				Arguments.of(Optional.of("a"), Optional.empty(), "java.lang.String becomes null"),
				Arguments.of(new AtomicReference<>(1), new AtomicReference<>(2), "java.lang.Integer changes"),
				Arguments.of(new AtomicLong(1), new AtomicLong(2), "java.util.concurrent.atomic.AtomicLong changes"),
				Arguments.of(new StringBuilder("a"), new StringBuilder("b"), "java.lang.StringBuilder changes"),
				Arguments.of(new Bean("a", "b"), new Bean("a", "c"), "at lines[0].text: "),
				Arguments.of(new Sub("a", "b", 1), new Sub("a", "b", 2), "at own: "),
				Arguments.of(new Sub("a", "b", 1), new Bean("a", "b"), "$Sub becomes "),
				Arguments.of(new Weak("a", 1), new Weak("a", 2), "at state: "), Arguments
					.of(new HashSet<>(Set.of(new Weak("a", 1))), new HashSet<>(Set.of(new Weak("a", 2))), "state"));
	}

	private static Map<Object, Object> map(Object key, Object value) {
		return new HashMap<>(Map.of(key, value));
	}

	private static Map<Object, Object> ordered(Object... keys) {
		Map<Object, Object> map = new LinkedHashMap<>();
		for (Object key : keys) {
			map.put(key, "x");
		}
		return map;
	}

	@ParameterizedTest
	@MethodSource
	void different(Object before, Object after, String message) {
		assertThat(difference(before, after)).contains(message).doesNotContain("secret");
	}

	static Stream<Arguments> same() throws Exception {
		return Stream.of(Arguments.of(Double.NaN, Double.NaN),
				Arguments.of(List.of(1, 2), List.of(1, 2, 3).stream().limit(2).toList()),
				Arguments.of(new Bean("a", "b"), new Bean("a", "b")),
				Arguments.of(new Left("a", "b"), new Left("c", "d")),
				Arguments.of(new AtomicLong(1), new AtomicLong(1)), Arguments.of(cycle(), cycle()),
				Arguments.of(new HashMap<>(Map.of(new NoEquals(1), 1, new NoEquals(2), 2)),
						new HashMap<>(Map.of(new NoEquals(1), 1, new NoEquals(2), 2))),
				Arguments.of(new HashSet<>(Arrays.asList(null, "a")), new HashSet<>(Arrays.asList("a", null))),
				Arguments.of(new URL("http://a.invalid/"), new URL("http://a.invalid/")),
				Arguments.of(InetAddress.getByAddress("a.invalid", new byte[4]),
						InetAddress.getByAddress("a.invalid", new byte[4])));
	}

	private static List<Object> cycle() {
		List<Object> list = new ArrayList<>();
		list.add(list);
		return list;
	}

	@ParameterizedTest
	@MethodSource
	void same(Object before, Object after) {
		assertThat(difference(before, after)).isNull();
	}

	@Test
	void hostsOfUrlsAreNotCompared() throws Exception {
		assertThat(difference(new URL("http://localhost/"), new URL("http://127.0.0.1/"))).contains("java.net.URL");
	}

	static class Bean {

		private final String name;

		private final List<Object> lines;

		private final transient Object temporary = new Object();

		Bean(String name, String line) {
			this.name = name;
			this.lines = new ArrayList<>(List.of(new Line(line)));
		}

		@Override
		public String toString() {
			return this.name + this.lines + this.temporary;
		}

	}

	record Line(String text) {
	}

	static class Sub extends Bean {

		private final int own;

		Sub(String name, String line, int own) {
			super(name, line);
			this.own = own;
		}

		int own() {
			return this.own;
		}

	}

	/** Equals instances with a different state. */
	record Weak(String id, int state) {

		@Override
		public boolean equals(Object other) {
			return other instanceof Weak weak && weak.id.equals(this.id);
		}

		@Override
		public int hashCode() {
			return this.id.hashCode();
		}

	}

	static class NoEquals {

		private final int number;

		NoEquals(int number) {
			this.number = number;
		}

		int number() {
			return this.number;
		}

	}

	@JsonIgnoreProperties("second")
	static class Left {

		@JsonIgnore
		private final String first;

		private final String second;

		Left(String first, String second) {
			this.first = first;
			this.second = second;
		}

		String both() {
			return this.first + this.second;
		}

	}

}
