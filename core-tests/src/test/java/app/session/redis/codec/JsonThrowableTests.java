package app.session.redis.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.MissingResourceException;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

import app.session.redis.ThrowableStandIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AccountExpiredException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.validation.BeanPropertyBindingResult;
import org.springframework.validation.BindException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that every exception can be stored as JSON.
 */
class JsonThrowableTests {

	private final ValueCodec codec = ValueCodec.builder()
		.classLoader(getClass().getClassLoader())
		.allowedTypes(new AllowedTypes(List.of(Holder.class.getName(), AllowedHolder.class.getName(),
				OrderFailure.class.getName(), WithState.class.getName(), WithoutConstructor.class.getName())))
		.form(ValueForm.JSON)
		.build();

	@SuppressWarnings("unchecked")
	private <T> T pass(Object value) {
		return (T) this.codec.deserialize(this.codec.serialize(value));
	}

	static Stream<Throwable> kept() {
		IllegalStateException suppressing = new IllegalStateException("a", new IOException("b"));
		suppressing.addSuppressed(new IllegalArgumentException("c"));
		return Stream.of(new IllegalStateException(), new IllegalStateException("m"), new RuntimeException("", null),
				new RuntimeException(new IOException("x")), suppressing, new IOException("io"),
				new UncheckedIOException("u", new IOException("io")), new UncheckedIOException(new IOException("io")),
				new ExecutionException("e", new Error("x")), new AssertionError("a"), new StackOverflowError(),
				new OutOfMemoryError("o"), new OrderFailure("m", null), new OrderFailure("m", new IOException("x")),
				new AccessDeniedException("denied", new IllegalStateException("x")), new Exception((String) null),
				new ThrowableStandIn("com.acme.Gone", "m", new IOException("x")),
				new ThrowableStandIn("x", null, null));
	}

	@ParameterizedTest
	@MethodSource("kept")
	void anAllowedExceptionThatCanBeCreatedAgainKeepsItsClass(Throwable throwable) {
		assertSame(pass(throwable), throwable);
		assertSame(this.<List<Throwable>>pass(new ArrayList<>(List.of(throwable))).get(0), throwable);
		assertSame(this.<Holder>pass(new Holder(throwable)).failure, throwable);
	}

	private static void assertSame(Throwable after, Throwable before) {
		assertThat(after).hasSameClassAs(before).hasToString(before.toString());
		assertThat(after.getMessage()).isEqualTo(before.getMessage());
		assertThat(after.getStackTrace()).isEqualTo(before.getStackTrace());
		assertThat(after.getSuppressed()).hasSameSizeAs(before.getSuppressed());
		if (before.getCause() != null) {
			assertSame(after.getCause(), before.getCause());
		}
		else {
			assertThat(after.getCause()).isNull();
		}
	}

	static Stream<Throwable> replaced() {
		return Stream.of(new SQLException("m", "42000", 7, new IOException("x")),
				new Stranger("m", new IOException("x")), new MissingResourceException("m", "c", "k"),
				new WithState("m", 5), new WithoutConstructor(1, 2),
				new BindException(new BeanPropertyBindingResult(new Object(), "o")), new RuntimeException("a") {
				});
	}

	@ParameterizedTest
	@MethodSource("replaced")
	void anyOtherBecomesAStandIn(Throwable throwable) {
		for (ThrowableStandIn standIn : List.<ThrowableStandIn>of(pass(throwable),
				this.<List<ThrowableStandIn>>pass(new ArrayList<>(List.of(throwable))).get(0),
				(ThrowableStandIn) this.<Throwable>pass(new IllegalStateException("outer", throwable)).getCause())) {
			assertThat(standIn.getTypeName()).isEqualTo(throwable.getClass().getName());
			assertThat(standIn).hasMessage(throwable.getMessage());
			assertThat(standIn.getStackTrace()).isEqualTo(throwable.getStackTrace());
			assertThat(standIn.getCause() == null).isEqualTo(throwable.getCause() == null);
		}
	}

	@Test
	void aSuppressedOneIsReplacedToo() {
		IllegalStateException failure = new IllegalStateException("a");
		failure.addSuppressed(new SQLException("s"));
		IllegalStateException result = pass(failure);
		assertThat(result.getSuppressed()).singleElement().hasToString("java.sql.SQLException: s");
	}

	@Test
	void anExceptionThatContainsItselfIsCutOff() {
		RuntimeException first = new RuntimeException("first");
		RuntimeException second = new RuntimeException("second", first);
		first.addSuppressed(second);
		RuntimeException result = pass(first);
		assertThat(result.getSuppressed()[0].getCause()).hasToString("java.lang.RuntimeException: first").hasNoCause();
	}

	@Test
	void aLongChainIsCutOff() {
		Throwable chain = new SQLException("innermost");
		for (int i = 0; i < 1000; i++) {
			chain = new RuntimeException("m", chain);
		}
		Throwable result = pass(chain);
		int length = 0;
		for (Throwable each = result; each != null; each = each.getCause()) {
			length++;
		}
		assertThat(length).isBetween(10, 100);
	}

	@Test
	void ofAFailedLogInOnlyTheMessageIsKept() {
		for (AuthenticationException failure : List.of(new AccountExpiredException("m", new SQLException("secret")),
				new InternalAuthenticationServiceException("m", new SQLException("secret")),
				new OwnLogInFailure("m"))) {
			byte[] bytes = this.codec.serialize(failure);
			assertThat(new String(bytes, StandardCharsets.UTF_8)).doesNotContain("secret", "JsonThrowableTests.");
			Throwable result = (Throwable) this.codec.deserialize(bytes);
			assertThat(result).hasMessage("m").hasNoCause();
		}
		assertThat((Throwable) pass(new AccountExpiredException("m")))
			.isExactlyInstanceOf(AccountExpiredException.class);
	}

	@Test
	void whatADeclaredTypeCannotHoldIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.codec.serialize(new AllowedHolder(new SQLException("secret"))))
			.withMessageContaining("failure")
			.withMessageNotContaining("secret");
	}

	record AllowedHolder(SQLException failure) {
	}

	static final class Holder {

		private final Throwable failure;

		Holder(Throwable failure) {
			this.failure = failure;
		}

	}

	static class OrderFailure extends RuntimeException {

		private static final long serialVersionUID = 1L;

		OrderFailure(String message, Throwable cause) {
			super(message, cause);
		}

	}

	static class Stranger extends RuntimeException {

		private static final long serialVersionUID = 1L;

		Stranger(String message, Throwable cause) {
			super(message, cause);
		}

	}

	static class AllowedWithState extends RuntimeException {

		private static final long serialVersionUID = 1L;

		AllowedWithState(String message) {
			super(message);
		}

	}

	static class WithState extends AllowedWithState {

		private static final long serialVersionUID = 1L;

		private final int code;

		private final Set<String> names = Set.of("a");

		WithState(String message) {
			this(message, 0);
		}

		WithState(String message, int code) {
			super(message);
			this.code = code;
		}

		int code() {
			return this.code + this.names.size();
		}

	}

	static class WithoutConstructor extends RuntimeException {

		private static final long serialVersionUID = 1L;

		WithoutConstructor(int a, int b) {
			super(a + " " + b);
		}

	}

	static class OwnLogInFailure extends AuthenticationException {

		private static final long serialVersionUID = 1L;

		OwnLogInFailure(String message) {
			super(message);
		}

	}

}
