package app.session.redis.codec;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SessionIdMaskTests {

	private static final String HANDLE = "AbCdEfGhIjKlMnOp";

	private static final String SECRET = "8sT-3k_Zq1w2E3r4T5y6U7i8O9p0aSdFgHjKlZxCvBn";

	private static final String ID = HANDLE + SECRET;

	private final SessionIdMask mask = new SessionIdMask(HANDLE, SECRET);

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

	@ParameterizedTest
	@ValueSource(strings = { "%s", "a%sb", "SESSION=%s; theme=dark", "%s%s", "%s and ä and %s" })
	void theSecretIsReplacedAndRestoredWhereverItStands(String format) {
		for (String form : new String[] { SECRET, ID, base64(false), base64(true),
				Base64.getEncoder().withoutPadding().encodeToString(bytes(ID)) }) {
			String value = String.format(format.replace("%s", "%1$s"), form);
			byte[] masked = this.mask.mask(bytes(value));
			assertThat(text(masked)).hasSameSizeAs(value).doesNotContain(SECRET, base64(false).substring(21, 60));
			assertThat(text(this.mask.restore(masked))).isEqualTo(value);
		}
	}

	@Test
	void whatDecodesToAnIdDoesNotOpenTheSessionAnyMore() {
		String masked = text(this.mask.mask(bytes(base64(false))));
		assertThat(masked.substring(21)).startsWith("*");
		String decodable = masked.replace("*", "A");
		assertThat(text(Base64.getUrlDecoder().decode(decodable))).doesNotContain(SECRET);
	}

	private static String base64(boolean url) {
		return (url ? Base64.getUrlEncoder() : Base64.getEncoder()).encodeToString(bytes(ID));
	}

	@Test
	void anIdWhoseBase64DependsOnTheAlphabetIsFoundInBoth() {
		SessionIdMask mask = new SessionIdMask(HANDLE, "~".repeat(22));
		byte[] id = bytes(HANDLE + "~".repeat(22));
		String plain = Base64.getEncoder().encodeToString(id);
		String url = Base64.getUrlEncoder().encodeToString(id);
		assertThat(plain).isNotEqualTo(url);
		for (String form : new String[] { plain, url }) {
			byte[] masked = mask.mask(bytes(form));
			assertThat(text(masked)).isNotEqualTo(form);
			assertThat(text(mask.restore(masked))).isEqualTo(form);
		}
	}

	@Test
	void aValueWithoutTheSecretIsTheSameArray() {
		byte[] value = bytes("5 * 7, " + HANDLE + ", " + SECRET.substring(1));
		assertThat(this.mask.mask(value)).isSameAs(value);
		assertThat(this.mask.restore(value)).isSameAs(value);
		assertThat(this.mask.mask(new byte[0])).isEmpty();
	}

	@Test
	void theValueIsNotChanged() {
		byte[] value = bytes(ID);
		byte[] masked = this.mask.mask(value);
		assertThat(text(value)).isEqualTo(ID);
		byte[] copy = masked.clone();
		this.mask.restore(masked);
		assertThat(masked).isEqualTo(copy);
	}

	@Test
	void aPlaceholderThatSomebodySendsIsNotRestored() {
		byte[] placeholder = this.mask.mask(bytes(SECRET));
		byte[] stored = this.mask.mask(bytes("q=" + text(placeholder)));
		assertThat(text(this.mask.restore(stored))).doesNotContain(SECRET).startsWith("q=#");
	}

	@Test
	void aSecretThatOverlapsItselfIsRestored() {
		SessionIdMask mask = new SessionIdMask(HANDLE, "a".repeat(16));
		for (int length = 14; length < 60; length++) {
			byte[] value = bytes("x" + "a".repeat(length) + "y");
			assertThat(mask.restore(mask.mask(value))).isEqualTo(value);
		}
	}

	@Test
	void anotherIdRestoresNothing() {
		byte[] masked = this.mask.mask(bytes(ID));
		assertThat(new SessionIdMask(HANDLE, "another" + SECRET.substring(7)).restore(masked)).isSameAs(masked);
	}

	@ParameterizedTest
	@EnumSource
	void aSerializedValueStaysReadable(ValueForm form) {
		ValueCodec codec = ValueCodec.builder().form(form).build();
		Map<String, Object> value = new LinkedHashMap<>();
		value.put("cookie", "SESSION=" + base64(false));
		value.put("id", ID);
		byte[] masked = this.mask.mask(codec.serialize(value));
		assertThat(text(masked)).doesNotContain(SECRET, base64(false).substring(21, 60));
		assertThat(codec.deserialize(masked)).asString().contains("SESSION=", HANDLE).doesNotContain(SECRET);
		assertThat(codec.deserialize(this.mask.restore(masked))).isEqualTo(value);
	}

}
