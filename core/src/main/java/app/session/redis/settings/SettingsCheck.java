package app.session.redis.settings;

import java.time.Duration;
import java.time.Instant;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;

/**
 * Checks the bounds of times and numbers in {@link SessionSettings}, and options that
 * depend on each other.
 */
final class SettingsCheck {

	private static final Duration MAX_ACCEPT_PLAIN = Duration.ofDays(Defaults.LONGEST_ACCEPT_PLAIN_DAYS);

	private static final Duration MAX_GRACE = Duration.ofDays(Defaults.LONGEST_GRACE_DAYS);

	/**
	 * The maximum of timeouts, intervals and leases. Their milliseconds are far from any
	 * overflow, both in Java and in Lua.
	 */
	private static final Duration MAX_TIME = Duration.ofDays(365);

	private SettingsCheck() {
	}

	/**
	 * Checks the settings.
	 * @param settings the settings
	 * @throws IllegalArgumentException if a value is out of its bounds or values
	 * contradict each other
	 */
	static void check(SessionSettings settings) {
		settings.lifetimes().check();
		checkTimes(settings);
		checkForms(settings);
		checkEncryption(settings);
		if (settings.confirmReplicas() > 0 && settings.confirmTimeout().compareTo(settings.commandTimeout()) >= 0) {
			throw new IllegalArgumentException("Replicas can't be waited for for "
					+ settings.confirmTimeout().toMillis() + " ms: the command timeout of "
					+ settings.commandTimeout().toMillis() + " ms ends that earlier. Raise it or wait less long");
		}
		Duration least = settings.collectorLease().plus(settings.collectorInterval());
		if (settings.grace().compareTo(least) < 0) {
			throw new IllegalArgumentException("The grace of " + settings.grace().toMillis()
					+ " ms is too short: below the " + least.toMillis()
					+ " ms that the collector's lease and interval take together, an expired session"
					+ " could be gone before its expiry is told. Raise the grace or lower the collector's interval");
		}
	}

	private static void checkTimes(SessionSettings settings) {
		requireBetween("command timeout", settings.commandTimeout(), Duration.ofMillis(1), MAX_TIME);
		requireBetween("collector's interval", settings.collectorInterval(), Duration.ofMillis(1), MAX_TIME);
		requireBetween("collector's lease", settings.collectorLease(), Duration.ofMillis(1), MAX_TIME);
		requireBetween("touch interval", settings.touchInterval(), Duration.ZERO, MAX_TIME);
		requireBetween("grace", settings.grace(), Duration.ZERO, MAX_GRACE);
		if (settings.confirmReplicas() < 0) {
			throw new IllegalArgumentException(
					"The number of replicas to confirm must not be negative, but it is " + settings.confirmReplicas());
		}
		requireBetween("confirmation timeout", settings.confirmTimeout(), Duration.ofMillis(1), MAX_TIME);
		if (settings.collectorBatchSize() < 1) {
			throw new IllegalArgumentException(
					"The collector's batch size must be at least 1, but it is " + settings.collectorBatchSize());
		}
		if (settings.compressionThreshold() < 0) {
			throw new IllegalArgumentException(
					"The compression threshold must not be negative, but it is " + settings.compressionThreshold());
		}
	}

	private static void requireBetween(String name, Duration value, Duration min, Duration max) {
		if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
			throw new IllegalArgumentException(
					"The " + name + " must be at least " + min + " and at most " + max + ", but it is " + value);
		}
	}

	private static void checkForms(SessionSettings settings) {
		if (settings.migrateFrom() != null && settings.serializer() == null && settings.valueForm() == ValueForm.JSON
				&& !settings.readForms().contains(ValueForm.JDK)) {
			throw new IllegalArgumentException("Sessions are to be migrated from " + settings.migrateFrom()
					+ ", where they are written by Java serialization, but only JSON is read. Add JDK to the forms that"
					+ " are read (setReadForms)");
		}
	}

	private static void checkEncryption(SessionSettings settings) {
		EncryptionKeys keys = settings.encryptionKeys();
		Instant acceptPlainUntil = settings.acceptPlainUntil();
		if (settings.typeCheck() == TypeCheck.WARN && (keys == null || keys.active() == null)) {
			throw new IllegalArgumentException("Types that are not allowed can't be stored without a key: they are read"
					+ " from values that a key authenticates only, or whoever can write to Redis could have any class"
					+ " created. Set keys that encrypt or authenticate (setEncryptionKeys)");
		}
		if (acceptPlainUntil != null && acceptPlainUntil.isAfter(settings.clock().instant().plus(MAX_ACCEPT_PLAIN))) {
			throw new IllegalArgumentException(
					"Sessions in plain text can't be accepted until " + acceptPlainUntil + ": at most "
							+ MAX_ACCEPT_PLAIN.toDays() + " days ahead are possible, since until then whoever can"
							+ " write to Redis can forge sessions. Choose an earlier time");
		}
		if (keys == null || !keys.encrypts()) {
			return;
		}
		if (!settings.protectIds()) {
			throw new IllegalArgumentException("Ids must be protected where values are encrypted: who can read an id in"
					+ " Redis can use the session. Don't switch their protection off (setProtectIds)");
		}
		if (settings.migrateFrom() != null && acceptPlainUntil == null) {
			throw new IllegalArgumentException("Sessions can't be migrated from " + settings.migrateFrom()
					+ ", where they are in plain text, into an encrypted store without an end: set until when they are"
					+ " accepted (setAcceptPlainUntil)");
		}
	}

}
