package app.session.redis.session;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import app.session.redis.SessionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for aliases and other names of sessions.
 */
class SessionNamesTests {

	private final SessionNames names = new SessionNames("app:session");

	@Test
	void anAliasIsAsLongAsAnIdAndNoId() {
		String handle = SessionId.newHandle();
		String alias = this.names.alias(handle);
		assertThat(alias).startsWith("!").endsWith(handle).hasSize(handle.length() + SessionId.newSecret(32).length());
		assertThat(SessionId.parse(alias)).isNull();
		assertThat(SessionId.isHandle(alias)).isFalse();
		assertThat(new SessionNames("app:session").alias(handle)).isEqualTo(alias);
	}

	@Test
	void aliasesDifferInTheirLastCharacters() {
		Set<String> ends = IntStream.range(0, 1000)
			.mapToObj((number) -> this.names.alias(SessionId.newHandle()).substring(30))
			.collect(Collectors.toSet());
		assertThat(ends).hasSize(1000);
	}

	@Test
	void idHandleAndAliasNameTheSameSession() {
		String handle = SessionId.newHandle();
		SessionId id = new SessionId(handle, SessionId.newSecret(32));
		assertThat(this.names.parse(id.value())).isEqualTo(new SessionName(handle, id));
		assertThat(this.names.parse(handle)).isEqualTo(new SessionName(handle, null));
		assertThat(this.names.parse(this.names.alias(handle))).isEqualTo(new SessionName(handle, null));
	}

	@Test
	void theAliasOfAnotherNamespaceOrWithAnotherFillerNamesNothing() {
		String handle = SessionId.newHandle();
		String alias = this.names.alias(handle);
		assertThat(this.names.parse(new SessionNames("other").alias(handle))).isNull();
		char other = (alias.charAt(1) != 'A') ? 'A' : 'B';
		assertThat(this.names.parse("!" + other + alias.substring(2))).isNull();
		assertThat(this.names.parse(alias.substring(1))).as("without its mark it is some id")
			.isNotEqualTo(new SessionName(handle, null));
		assertThat(this.names.parse(alias + "A")).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "!", "!!!!!!!!!!!!!!!!", "a b", "short" })
	void anythingElseNamesNothing(String text) {
		assertThat(this.names.parse(text)).isNull();
		assertThat(this.names.parse(null)).isNull();
	}

}
