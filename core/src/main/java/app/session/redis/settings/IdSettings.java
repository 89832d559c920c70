package app.session.redis.settings;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.session.SessionIdGenerator;

/**
 * The settings of session ids.
 *
 * @param protect whether Redis holds only digests of ids
 * @param bytes the number of random bytes in the secret of an id
 * @param generator generates the secrets of ids; null for random secrets
 * @param overlap how long after a change of the id by another request a running request
 * of the same user can still save attributes; zero if it can't
 */
public record IdSettings(boolean protect, int bytes, @Nullable SessionIdGenerator generator, Duration overlap) {
}
