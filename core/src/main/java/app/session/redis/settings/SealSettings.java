package app.session.redis.settings;

import java.time.Instant;

import app.session.redis.codec.EncryptionKeys;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the seals that encrypt or authenticate sessions.
 *
 * @param keys the keys with which sessions are or were sealed; null for none
 * @param acceptPlainUntil until when sessions in plain text are accepted although the
 * keys encrypt; null for never
 */
public record SealSettings(@Nullable EncryptionKeys keys, @Nullable Instant acceptPlainUntil) {

	/**
	 * Returns whether new sessions are encrypted.
	 * @return whether there are keys that encrypt
	 */
	public boolean encrypts() {
		return this.keys != null && this.keys.encrypts();
	}

}
