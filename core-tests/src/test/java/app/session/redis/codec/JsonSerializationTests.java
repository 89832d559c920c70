package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JsonSerializationTests {

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(getClass().getName())))
		.form(ValueForm.JSON)
		.build();

	@Test
	void aClassThatJacksonCannotMakeObjectsOfIsRefusedNamingTypeAndProperty() {
		Order order = new Order();
		order.lines.add(new Unmakeable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(order))
			.withMessageContaining("at lines[0]: Jackson can't create objects of " + Unmakeable.class.getName());
	}

	@Test
	void whatWouldBeLostIsRefusedNamingIt() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(List.of(new Lossy())))
			.withMessageContaining("at [0].computed: ");
	}

	@Test
	void theOtherFormIsAdvisedOnce() {
		TreeSet<String> sorted = new TreeSet<>(Comparator.comparing(String::length));
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(sorted))
			.withMessageContaining("a comparator that JSON can't represent. JSON can represent the natural order, ")
			.withMessageEndingWith("CASE_INSENSITIVE_ORDER. Use another value there, or store values with Java "
					+ "serialization (SessionSettingsBuilder.valueForm(JDK))");
	}

	@Test
	void whereATypeIsRefusedTheOtherFormIsNotAdvised() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ValueCodec.builder().form(ValueForm.JSON).build().serialize(new Order()))
			.withMessageContaining("SessionSettingsBuilder.allowedTypes")
			.withMessageNotContaining("valueForm");
	}

	@Test
	void messagesShowNoKeysOfMaps() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.codec.serialize(new HashMap<>(Map.of("secret", new Unmakeable("secret")))))
			.withMessageContaining("at *: ")
			.withMessageNotContaining("secret");
	}

	@Test
	void aPropertyThatTheClassNoLongerHasIsPassedOver() {
		byte[] stored = ValueCodec.form((byte) 4,
				("{\"@class\":\"" + Order.class.getName() + "\",\"removed\":{\"a\":[1]},\"number\":7}")
					.getBytes(StandardCharsets.UTF_8));
		assertThat(this.codec.deserialize(stored)).isInstanceOfSatisfying(Order.class,
				(order) -> assertThat(order.number).isEqualTo(7));
	}

	@Test
	void keysOfMapsThatLookLikeTheNameOfATypeAreKeys() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("@class", "java.util.Formatter");
		map.put("other", "x");
		assertThat(this.codec.deserialize(this.codec.serialize(map))).isEqualTo(map);
	}

	@Test
	void aStringIsText() {
		assertThat(this.codec.serialize("abc")).hasSize(4).startsWith((byte) 1);
	}

	static class Order {

		private final List<Object> lines = new ArrayList<>();

		private int number;

	}

	static class Unmakeable {

		private final String text;

		private Unmakeable(String text) {
			this.text = text;
		}

	}

	static class Lossy {

		@JsonProperty("computed")
		int computed() {
			return 7;
		}

	}

}
