package app.session.redis.settings;

import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionIdGenerator;

/**
 * The settings of session ids.
 *
 * @param protect whether Redis holds only digests of ids
 * @param bytes the number of random bytes in the secret of an id
 * @param generator generates the secrets of ids; null for random secrets
 */
public record IdSettings(boolean protect, int bytes, @Nullable SessionIdGenerator generator) {
}
