package app.session.redis.codec;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import app.session.redis.ThrowableStandIn;
import com.nimbusds.jose.JOSEException;
import org.hibernate.LazyInitializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that every exception can be stored, regardless of its content and cause.
 */
class StoredThrowablesTests {

	private final ValueCodec codec = codec();

	private static ValueCodec codec(Class<?>... allowed) {
		return ValueCodec.builder()
			.classLoader(StoredThrowablesTests.class.getClassLoader())
			.allowedTypes(new AllowedTypes(List.of(allowed).stream().map(Class::getName).toList()))
			.build();
	}

	@SuppressWarnings("unchecked")
	private static <T> T pass(ValueCodec codec, Object value) {
		return (T) codec.deserialize(codec.serialize(value));
	}

	@Test
	void aFailedLogInKeepsItsTypeAndItsCausesWhateverTheyAre() {
		List<Throwable> causes = List.of(new JOSEException("library"), new LazyInitializationException("no session"),
				HttpClientErrorException.create(HttpStatus.BAD_REQUEST, "bad", new HttpHeaders(), new byte[0], null),
				new ResourceAccessException("I/O", new IOException("refused")), new StatefulException("own"),
				new SQLException("down", "08001"));
		for (Throwable cause : causes) {
			Throwable result = pass(this.codec, new InternalAuthenticationServiceException("log-in failed", cause));
			assertThat(result).isExactlyInstanceOf(InternalAuthenticationServiceException.class)
				.hasMessage("log-in failed");
			assertThat(result.getCause()).hasMessage(cause.getMessage());
			assertThat(result.getCause().getStackTrace()).isEqualTo(cause.getStackTrace());
			if (result.getCause() instanceof ThrowableStandIn standIn) {
				assertThat(standIn.getTypeName()).isEqualTo(cause.getClass().getName());
			}
			else {
				assertThat(result.getCause()).hasSameClassAs(cause);
			}
		}
	}

	@Test
	void whatIsNotAllowedIsStoredAsAStandIn() {
		StatefulException failure = new StatefulException("message");
		failure.initCause(new IOException("cause"));
		failure.addSuppressed(new StatefulException("suppressed"));
		Throwable result = pass(this.codec, failure);
		assertThat(result).isInstanceOf(ThrowableStandIn.class)
			.hasMessage("message")
			.hasToString(StatefulException.class.getName() + ": message");
		assertThat(result.getStackTrace()).isEqualTo(failure.getStackTrace());
		assertThat(result.getCause()).isExactlyInstanceOf(IOException.class).hasMessage("cause");
		assertThat(result.getSuppressed()).singleElement().isInstanceOf(ThrowableStandIn.class);
		assertThat((Throwable) pass(this.codec, result)).as("once more")
			.isInstanceOf(ThrowableStandIn.class)
			.hasToString(result.toString());
	}

	@Test
	void theOriginalIsNotChanged() {
		Throwable cause = new JOSEException("library");
		RuntimeException failure = new IllegalStateException("outer", cause);
		byte[] first = this.codec.serialize(failure);
		assertThat(failure.getCause()).isSameAs(cause);
		assertThat(this.codec.serialize(failure)).as("stable").isEqualTo(first);
		assertThat(this.codec.snapshot(failure)).isEqualTo(first);
	}

	@Test
	void aLogInThatFailedWithAnExceptionOfTheApplicationIsStillOne() {
		AuthenticationException result = pass(this.codec, new CaptchaException("Wrong captcha"));
		assertThat(result).isExactlyInstanceOf(BadCredentialsException.class).hasMessage("Wrong captcha");
		assertThat(result.getCause()).isInstanceOf(ThrowableStandIn.class)
			.hasToString(CaptchaException.class.getName() + ": Wrong captcha");
		assertThat((Throwable) pass(this.codec, new TokenException("No token")))
			.isExactlyInstanceOf(AuthenticationServiceException.class)
			.hasMessage("No token");
	}

	@Test
	void aFailedLogInWhoseRequestCanNotBeStoredLosesTheRequestOnly() {
		BadCredentialsException failure = new BadCredentialsException("Bad credentials");
		UsernamePasswordAuthenticationToken request = UsernamePasswordAuthenticationToken.unauthenticated("alice", "x");
		request.setDetails(new Object());
		failure.setAuthenticationRequest(request);
		BadCredentialsException result = pass(this.codec, failure);
		assertThat(result).hasMessage("Bad credentials");
		assertThat(result.getAuthenticationRequest()).isNull();
		assertThat(failure.getAuthenticationRequest()).isNotNull();
	}

	@Test
	void allowedExceptionsKeepTheirState() {
		OAuth2AuthenticationException result = pass(this.codec,
				new OAuth2AuthenticationException(new OAuth2Error("code"), "message", new JOSEException("library")));
		assertThat(result.getError().getErrorCode()).isEqualTo("code");
		assertThat(result.getCause()).isInstanceOf(ThrowableStandIn.class);
		SQLException failure = pass(this.codec, new SQLException("message", "08001", 7));
		assertThat(failure.getSQLState()).isEqualTo("08001");
		assertThat(failure.getErrorCode()).isEqualTo(7);
	}

	@Test
	void aFieldThatCanNotHoldAStandInCostsTheStateOfItsException() {
		BatchUpdateException failure = new BatchUpdateException("batch", new int[] { 1 });
		failure.setNextException(new VendorException("vendor"));
		Throwable result = pass(this.codec, new IllegalStateException(failure));
		assertThat(result.getCause()).hasToString(BatchUpdateException.class.getName() + ": batch");
		assertThat(result.getCause().getSuppressed()).singleElement()
			.asString()
			.isEqualTo(VendorException.class.getName() + ": vendor");
		SQLException chain = new SQLException("first");
		chain.setNextException(new SQLIntegrityConstraintViolationException("second"));
		SQLException kept = pass(this.codec, chain);
		assertThat((Throwable) kept.getNextException())
			.isExactlyInstanceOf(SQLIntegrityConstraintViolationException.class);
	}

	@Test
	void anAllowedExceptionWithFieldsThatCanNotBeStoredIsReplaced() {
		ValueCodec allowing = codec(StoredThrowablesTests.class);
		for (Throwable failure : List.of(new HolderException(new Object()), new HolderException(new Thread()),
				new HolderException(new LazyInitializationException("inner")), new BrokenException("broken"))) {
			Throwable result = pass(allowing, new IllegalStateException("outer", failure));
			assertThat(result.getCause().toString()).startsWith(failure.getClass().getName());
		}
		HolderException kept = pass(allowing, new HolderException("text"));
		assertThat(kept.held).isEqualTo("text");
	}

	@Test
	void cyclesOfCausesAreKept() {
		JOSEException inner = new JOSEException("inner");
		RuntimeException outer = new IllegalStateException("outer", inner);
		inner.initCause(outer);
		Throwable result = pass(this.codec, outer);
		assertThat(result.getCause()).isInstanceOf(ThrowableStandIn.class);
		assertThat(result.getCause().getCause()).isSameAs(result);
		Throwable reverse = pass(this.codec, inner);
		assertThat(Objects.requireNonNull(reverse.getCause()).getCause()).isSameAs(reverse);
	}

	@Test
	void exceptionsInBeansAndCollectionsAreReplacedToo() {
		ValueCodec allowing = codec(Result.class);
		Result result = pass(allowing, new Result(new JOSEException("library"), null));
		assertThat(result.failure).isInstanceOf(ThrowableStandIn.class);
		JOSEException same = new JOSEException("same");
		List<?> list = pass(allowing, new ArrayList<>(List.of(same, Map.of("key", same))));
		assertThat(list.get(0)).isInstanceOf(ThrowableStandIn.class).isSameAs(((Map<?, ?>) list.get(1)).get("key"));
	}

	@Test
	void aFieldOfABeanThatCanNotHoldAStandInIsRefusedNamingTheException() {
		assertThatExceptionOfType(TypeRefusedException.class)
			.isThrownBy(() -> codec(Result.class).serialize(new Result(null, new StatefulException("narrow"))))
			.withMessageContaining("SessionSettingsBuilder.allowedTypes(" + StatefulException.class.getName())
			.satisfies((ex) -> assertThat(ex.getTypeNames()).containsExactly(StatefulException.class.getName()));
	}

	@Test
	void exceptionsThatMisbehaveAreStored() {
		assertThat((Throwable) pass(this.codec, new UncheckedIOException("io", new IOException()))).hasMessage("io");
		assertThat((Throwable) pass(this.codec, new WithoutMessageException())).hasMessage(null)
			.hasToString(WithoutMessageException.class.getName());
	}

	static class StatefulException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		StatefulException(String message) {
			super(message);
		}

	}

	static class VendorException extends SQLException {

		private static final long serialVersionUID = 1L;

		VendorException(String message) {
			super(message);
		}

	}

	static class CaptchaException extends BadCredentialsException {

		private static final long serialVersionUID = 1L;

		CaptchaException(String message) {
			super(message);
		}

	}

	static class TokenException extends AuthenticationException {

		private static final long serialVersionUID = 1L;

		TokenException(String message) {
			super(message);
		}

	}

	static class HolderException extends Exception {

		private static final long serialVersionUID = 1L;

		@SuppressWarnings("serial") // on purpose
		private final Object held;

		HolderException(Object held) {
			super("holder");
			this.held = held;
		}

	}

	static class BrokenException extends Exception {

		private static final long serialVersionUID = 1L;

		BrokenException(String message) {
			super(message);
		}

		private void writeObject(ObjectOutputStream out) throws IOException {
			throw new IOException("broken");
		}

	}

	static class WithoutMessageException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		@Override
		public String getMessage() {
			throw new IllegalStateException("not now");
		}

	}

	static class Result implements Serializable {

		private static final long serialVersionUID = 1L;

		private final @Nullable Exception failure;

		private final @Nullable StatefulException narrow;

		Result(@Nullable Exception failure, @Nullable StatefulException narrow) {
			this.failure = failure;
			this.narrow = narrow;
		}

		@Override
		public String toString() {
			return this.failure + " " + this.narrow;
		}

	}

}
