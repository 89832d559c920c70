package app.session.redis.codec;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that lambdas are stored only for the configured classes.
 */
class StoredLambdasTests {

	private static final AtomicInteger RUNS = new AtomicInteger();

	private final ValueCodec allowing = codec(List.of(StoredLambdasTests.class.getName()));

	private static ValueCodec codec(List<String> lambdas) {
		return ValueCodec.builder()
			.classLoader(StoredLambdasTests.class.getClassLoader())
			.allowedTypes(new AllowedTypes(List.of(StoredLambdasTests.class.getName()), lambdas))
			.build();
	}

	@SuppressWarnings("unchecked")
	private <T> T pass(Object value) {
		return (T) this.allowing.deserialize(this.allowing.serialize(value));
	}

	@Test
	void aLambdaKeepsWhatItHasCaptured() {
		String text = "captured";
		int number = 3;
		List<String> list = new ArrayList<>(List.of("a"));
		Supplier<String> lambda = (Supplier<String> & Serializable) () -> text + number + list;
		assertThat(this.<Supplier<String>>pass(lambda).get()).isEqualTo("captured3[a]");
	}

	@Test
	void methodReferencesOfAllKindsAreStored() {
		String bound = "bound";
		assertThat(this.<Supplier<Integer>>pass((Supplier<Integer> & Serializable) bound::length).get()).isEqualTo(5);
		assertThat(this.<Function<String, Integer>>pass((Function<String, Integer> & Serializable) String::length)
			.apply("abc")).isEqualTo(3);
		assertThat(this.<Function<String, Integer>>pass((Function<String, Integer> & Serializable) Integer::valueOf)
			.apply("7")).isEqualTo(7);
		assertThat(this.<Supplier<List<String>>>pass((Supplier<List<String>> & Serializable) ArrayList::new).get())
			.isEmpty();
	}

	@Test
	void lambdasInFieldsAndInLambdasAreStored() {
		Holder holder = new Holder();
		holder.action = () -> "of " + holder.name;
		Holder result = pass(holder);
		assertThat(result.action.get()).isEqualTo("of holder");
		result.name = "another";
		assertThat(result.action.get()).as("the same object").isEqualTo("of another");
		Action inner = () -> "inner";
		Action outer = () -> "outer " + inner.get();
		assertThat(this.<Action>pass(outer).get()).isEqualTo("outer inner");
		List<Action> twice = pass(new ArrayList<>(List.of(inner, inner)));
		assertThat(twice.get(0)).isSameAs(twice.get(1));
	}

	@Test
	void aComparatorOfTheApplicationIsStored() {
		TreeMap<String, Integer> map = new TreeMap<>((Comparator<String> & Serializable) (a, b) -> b.compareTo(a));
		map.put("a", 1);
		map.put("b", 2);
		assertThat(this.<TreeMap<String, Integer>>pass(map).firstKey()).isEqualTo("b");
	}

	@Test
	void whatALambdaHasCapturedMustBeAllowedItself() {
		Object stranger = new AllowedTypesTests.Stranger();
		Supplier<String> lambda = (Supplier<String> & Serializable) stranger::toString;
		assertThatExceptionOfType(TypeRefusedException.class).isThrownBy(() -> this.allowing.serialize(lambda))
			.withMessageContaining(AllowedTypesTests.Stranger.class.getName());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "app.session.redis.codec.Other", "app.session.redis.codec.StoredLambdas", "java" })
	void lambdasOfOtherClassesAreNeitherWrittenNorRead(String allowed) {
		ValueCodec other = codec(allowed.isEmpty() ? List.of() : List.of(allowed));
		Action lambda = () -> {
			RUNS.incrementAndGet();
			return "";
		};
		assertThatIllegalArgumentException().isThrownBy(() -> other.serialize(lambda))
			.withMessageContaining("lambda")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("allowed-lambdas", "setAllowedLambdas"));
		byte[] stored = this.allowing.serialize(lambda);
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> other.deserialize(stored))
			.withMessageContaining("lambda of " + StoredLambdasTests.class.getName());
		assertThat(RUNS).hasValue(0);
	}

	@Test
	void theJdksOwnFormOfLambdasIsNeverRead() {
		byte[] stored = HostileValues.java((Supplier<String> & Serializable) () -> "x");
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> codec(List.of("java", "app")).deserialize(stored))
			.withMessageContaining("lambda");
	}

	@ParameterizedTest
	@ValueSource(strings = { "implClass", "implMethodName", "functionalInterfaceClass", "implMethodSignature" })
	void aLambdaThatTheClassDoesNotHaveIsUnreadable(String field) throws Exception {
		StoredLambda hostile = stored(() -> "x");
		for (String value : new String[] { "java/lang/Runtime", null }) {
			set(hostile, field, value);
			assertUnreadable(this.allowing, hostile, "no longer in");
		}
	}

	@Test
	void aLambdaThatNamesAnotherClassIsUnreadableAndNothingOfThatClassRuns() throws Exception {
		StoredLambda hostile = stored(() -> "x");
		set(hostile, "capturingClass", Trap.class.getName());
		assertUnreadable(codec(List.of(Holder.class.getName())), hostile, "lambda of " + Trap.class.getName());
		assertThat(RUNS).hasValue(0);
		set(hostile, "capturingClass", null);
		assertUnreadable(this.allowing, hostile, "lambda of null");
		set(hostile, "capturingClass", StoredLambdasTests.class.getName() + "$Gone");
		assertUnreadable(this.allowing, hostile, "no longer in");
		set(hostile, "capturingClass", "java.util.Comparator");
		assertUnreadable(codec(List.of("java")), hostile, "no longer in");
		set(hostile, "capturingClass", "java.lang.reflect.Proxy");
		assertUnreadable(codec(List.of("java")), hostile, "not among the allowed lambdas");
	}

	private static void assertUnreadable(ValueCodec codec, StoredLambda hostile, String message) {
		byte[] stored = HostileValues.java(hostile);
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> codec.deserialize(stored))
			.withMessageContaining(message);
	}

	private static StoredLambda stored(Action lambda) throws Exception {
		Method replace = lambda.getClass().getDeclaredMethod("writeReplace");
		replace.setAccessible(true);
		return new StoredLambda((SerializedLambda) replace.invoke(lambda));
	}

	private static void set(StoredLambda lambda, String name, Object value) throws Exception {
		Field field = StoredLambda.class.getDeclaredField(name);
		field.setAccessible(true);
		field.set(lambda, value);
	}

	interface Action extends Supplier<String>, Serializable {

	}

	static class Holder implements Serializable {

		private static final long serialVersionUID = 1L;

		private String name = "holder";

		private Action action = () -> "";

	}

	static class Trap {

		static {
			RUNS.incrementAndGet();
		}

		@SuppressWarnings("UnusedMethod") // called if the check is missing
		private static Object $deserializeLambda$(SerializedLambda lambda) {
			RUNS.incrementAndGet();
			return "";
		}

	}

}
