package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for compression and encryption.
 */
class SealedValuesTests {

	private static final String HANDLE = "AAAAAAAAAAAAAAAA";

	private static final byte[] KEY = key(1);

	private static final SessionSeal NONE = SessionSeal.none(HANDLE);

	private static final SessionSeal SEAL = SessionSeal.of("app:session", HANDLE, "k1", new byte[16]);

	private final ValueCodec plain = ValueCodec.builder().build();

	private final byte[] text = this.plain.serialize("secret ".repeat(1000));

	static byte[] key(int number) {
		byte[] key = new byte[EncryptionKeys.KEY_BYTES];
		new Random(number).nextBytes(key);
		return key;
	}

	private static ValueCodec compressing(CompressionAlgorithm algorithm, int threshold) {
		return ValueCodec.builder().compression(algorithm, threshold).build();
	}

	private static ValueCodec encrypting(Map<String, byte[]> keys, String active) {
		return ValueCodec.builder().encryption(new EncryptionKeys(keys, active)).build();
	}

	private static void unreadable(ValueCodec codec, byte[] stored, String message) {
		unreadable(codec, NONE, stored, message);
	}

	private static void unreadable(ValueCodec codec, SessionSeal seal, byte[] stored, String message) {
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> codec.deserialize(codec.open(seal, "name", stored)))
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
	}

	@Test
	void withoutEitherNothingIsCopied() {
		assertThat(this.plain.seal(NONE, "name", this.text)).isSameAs(this.text);
		assertThat(this.plain.open(NONE, "name", this.text)).isSameAs(this.text);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void whatIsCompressedIsSmallerAndReadWhateverIsConfigured(CompressionAlgorithm algorithm) {
		byte[] sealed = compressing(algorithm, 100).seal(NONE, "name", this.text);
		assertThat(sealed).hasSizeLessThan(300);
		assertThat(sealed[0]).isEqualTo((byte) (4 + algorithm.ordinal()));
		for (CompressionAlgorithm configured : CompressionAlgorithm.values()) {
			assertThat(compressing(configured, 100).open(NONE, "name", sealed)).isEqualTo(this.text);
		}
		assertThat(compressing(algorithm, 100).open(NONE, "other", sealed)).isEqualTo(this.text);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void whatIsSmallOrWouldNotGetSmallerStaysAsItIs(CompressionAlgorithm algorithm) {
		byte[] random = new byte[10_000];
		new Random(1).nextBytes(random);
		random[0] = 2;
		assertThat(compressing(algorithm, 100).seal(NONE, "name", random)).isSameAs(random);
		assertThat(compressing(algorithm, this.text.length + 1).seal(NONE, "name", this.text)).isSameAs(this.text);
		assertThat(compressing(algorithm, this.text.length).seal(NONE, "name", this.text)).isNotSameAs(this.text);
		for (int length = 0; length < 20; length++) {
			byte[] tiny = Arrays.copyOf(this.text, length);
			ValueCodec codec = compressing(algorithm, 0);
			assertThat(codec.open(NONE, "name", codec.seal(NONE, "name", tiny))).isEqualTo(tiny);
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void valuesOfAllSizesComeBack(CompressionAlgorithm algorithm) {
		ValueCodec codec = compressing(algorithm, 0);
		for (int length : new int[] { 100, 1000, 65_535, 65_536, 1 << 20, 5 << 20 }) {
			for (byte[] value : new byte[][] { new byte[length],
					("a b c " + length).repeat(length / 10 + 1).getBytes(StandardCharsets.UTF_8) }) {
				value[0] = 2;
				assertThat(codec.open(NONE, "name", codec.seal(NONE, "name", value))).isEqualTo(value);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "NONE")
	void whatWasDamagedIsUnreadable(CompressionAlgorithm algorithm) {
		byte[] sealed = compressing(algorithm, 0).seal(NONE, "name", this.text);
		for (int length = 1; length < sealed.length; length++) {
			unreadable(this.plain, Arrays.copyOf(sealed, length), "compressed");
		}
		for (int claimed : new int[] { Integer.MIN_VALUE, -1, 0, 1, this.text.length - 1, this.text.length + 1,
				ValueCodec.MAX_BYTES + 1, Integer.MAX_VALUE }) {
			byte[] lying = sealed.clone();
			ByteBuffer.wrap(lying).putInt(1, claimed);
			unreadable(this.plain, lying, "compressed");
		}
		byte[] longer = Arrays.copyOf(sealed, sealed.length + 1);
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.plain.open(NONE, "name", longer));
	}

	@Test
	void whatWasCompressedTwiceIsUnreadable() {
		ValueCodec codec = compressing(CompressionAlgorithm.DEFLATE, 0);
		byte[] once = codec.seal(NONE, "name", new byte[1 << 20]);
		byte[] twice = codec.seal(NONE, "name", once);
		assertThat(twice).isNotSameAs(once);
		unreadable(this.plain, twice, "form 5");
	}

	@Test
	void whatIsEncryptedShowsNothingAndIsNeverTheSameTwice() {
		ValueCodec codec = encrypting(Map.of("k1", KEY), "k1");
		byte[] sealed = codec.seal(SEAL, "name", this.text);
		assertThat(sealed).hasSize(this.text.length + 2 + 2 + 12 + 16);
		assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).contains("k1").doesNotContain("secret");
		assertThat(codec.seal(SEAL, "name", this.text)).isNotEqualTo(sealed);
		assertThat(codec.open(SEAL, "name", sealed)).isEqualTo(this.text);
	}

	@Test
	void whatIsCompressedAndEncryptedIsBoth() {
		ValueCodec codec = ValueCodec.builder()
			.compression(CompressionAlgorithm.DEFLATE, 100)
			.encryption(new EncryptionKeys(Map.of("k1", KEY), "k1"))
			.build();
		byte[] sealed = codec.seal(SEAL, "name", this.text);
		assertThat(sealed).hasSizeLessThan(300).startsWith((byte) 8);
		assertThat(codec.open(SEAL, "name", sealed)).isEqualTo(this.text);
		assertThat(encrypting(Map.of("k1", KEY), null).open(SEAL, "name", sealed)).isEqualTo(this.text);
	}

	@Test
	void whatWasChangedAnywhereIsUnreadable() {
		ValueCodec codec = encrypting(Map.of("k1", KEY), "k1");
		byte[] sealed = codec.seal(SEAL, "name", this.plain.serialize("secret"));
		for (int i = 0; i < sealed.length; i++) {
			for (int bit = 0; bit < 8; bit++) {
				byte[] changed = sealed.clone();
				changed[i] ^= (byte) (1 << bit);
				unreadable(codec, SEAL, changed, "");
			}
		}
		for (int length = 0; length < sealed.length; length++) {
			unreadable(codec, SEAL, Arrays.copyOf(sealed, length), "");
		}
	}

	@Test
	void whatWasMovedToAnotherSessionOrAttributeIsUnreadable() {
		ValueCodec codec = encrypting(Map.of("k1", KEY), "k1");
		byte[] sealed = codec.seal(SEAL, "role", this.text);
		unreadable(codec, SEAL, sealed, "not authentic");
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(
				() -> codec.open(SessionSeal.of("app:session", "BAAAAAAAAAAAAAAA", "k1", new byte[16]), "role", sealed))
			.withMessageContaining("not authentic");
		assertThat(codec.open(SEAL, "role", sealed)).isEqualTo(this.text);
	}

	@Test
	void aKeyThatIsMissingIsNamedAndNeverMadeUpForByPlainText() {
		byte[] sealed = encrypting(Map.of("k1", KEY), "k1").seal(SEAL, "name", this.text);
		unreadable(this.plain, SEAL, sealed,
				"no encryption keys are configured (SessionSettingsBuilder.encryptionKeys)");
		unreadable(encrypting(Map.of("k2", key(2)), "k2"), SEAL, sealed, "'k1', which is not among");
		unreadable(encrypting(Map.of("k1", key(2)), "k1"), SEAL, sealed, "not authentic");
		unreadable(encrypting(Map.of("k2", key(2), "k1", key(3)), "k2"), SEAL, sealed, "not authentic");
	}

	@Test
	void keysAreRotated() {
		Map<String, byte[]> both = new LinkedHashMap<>();
		both.put("k2", key(2));
		both.put("k1", KEY);
		byte[] old = encrypting(Map.of("k1", KEY), "k1").seal(SEAL, "name", this.text);
		ValueCodec rotated = encrypting(both, "k2");
		assertThat(rotated.open(SEAL, "name", old)).isEqualTo(this.text);
		byte[] renewed = rotated.seal(SEAL, "name", this.text);
		assertThat(encrypting(Map.of("k2", key(2)), "k2").open(SEAL, "name", renewed)).isEqualTo(this.text);
		ValueCodec off = encrypting(both, null);
		assertThat(off.seal(NONE, "name", this.text)).isSameAs(this.text);
		assertThat(off.seal(SEAL, "name", this.text)).as("a sealed session stays sealed").startsWith((byte) 8);
		assertThat(off.open(SEAL, "name", old)).isEqualTo(this.text);
		assertThat(off.open(SEAL, "name", renewed)).isEqualTo(this.text);
	}

	@Test
	void plainTextIsReadInASessionWithoutASealOnly() {
		ValueCodec codec = encrypting(Map.of("k1", KEY), "k1");
		assertThat(codec.open(NONE, "name", this.text)).isSameAs(this.text);
		unreadable(codec, SEAL, this.text, "plain text");
		unreadable(codec, SEAL, compressing(CompressionAlgorithm.DEFLATE, 0).seal(NONE, "name", this.text),
				"plain text");
		unreadable(codec, codec.seal(SEAL, "name", this.text), "It is sealed, but its session is not");
	}

	@Test
	void whatIsOfAnotherEpochOrNamespaceIsUnreadable() {
		ValueCodec codec = encrypting(Map.of("k1", KEY), "k1");
		byte[] sealed = codec.seal(SEAL, "name", this.text);
		byte[] epoch = new byte[16];
		epoch[15] = 1;
		unreadable(codec, SessionSeal.of("app:session", HANDLE, "k1", epoch), sealed, "not authentic");
		unreadable(codec, SessionSeal.of("app:sessio", "n" + HANDLE, "k1", new byte[16]), sealed, "not authentic");
		unreadable(codec, SessionSeal.broken(HANDLE), sealed, "can't be verified");
	}

	@Test
	void whatIsAuthenticatedIsReadableByAllAndChangeableByNone() {
		ValueCodec codec = ValueCodec.builder()
			.encryption(EncryptionKeys.authenticating(Map.of("k1", KEY), "k1"))
			.build();
		byte[] sealed = codec.seal(SEAL, "name", this.text);
		assertThat(sealed).startsWith((byte) 9).hasSize(this.text.length + 2 + 2 + 16);
		assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).contains("secret");
		assertThat(codec.open(SEAL, "name", sealed)).isEqualTo(this.text);
		assertThat(encrypting(Map.of("k1", KEY), "k1").open(SEAL, "name", sealed)).isEqualTo(this.text);
		byte[] small = codec.seal(SEAL, "name", this.plain.serialize("secret"));
		for (int i = 0; i < small.length; i++) {
			for (int bit = 0; bit < 8; bit++) {
				byte[] changed = small.clone();
				changed[i] ^= (byte) (1 << bit);
				unreadable(codec, SEAL, changed, "");
			}
		}
		assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> codec.open(SEAL, "other", sealed));
		unreadable(codec, SEAL, this.text, "plain text");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 16, 31, 33, 64 })
	void aKeyOfAnotherLengthIsRefusedWithoutShowingIt(int length) {
		assertThatIllegalArgumentException().isThrownBy(() -> new EncryptionKeys(Map.of("k1", new byte[length]), "k1"))
			.withMessage("The encryption key 'k1' has " + length + " bytes, but must have 32");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a:b", "ä", "~a",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" })
	void aKeyNeedsAProperName(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> new EncryptionKeys(Map.of(name, KEY), null));
	}

	@Test
	void theActiveKeyMustBeThere() {
		assertThatIllegalArgumentException().isThrownBy(() -> new EncryptionKeys(Map.of("k1", KEY), "k2"))
			.withMessageContaining("'k2' is not among the keys [k1]");
		assertThat(new EncryptionKeys(Map.of("k1", KEY), "k1")).hasToString("EncryptionKeys[k1]");
	}

}
