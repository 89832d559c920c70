package app.session.redis.codec;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

import app.session.redis.codec.SessionSeals.Header;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SessionSealsTests {

	private static final String HANDLE = "AAAAAAAAAAAAAAAA";

	private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

	private static final byte[] DIGEST = new byte[16];

	private static final Header HEADER = new Header(DIGEST, NOW, NOW.plusSeconds(60));

	private final SessionSeals seals = seals(keys("k1"), null);

	private final SessionSeal seal = this.seals.create(HANDLE);

	private final byte[] field = this.seals.field(this.seal, HEADER);

	private static EncryptionKeys keys(String active) {
		Map<String, byte[]> keys = new LinkedHashMap<>();
		keys.put("k1", SealedValuesTests.key(1));
		keys.put("k2", SealedValuesTests.key(2));
		return new EncryptionKeys(keys, active);
	}

	private static SessionSeals seals(EncryptionKeys keys, Instant acceptPlainUntil) {
		return new SessionSeals("app:session", keys, acceptPlainUntil, Clock.fixed(NOW, ZoneOffset.UTC));
	}

	private static void refused(SessionSeals seals, String handle, Header header, byte[] field) {
		SessionSeal seal = seals.verify(handle, header, field);
		assertThat(seal.isBroken()).isTrue();
		assertThat(seal.isSealed()).isFalse();
	}

	@Test
	void aSealedHeaderIsVerified() {
		assertThat(this.field).hasSize(SessionSeals.FIELD_BYTES);
		SessionSeal verified = this.seals.verify(HANDLE, HEADER, this.field);
		assertThat(verified.isSealed()).isTrue();
		assertThat(verified.isBroken()).isFalse();
		assertThat(verified.sealed().context()).isEqualTo(this.seal.sealed().context());
		assertThat(this.seals.create(HANDLE).sealed().epoch()).isNotEqualTo(this.seal.sealed().epoch());
	}

	@Test
	void aChangeOfAnyBitIsRefused() {
		for (int i = 0; i < this.field.length; i++) {
			for (int bit = 0; bit < 8; bit++) {
				byte[] changed = this.field.clone();
				changed[i] ^= (byte) (1 << bit);
				refused(this.seals, HANDLE, HEADER, changed);
			}
		}
		refused(this.seals, HANDLE, HEADER, new byte[0]);
		refused(this.seals, HANDLE, HEADER, new byte[31]);
		refused(this.seals, HANDLE, HEADER, new byte[33]);
	}

	@Test
	void anotherDigestTimeHandleOrNamespaceIsRefused() {
		byte[] digest = DIGEST.clone();
		digest[7] = 1;
		refused(this.seals, HANDLE, new Header(digest, NOW, HEADER.deadline()), this.field);
		refused(this.seals, HANDLE, new Header(DIGEST, NOW.plusMillis(1), HEADER.deadline()), this.field);
		refused(this.seals, HANDLE, new Header(DIGEST, NOW, NOW.plusSeconds(61)), this.field);
		refused(this.seals, HANDLE, new Header(DIGEST, NOW, null), this.field);
		refused(this.seals, "B" + HANDLE.substring(1), HEADER, this.field);
		refused(new SessionSeals("app:session2", keys("k1"), null, Clock.systemUTC()), HANDLE, HEADER, this.field);
	}

	@Test
	void eachKeyVerifiesAndTheActiveOneSeals() {
		SessionSeals rotated = seals(keys("k2"), null);
		SessionSeal verified = rotated.verify(HANDLE, HEADER, this.field);
		assertThat(verified.sealed().keyName()).isEqualTo("k1");
		byte[] resealed = rotated.field(verified, HEADER);
		assertThat(resealed).isNotEqualTo(this.field);
		SessionSeals newKeyOnly = seals(new EncryptionKeys(Map.of("k2", SealedValuesTests.key(2)), "k2"), null);
		assertThat(newKeyOnly.verify(HANDLE, HEADER, resealed).isSealed()).isTrue();
		refused(newKeyOnly, HANDLE, HEADER, this.field);
	}

	@Test
	void aNodeThatDoesNotEncryptYetKeepsASealedSessionSealed() {
		SessionSeals notYet = seals(keys(null), null);
		assertThat(notYet.create(HANDLE).isSealed()).isFalse();
		SessionSeal verified = notYet.verify(HANDLE, HEADER, this.field);
		assertThat(notYet.renew(verified).sealed().keyName()).isEqualTo("k1");
		assertThat(this.seals.verify(HANDLE, HEADER, notYet.field(notYet.renew(verified), HEADER)).isSealed()).isTrue();
		assertThat(notYet.verify(HANDLE, HEADER, null).isBroken()).isFalse();
	}

	@Test
	void plainTextIsAcceptedUntilTheInstantAndNoLonger() {
		refused(this.seals, HANDLE, HEADER, null);
		refused(seals(keys("k1"), NOW), HANDLE, HEADER, null);
		SessionSeals accepting = seals(keys("k1"), NOW.plusMillis(1));
		SessionSeal plain = accepting.verify(HANDLE, HEADER, null);
		assertThat(plain.isBroken()).isFalse();
		assertThat(plain.isSealed()).isFalse();
		assertThat(accepting.isTolerated(plain)).isTrue();
		assertThat(accepting.isTolerated(this.seal)).isFalse();
		assertThat(accepting.renew(plain).isSealed()).isTrue();
		refused(accepting, HANDLE, new Header(DIGEST, NOW, null), this.field);
	}

	@Test
	void withoutKeysNothingSealedIsAccepted() {
		SessionSeals none = SessionSeals.none("app:session");
		assertThat(none.areWritten()).isFalse();
		assertThat(none.isTolerated(none.create(HANDLE))).isFalse();
		assertThat(none.verify(HANDLE, HEADER, null).isBroken()).isFalse();
		refused(none, HANDLE, HEADER, this.field);
		assertThatIllegalArgumentException().isThrownBy(() -> none.field(this.seal, HEADER));
	}

	@Test
	void keysThatOnlyAuthenticateAcceptPlainText() {
		SessionSeals authenticating = seals(EncryptionKeys.authenticating(Map.of("k1", SealedValuesTests.key(1)), "k1"),
				null);
		assertThat(authenticating.areWritten()).isTrue();
		assertThat(authenticating.verify(HANDLE, HEADER, null).isBroken()).isFalse();
		assertThat(authenticating.isTolerated(SessionSeal.none(HANDLE))).isFalse();
		assertThat(authenticating.verify(HANDLE, HEADER, this.field).isSealed()).isTrue();
	}

	@Test
	void theSecretOfAMigratedSessionNeedsTheKeyAndTheTimeThatWasWritten() {
		byte[] salt = this.seals.migrationSalt(this.seal, 1000);
		byte[] secret = this.seals.migrationSecret(HANDLE, salt, 1000, "old");
		assertThat(secret).hasSize(32).isEqualTo(seals(keys("k2"), null).migrationSecret(HANDLE, salt, 1000, "old"));
		assertThat(this.seals.migrationSecret(HANDLE, salt, 1000, "other")).isNotEqualTo(secret);
		assertThat(this.seals.migrationSecret(HANDLE, salt, 1001, "old")).isNull();
		assertThat(this.seals.migrationSecret("B" + HANDLE.substring(1), salt, 1000, "old")).isNull();
		assertThat(this.seals.migrationSecret(HANDLE, new byte[16], 1000, "old")).isNull();
		SessionSeals none = SessionSeals.none("app:session");
		assertThat(none.migrationSecret(HANDLE, salt, 1000, "old")).isNull();
		SessionSeal plain = SessionSeal.none(HANDLE);
		assertThat(none.migrationSalt(plain, 1000)).isNotEqualTo(none.migrationSalt(plain, 1000));
	}

	@Test
	void theTextShowsTheHandleOnly() {
		assertThat(this.seal).hasToString("SessionSeal[" + HANDLE + "]");
	}

}
