package app.session.redis.session;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import app.session.redis.SessionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SentIdValues}.
 */
class SentIdValuesTests {

	private static String encoded(String value) {
		return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.ISO_8859_1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ALmPwUDzvRigFh3o7eYL1LxGX3XTTN5sHKTnkMEvJ5l40cZ30M0Xk_BfhUE",
			"ALmPwUDzvRigFh3o7eYL1LxGX3XTTN5sHKTnkMEvJ5l40cZ30M0XkABfhUE",
			"ALmPwUDzvRigFh3o-eYL1LxGX3XTTN5sHKTnkMEvJ5l40cZ30M0Xk_BfhUE" })
	void id_isDecodedFromBase64_andStaysAsItIs(String id) {
		assertThat(SentIdValues.decode(encoded(id))).isEqualTo(id);
		assertThat(SentIdValues.decode(id)).isEqualTo(id);
		assertThat(SentIdValues.isRaw(id)).isTrue();
		assertThat(SentIdValues.isRaw(encoded(id))).isFalse();
	}

	@Test
	void everyGeneratedId_isDecodedFromBase64_andStaysAsItIs() {
		for (int i = 0; i < 10_000; i++) {
			String id = SessionId.newHandle() + SessionId.newSecret(32);
			assertThat(SentIdValues.decode(encoded(id))).isEqualTo(id);
			assertThat(SentIdValues.decode(id)).isEqualTo(id);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "=", "a", "%%%", "é", "QUJD", "ALmPwUDzvRigFh3o.route", "....", "-", "A===" })
	void valueThatIsNoEncodedId_staysAsItIs(String value) {
		assertThat(SentIdValues.decode(value)).isEqualTo(value);
	}

	@Test
	void routes_areRemovedAfterTheWholeId() {
		assertThat(SentIdValues.withoutRoutes(List.of("one.a", "two", ".b", "x.y.z"))).containsExactly("one.a", "one",
				"two", ".b", "x.y.z", "x.y");
		assertThat(SentIdValues.isRoute("one.a", "one")).isTrue();
		assertThat(SentIdValues.isRoute("one", "one")).isFalse();
		assertThat(SentIdValues.isRoute(null, "one")).isFalse();
	}

}
