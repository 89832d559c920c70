package app.session.redis.codec;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import app.session.redis.codec.HostileValues.Gadget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HostileValuesTests {

	private static final Map<String, byte[]> VALUES = HostileValues.all();

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.readForms(Set.of(ValueForm.values()))
		.allowedTypes(new AllowedTypes(List.of("app.session.redis.codec.RealValues")))
		.build();

	private final ValueCodec warning = codec(TypeCheck.WARN);

	private static ValueCodec codec(TypeCheck typeCheck) {
		return ValueCodec.builder()
			.classLoader(HostileValuesTests.class.getClassLoader())
			.readForms(Set.of(ValueForm.values()))
			.typeCheck(typeCheck)
			.build();
	}

	private Object read(byte[] stored) {
		return this.codec.deserialize(this.codec.open(SessionSeal.none("handle"), "name", stored));
	}

	static Stream<String> names() {
		return VALUES.keySet().stream();
	}

	@ParameterizedTest
	@MethodSource("names")
	void aHostileValueIsUnreadableAndRunsNothing(String name) {
		int runs = HostileValues.RUNS.get();
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> read(VALUES.get(name)))
			.satisfies((ex) -> assertThat(ex.getMessage()).isNotBlank().doesNotContain("ldap:", "harmless"));
		assertThat(HostileValues.RUNS).hasValue(runs);
		assertThat(Files.exists(Path.of("hostile-formatter.txt"))).isFalse();
		assertThat(Thread.getAllStackTraces().keySet()).noneMatch((thread) -> thread.getName().equals("hostile"));
	}

	@ParameterizedTest
	@MethodSource("names")
	void withTypeCheckWarnAHostileValueInPlainTextIsUnreadableAndRunsNothing(String name) {
		int runs = HostileValues.RUNS.get();
		SessionSeal none = SessionSeal.none("AAAAAAAAAAAAAAAA");
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.warning.deserialize(none, this.warning.open(none, "name", VALUES.get(name))));
		assertThat(HostileValues.RUNS).hasValue(runs);
	}

	@ParameterizedTest
	@EnumSource
	void typesThatAreNeverStoredAreRefusedInEveryMode(TypeCheck typeCheck) {
		ValueCodec codec = codec(typeCheck);
		for (Object value : List.of(new org.springframework.aop.target.EmptyTargetSource[0],
				new java.util.logging.LogRecord(java.util.logging.Level.INFO, "x"))) {
			assertThatExceptionOfType(TypeRefusedException.class).isThrownBy(() -> codec.serialize("name", value));
		}
		Runnable lambda = (Runnable & java.io.Serializable) () -> {
		};
		assertThatExceptionOfType(TypeRefusedException.class).isThrownBy(() -> codec.serialize("name", lambda));
		assertThat(codec.unlisted().list()).isEmpty();
	}

	@Test
	void theMessageNamesTheTypeAndWhatToDo() {
		for (String name : List.of("gadget", "gadget as a key", "gadget in an array", "JSON", "JSON in a map")) {
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> read(VALUES.get(name)))
				.withMessageContaining(Gadget.class.getName())
				.withMessageContaining("SessionSettingsBuilder.allowedTypes");
		}
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> read(
					ValueCodec.form((byte) 4, "{\"@class\":\"x\\nFORGED LINE\"}".getBytes(StandardCharsets.UTF_8))))
			.withMessageContaining("a type with an invalid name");
	}

	@Test
	void aUrlIsNotLookedUpWhileItIsRead() throws Exception {
		Map<?, ?> map = (Map<?, ?>) read(HostileValues.urlAsKey("http://localhost/"));
		URL key = (URL) map.keySet().iterator().next();
		assertThat(key).hasToString("http://localhost/");
		assertThat(key.hashCode()).as("as the name of a host that was not asked for")
			.isNotEqualTo(new URL("http://localhost/").hashCode());
		URL value = (URL) read(HostileValues.java(new URL("http://localhost/")));
		assertThat(value).isEqualTo(new URL("http://localhost/")).hasSameHashCodeAs(new URL("http://localhost/"));
		assertThat(value.getDefaultPort()).isEqualTo(80);
	}

	@ParameterizedTest
	@EnumSource
	void valuesNestedTooDeeplyToBeReadAreNotWritten(ValueForm form) {
		ValueCodec writing = ValueCodec.builder().form(form).build();
		Object deep = HostileValues.nested(200);
		assertThatIllegalArgumentException().isThrownBy(() -> writing.serialize(deep))
			.withMessageContaining("read back");
		assertThatIllegalArgumentException().isThrownBy(() -> writing.serialize(HostileValues.nested(100_000)));
		Object allowed = HostileValues.nested(150);
		assertThat(writing.deserialize(writing.serialize(allowed))).isEqualTo(allowed);
	}

	@Test
	void aHostileValueDoesNotOverflowTheStack() throws Exception {
		for (int depth : new int[] { 20, 100, 155, 1000 }) {
			for (int size : new int[] { 1, 15, 1 << 16, Integer.MAX_VALUE }) {
				byte[] stored = HostileValues.sortedMaps(depth, size);
				AtomicReference<Throwable> failure = new AtomicReference<>();
				Thread reading = new Thread(null, () -> {
					try {
						read(stored);
					}
					catch (UnreadableValueException ex) {
						failure.set(ex.getCause());
					}
				}, "small stack", 512 << 10);
				reading.start();
				reading.join();
				assertThat(failure.get() instanceof StackOverflowError).as("%d maps of %d", depth, size).isFalse();
			}
		}
	}

	@Test
	void sortedMapsInEachOtherAreRead() {
		Object value = "innermost";
		for (int i = 0; i < 50; i++) {
			TreeMap<String, Object> map = new TreeMap<>(Map.of("a", value, "b", 1, "c", 2, "d", 3, "e", 4));
			value = map;
		}
		assertThat(this.codec.deserialize(this.codec.serialize(value))).isEqualTo(value);
		List<Object> many = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			many.add(new TreeSet<>(IntStream.range(0, 300).boxed().toList()));
		}
		assertThat(this.codec.deserialize(this.codec.serialize(many))).isEqualTo(many);
	}

	@Test
	void whatHasTooManyReferencesIsNotWritten() {
		List<Object> many = new ArrayList<>(Collections.nCopies(ValueInputStream.MAX_REFERENCES + 1, "x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(many))
			.withMessageContaining("1000000 objects");
		assertThat(this.codec.snapshot(many)).hasSizeGreaterThan(ValueInputStream.MAX_REFERENCES);
	}

	@Test
	void whatIsTooLargeIsNotWritten() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(new byte[ValueCodec.MAX_BYTES]))
			.withMessageContaining("at most 67108864");
	}

	@Test
	void largeCollectionsOfAllKindsAreWithinTheLimits() {
		List<Integer> list = IntStream.range(0, 10_000).boxed().toList();
		Map<Object, Object> map = new HashMap<>(16, 0.25f);
		list.forEach((i) -> map.put(i, ""));
		for (Object value : List.of(list, new ArrayList<>(list), map, new LinkedHashMap<>(map),
				new java.util.HashSet<>(list), new java.util.TreeSet<>(list),
				new java.util.ArrayDeque<>(list).toArray(), new java.util.Hashtable<>(map),
				new java.util.IdentityHashMap<>(Map.of("a", 1)), new java.util.concurrent.ConcurrentHashMap<>(map),
				new java.util.PriorityQueue<>(list).toArray(), new long[100_000], new boolean[100_000],
				new String[10_000])) {
			Object result = this.codec.deserialize(this.codec.serialize(value));
			assertThat(result).hasSameClassAs(value.getClass().getName().contains("Immutable") ? result : value);
		}
		for (int size = 0; size < 50; size++) {
			Map<Object, Object> small = new HashMap<>(1, 0.01f);
			List<Map<Object, Object>> lists = new ArrayList<>();
			for (int i = 0; i < size; i++) {
				small.put(i, null);
				lists.add(new HashMap<>(Map.of(i, i)));
			}
			assertThat(this.codec.deserialize(this.codec.serialize(small))).isEqualTo(small);
			assertThat(this.codec.deserialize(this.codec.serialize(lists))).isEqualTo(lists);
		}
	}

}
