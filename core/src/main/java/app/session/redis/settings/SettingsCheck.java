package app.session.redis.settings;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionId;
import app.session.redis.codec.AllowedTypes;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;

/**
 * Checks the bounds of options in {@link SessionSettings}, and options that depend on
 * each other. Each failed check throws an {@link InvalidSettingException}.
 */
final class SettingsCheck {

	private static final Duration MAX_LIFETIME = Duration.ofDays(Defaults.LONGEST_TIMEOUT_DAYS);

	private static final Duration MAX_ACCEPT_PLAIN = Duration.ofDays(Defaults.LONGEST_ACCEPT_PLAIN_DAYS);

	private static final Duration MAX_ID_OVERLAP = Duration.ofMinutes(Defaults.LONGEST_ID_OVERLAP_MINUTES);

	private static final Duration MAX_GRACE = Duration.ofDays(Defaults.LONGEST_GRACE_DAYS);

	/**
	 * The maximum of timeouts, intervals and leases. Their milliseconds are far from any
	 * overflow, both in Java and in Lua.
	 */
	private static final Duration MAX_TIME = Duration.ofDays(365);

	private static final Duration MILLISECOND = Duration.ofMillis(1);

	private final SessionSettings settings;

	private final OptionNames names;

	SettingsCheck(SessionSettings settings) {
		this.settings = settings;
		this.names = settings.optionNames();
	}

	void check() {
		String namespace = this.settings.namespace();
		require(!namespace.isBlank() && !namespace.matches(".*[{}\\s].*"), Option.NAMESPACE, namespace,
				"It must not be empty, nor contain white space or braces, which determine the hash slot of a key in a"
						+ " cluster.",
				"Choose another namespace.");
		requireBetween(Option.ID_BYTES, this.settings.ids().bytes(), Defaults.MIN_ID_BYTES, SessionId.MAX_SECRET_BYTES);
		requireBetween(Option.ID_OVERLAP, this.settings.ids().overlap(), Duration.ZERO, MAX_ID_OVERLAP);
		requireBetween(Option.COMMAND_TIMEOUT, this.settings.availability().commandTimeout(), MILLISECOND, MAX_TIME);
		checkLifetimes(this.settings.lifetimes());
		checkCollector(this.settings.collector());
		checkConfirmation(this.settings.saves());
		requireBetween(Option.LIMIT_PER_PRINCIPAL, this.settings.limits().perPrincipal(), 0, Integer.MAX_VALUE);
		requireBetween(Option.LIMIT_TOTAL, this.settings.limits().total(), 0, Integer.MAX_VALUE);
		requireBetween(Option.NEAR_CACHE_SIZE, this.settings.nearCache().maxSize(), 0L, Long.MAX_VALUE);
		requireBetween(Option.NEAR_CACHE_MAX_AGE, this.settings.nearCache().maxAge(), Duration.ZERO,
				Duration.ofSeconds(Defaults.LONGEST_NEAR_CACHE_AGE_SECONDS));
		requireBetween(Option.CLIENT_BINDING_IPV4_PREFIX, this.settings.clientBinding().ipv4Prefix(), 0, 32);
		requireBetween(Option.CLIENT_BINDING_IPV6_PREFIX, this.settings.clientBinding().ipv6Prefix(), 0, 128);
		LockSettings locks = this.settings.locks();
		if (locks != null) {
			requireBetween(Option.LOCK_WAIT, locks.waitTime(), Duration.ZERO, MAX_TIME);
			requireBetween(Option.LOCK_LEASE, locks.lease(), MILLISECOND, MAX_TIME);
			requireBetween(Option.LOCK_MAX_WAITERS, locks.maxWaiters(), 0, Integer.MAX_VALUE);
		}
		requireBetween(Option.COMPRESSION_THRESHOLD, this.settings.values().compressionThreshold(), 0,
				Integer.MAX_VALUE);
		checkTypes(this.settings.types());
		checkSeals(this.settings.seals());
		checkMigration();
	}

	private void checkLifetimes(Lifetimes lifetimes) {
		requireAtMost(Option.TIMEOUT, lifetimes.idle());
		requireBetween(Option.ABSOLUTE_TIMEOUT, lifetimes.absolute(), Duration.ZERO, MAX_LIFETIME);
		requireBetween(Option.MIN_TIMEOUT, lifetimes.min(), Duration.ZERO, MAX_LIFETIME);
		requireBetween(Option.MAX_TIMEOUT, lifetimes.max(), Duration.ZERO, MAX_LIFETIME);
		require(lifetimes.min().compareTo(lifetimes.max()) <= 0, Option.MIN_TIMEOUT, lifetimes.min(),
				"It is above " + valueOf(Option.MAX_TIMEOUT, lifetimes.max()) + ".",
				lowerOrRaise(Option.MIN_TIMEOUT, Option.MAX_TIMEOUT));
		requireBetween(Option.FIRST_TIMEOUT, lifetimes.first(), Duration.ZERO, MAX_LIFETIME);
		requireBetween(Option.BOT_FIRST_TIMEOUT, lifetimes.botFirst(), Duration.ZERO, MAX_LIFETIME);
		Duration botTimeout = lifetimes.botIdle();
		if (botTimeout != null) {
			requireAtMost(Option.BOT_TIMEOUT, botTimeout);
		}
		requireBetween(Option.TOUCH_INTERVAL, lifetimes.touchInterval(), Duration.ZERO, MAX_TIME);
		requireBetween(Option.GRACE, lifetimes.grace(), Duration.ZERO, MAX_GRACE);
	}

	private void requireAtMost(Option option, Duration timeout) {
		require(timeout.compareTo(MAX_LIFETIME) <= 0, option, timeout, "It must be at most " + MAX_LIFETIME + ".",
				"Choose a shorter timeout.");
	}

	private void checkCollector(CollectorSettings collector) {
		requireBetween(Option.COLLECTOR_INTERVAL, collector.interval(), MILLISECOND, MAX_TIME);
		requireBetween(Option.COLLECTOR_LEASE, collector.lease(), MILLISECOND, MAX_TIME);
		requireBetween(Option.COLLECTOR_BATCH_SIZE, collector.batchSize(), 1, Integer.MAX_VALUE);
		Duration grace = this.settings.lifetimes().grace();
		require(grace.compareTo(collector.lease().plus(collector.interval())) >= 0, Option.GRACE, grace,
				"It must be at least the lease of the node that runs the collector (" + collector.lease() + ") and "
						+ valueOf(Option.COLLECTOR_INTERVAL, collector.interval())
						+ " together: if that node dies, another one must find an expired session before its content is"
						+ " gone.",
				lowerOrRaise(Option.COLLECTOR_INTERVAL, Option.GRACE));
	}

	private void checkConfirmation(SaveSettings saves) {
		requireBetween(Option.CONFIRM_REPLICAS, saves.confirmReplicas(), 0, Integer.MAX_VALUE);
		requireBetween(Option.CONFIRM_TIMEOUT, saves.confirmTimeout(), MILLISECOND, MAX_TIME);
		Duration commandTimeout = this.settings.availability().commandTimeout();
		require(saves.confirmReplicas() == 0 || saves.confirmTimeout().compareTo(commandTimeout) < 0,
				Option.CONFIRM_TIMEOUT, saves.confirmTimeout(),
				"It must be below " + valueOf(Option.COMMAND_TIMEOUT, commandTimeout) + ".",
				lowerOrRaise(Option.CONFIRM_TIMEOUT, Option.COMMAND_TIMEOUT));
	}

	private void checkTypes(TypeSettings types) {
		checkNames(Option.ALLOWED_TYPES, types.allowed(), types.allowed(), List.of());
		checkNames(Option.ALLOWED_LAMBDAS, types.allowedLambdas(), List.of(), types.allowedLambdas());
		EncryptionKeys keys = this.settings.seals().keys();
		require(types.check() != TypeCheck.WARN || (keys != null && keys.active() != null), Option.TYPE_CHECK,
				types.check(),
				"It needs a key. Types that are not allowed are read only from values that a key authenticates:"
						+ " otherwise write access to Redis would be enough to have any class created.",
				"Add a key to " + quote(Option.ENCRYPTION_KEYS) + " ('openssl rand -base64 " + EncryptionKeys.KEY_BYTES
						+ "' creates one in Base64). It doesn't have to encrypt. Or list the types in "
						+ quote(Option.ALLOWED_TYPES) + "; one refusal names all types of a value.");
	}

	private void checkNames(Option option, List<String> value, List<String> types, List<String> lambdas) {
		try {
			new AllowedTypes(types, lambdas);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidSettingException(this.names, option, String.join(",", value), ex.getMessage() + ".",
					"Correct the name.");
		}
	}

	private void checkSeals(SealSettings seals) {
		Instant acceptPlainUntil = seals.acceptPlainUntil();
		if (acceptPlainUntil != null) {
			require(!acceptPlainUntil.isAfter(this.settings.clock().instant().plus(MAX_ACCEPT_PLAIN)),
					Option.ACCEPT_PLAIN_UNTIL, acceptPlainUntil,
					"It is more than " + MAX_ACCEPT_PLAIN.toDays()
							+ " days ahead. Until then write access to Redis is enough to forge a session.",
					"Choose a time at most " + MAX_ACCEPT_PLAIN.toDays() + " days ahead.");
		}
		require(this.settings.ids().protect() || !seals.encrypts(), Option.PROTECT_IDS, false,
				"It must be true if sessions are encrypted (" + quote(Option.ENCRYPTION_ENABLED)
						+ "), because read access to the ids in Redis would be enough to use the sessions.",
				"Set '" + this.names.setting(Option.PROTECT_IDS, true) + "', or disable the encryption.");
	}

	private void checkMigration() {
		String source = this.settings.migrateFrom();
		if (source == null) {
			return;
		}
		ValueSettings values = this.settings.values();
		require(values.serializer() != null
				|| values.form() == ValueForm.JDK || values.readForms().contains(ValueForm.JDK), Option.MIGRATE_FROM,
				source,
				"Sessions are written by Java serialization there, but only JSON is read ('"
						+ this.names.setting(Option.SERIALIZER, values.form()) + "').",
				"Set '" + this.names.setting(Option.READ_FORMS, ValueForm.JDK) + "' until the migration is over.");
		require(!this.settings.seals().encrypts() || this.settings.seals().acceptPlainUntil() != null,
				Option.MIGRATE_FROM, source,
				"Sessions are in plain text there, but sessions are encrypted here (" + quote(Option.ENCRYPTION_ENABLED)
						+ "), so that only encrypted ones are accepted.",
				"Set " + quote(Option.ACCEPT_PLAIN_UNTIL) + " to a time by which the migration is over, at most "
						+ MAX_ACCEPT_PLAIN.toDays() + " days ahead.");
	}

	private <T extends Comparable<T>> void requireBetween(Option option, T value, T min, T max) {
		require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0, option, value,
				"It must be at least " + min + " and at most " + max + ".", "Choose a value within these bounds.");
	}

	private void require(boolean condition, Option option, Object value, String reason, String advice) {
		if (!condition) {
			throw new InvalidSettingException(this.names, option, value, reason, advice);
		}
	}

	private String lowerOrRaise(Option lower, Option raise) {
		return "Lower " + quote(lower) + " or raise " + quote(raise) + ".";
	}

	private String valueOf(Option option, Object value) {
		return quote(option) + " (" + value + ")";
	}

	private String quote(Option option) {
		return "'" + this.names.name(option) + "'";
	}

}
