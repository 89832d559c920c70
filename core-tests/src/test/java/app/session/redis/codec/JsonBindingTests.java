package app.session.redis.codec;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.context.support.DefaultMessageSourceResolvable;
import org.springframework.validation.BeanPropertyBindingResult;
import org.springframework.validation.BindingResult;
import org.springframework.validation.FieldError;
import org.springframework.validation.MapBindingResult;
import org.springframework.validation.ObjectError;
import org.springframework.web.servlet.FlashMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that a form with errors can be restored from flash attributes, as after a
 * redirect.
 */
class JsonBindingTests {

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(Order.class.getName())))
		.form(ValueForm.JSON)
		.build();

	@SuppressWarnings("unchecked")
	private <T> T pass(T value) {
		return (T) this.codec.deserialize(this.codec.serialize(value));
	}

	private static BeanPropertyBindingResult result(Order order) {
		BeanPropertyBindingResult result = new BeanPropertyBindingResult(order, "order", true, 100);
		result.rejectValue("count", "typeMismatch",
				new Object[] { 5L, "x", new DefaultMessageSourceResolvable("order.count") }, "not a number");
		result.addError(new FieldError("order", "name", "rejected", true, new String[] { "a", "b" }, null, "no name"));
		result.reject("global", "all of it");
		result.recordFieldValue("count", int.class, "abc");
		result.recordFieldValue("name", String.class, 7L);
		result.recordSuppressedField("admin");
		return result;
	}

	@Test
	void bindingResultNextToItsTargetInFlashAttributes() {
		Order order = new Order();
		order.name = "n";
		FlashMap flash = new FlashMap();
		flash.put("order", order);
		flash.put(BindingResult.MODEL_KEY_PREFIX + "order", result(order));
		FlashMap after = pass(new ArrayList<>(List.of(flash))).get(0);
		BeanPropertyBindingResult result = (BeanPropertyBindingResult) after
			.get(BindingResult.MODEL_KEY_PREFIX + "order");
		assertThat(result.getObjectName()).isEqualTo("order");
		assertThat(result.getTarget()).isInstanceOfSatisfying(Order.class,
				(target) -> assertThat(target.name).isEqualTo("n"));
		assertThat(result.getAllErrors()).isEqualTo(result(order).getAllErrors());
		FieldError count = result.getFieldErrors("count").get(0);
		assertThat(count.getArguments()).containsExactly(5L, "x", new DefaultMessageSourceResolvable("order.count"));
		assertThat(count.getCodes()).isEqualTo(result(order).getFieldErrors("count").get(0).getCodes());
		assertThat(result.getFieldErrors("name").get(0).isBindingFailure()).isTrue();
		assertThat(result.getFieldValue("name")).isEqualTo("rejected");
		assertThat(result.getSuppressedFields()).containsExactly("admin");
		assertThat(result.getGlobalError()).extracting(ObjectError::getDefaultMessage).isEqualTo("all of it");
		assertThat(result).usingRecursiveComparison()
			.ignoringFields("beanWrapper", "conversionService")
			.ignoringFieldsMatchingRegexes(".*source")
			.isEqualTo(result(order));
	}

	@Test
	void bindingResultOfAMap() {
		MapBindingResult before = new MapBindingResult(new HashMap<>(Map.of("a", 1L)), "map");
		before.rejectValue("a", "wrong");
		MapBindingResult after = pass(before);
		assertThat(after.getTarget()).isEqualTo(Map.of("a", 1L));
		assertThat(after.getAllErrors()).isEqualTo(before.getAllErrors());
	}

	@Test
	void violationOfAConstraintIsAFieldErrorAfterwards() throws Exception {
		BeanPropertyBindingResult before = new BeanPropertyBindingResult(new Order(), "order");
		before.addError(violation());
		FieldError after = pass(before).getFieldError("name");
		assertThat(after).isExactlyInstanceOf(FieldError.class);
		assertThat(after.getDefaultMessage()).isEqualTo("must match");
	}

	/**
	 * Creates an error as Spring's validator does. Its class and that of its arguments
	 * are private.
	 */
	private static FieldError violation() throws Exception {
		String validator = "org.springframework.validation.beanvalidation.SpringValidatorAdapter$";
		java.lang.reflect.Constructor<?> attribute = Class.forName(validator + "ResolvableAttribute")
			.getDeclaredConstructor(String.class);
		attribute.setAccessible(true);
		java.lang.reflect.Constructor<?> error = Class.forName(validator + "ValidationFieldError")
			.getDeclaredConstructors()[0];
		error.setAccessible(true);
		Class<?> violation = error.getParameterTypes()[5];
		Object proxy = java.lang.reflect.Proxy.newProxyInstance(JsonBindingTests.class.getClassLoader(),
				new Class<?>[] { violation },
				(self, method, arguments) -> method.getName().equals("getMessage") ? "must match" : null);
		return (FieldError) error.newInstance("order", "name", "x", new String[] { "Pattern" },
				new Object[] { new DefaultMessageSourceResolvable("name"), attribute.newInstance("[a-z]+") }, proxy,
				null);
	}

	@Test
	void fieldTypeThatIsNotAllowedIsRefused() {
		BeanPropertyBindingResult result = new BeanPropertyBindingResult(new Order(), "order");
		result.recordFieldValue("name", java.lang.Thread.class, "secret");
		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.serialize(result))
			.withMessageContaining("java.lang.Thread")
			.withMessageNotContaining("secret");
	}

	public static class Order implements Serializable {

		private static final long serialVersionUID = 1L;

		private String name = "";

		private int count;

		public String getName() {
			return this.name;
		}

		public int getCount() {
			return this.count;
		}

	}

}
