package app.session.redis.settings;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FlushMode;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;

/**
 * What the repository's setters set.
 */
public final class SessionSettings {

	private static final Duration MAX_ACCEPT_PLAIN = Duration.ofDays(30);

	/** The header of a stored session has 32 bits for the milliseconds of its grace. */
	private static final Duration MAX_GRACE = Duration.ofDays(49);

	/**
	 * Of timeouts, intervals and leases: their milliseconds are far from any overflow, in
	 * Java as in Lua.
	 */
	private static final Duration MAX_TIME = Duration.ofDays(365);

	public String namespace = "app:session";

	public final Lifetimes lifetimes = new Lifetimes();

	public Duration touchInterval = Duration.ZERO;

	public Duration grace = Duration.ofMinutes(5);

	public @Nullable String migrateFrom;

	public SaveMode saveMode = SaveMode.ON_CHANGE;

	public FlushMode flushMode = FlushMode.ON_SAVE;

	public SaveAfterDelete saveAfterDelete = SaveAfterDelete.IGNORE;

	public OnUnreadable onUnreadable = OnUnreadable.DROP_ATTRIBUTE;

	public OnUnavailable onUnavailable = OnUnavailable.ERROR;

	public @Nullable CircuitBreaker circuitBreaker;

	public int confirmReplicas;

	public Duration confirmTimeout = Duration.ofMillis(500);

	public @Nullable LockSettings locks;

	public int limitPerPrincipal;

	public OnExceeded onExceeded = OnExceeded.EVICT_OLDEST;

	public int limitTotal;

	public EventDelivery events = EventDelivery.LOCAL;

	public boolean protectIds = true;

	public int idBytes = 32;

	public @Nullable SessionIdGenerator idGenerator;

	public @Nullable IndexResolver<Session> indexResolver;

	public List<String> indexedAttributes = List.of();

	public @Nullable RedisSerializer<Object> serializer;

	public ValueForm valueForm = ValueForm.JDK;

	public Set<ValueForm> readForms = Set.of();

	public AttributeConversion conversion = AttributeConversion.NONE;

	public List<String> allowedTypes = List.of();

	public TypeCheck typeCheck = TypeCheck.ENFORCE;

	public List<String> allowedLambdas = List.of();

	public CompressionAlgorithm compression = CompressionAlgorithm.NONE;

	public int compressionThreshold;

	public @Nullable EncryptionKeys encryptionKeys;

	public @Nullable Instant acceptPlainUntil;

	public boolean recordClient;

	public boolean collectorEnabled = true;

	public Duration collectorInterval = Duration.ofSeconds(1);

	public Duration collectorLease = Duration.ofSeconds(10);

	public int collectorBatchSize = 500;

	public Duration commandTimeout = Duration.ofSeconds(1);

	public ObservationRegistry observationRegistry = ObservationRegistry.NOOP;

	public Clock clock = Clock.systemUTC();

	public void check() {
		this.lifetimes.check();
		checkTimes();
		checkForms();
		checkEncryption();
		if (this.confirmReplicas > 0 && this.confirmTimeout.compareTo(this.commandTimeout) >= 0) {
			throw new IllegalArgumentException("Replicas can't be waited for for " + this.confirmTimeout.toMillis()
					+ " ms: the command timeout of " + this.commandTimeout.toMillis()
					+ " ms ends that earlier. Raise it or wait less long");
		}
		Duration least = this.collectorLease.plus(this.collectorInterval);
		if (this.grace.compareTo(least) < 0) {
			throw new IllegalArgumentException("The grace of " + this.grace.toMillis() + " ms is too short: below the "
					+ least.toMillis() + " ms that the collector's lease and interval take together, an expired session"
					+ " could be gone before its expiry is told. Raise the grace or lower the collector's interval");
		}
	}

	private void checkTimes() {
		requireBetween("command timeout", this.commandTimeout, Duration.ofMillis(1), MAX_TIME);
		requireBetween("collector's interval", this.collectorInterval, Duration.ofMillis(1), MAX_TIME);
		requireBetween("collector's lease", this.collectorLease, Duration.ofMillis(1), MAX_TIME);
		requireBetween("touch interval", this.touchInterval, Duration.ZERO, MAX_TIME);
		requireBetween("grace", this.grace, Duration.ZERO, MAX_GRACE);
		if (this.confirmReplicas < 0) {
			throw new IllegalArgumentException(
					"The number of replicas to confirm must not be negative, but it is " + this.confirmReplicas);
		}
		requireBetween("confirmation timeout", this.confirmTimeout, Duration.ofMillis(1), MAX_TIME);
		if (this.collectorBatchSize < 1) {
			throw new IllegalArgumentException(
					"The collector's batch size must be at least 1, but it is " + this.collectorBatchSize);
		}
		if (this.compressionThreshold < 0) {
			throw new IllegalArgumentException(
					"The compression threshold must not be negative, but it is " + this.compressionThreshold);
		}
	}

	private static void requireBetween(String name, Duration value, Duration min, Duration max) {
		if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
			throw new IllegalArgumentException(
					"The " + name + " must be at least " + min + " and at most " + max + ", but it is " + value);
		}
	}

	private void checkForms() {
		if (this.migrateFrom != null && this.serializer == null && this.valueForm == ValueForm.JSON
				&& !this.readForms.contains(ValueForm.JDK)) {
			throw new IllegalArgumentException("Sessions are to be migrated from " + this.migrateFrom
					+ ", where they are written by Java serialization, but only JSON is read. Add JDK to the forms that"
					+ " are read (setReadForms)");
		}
	}

	private void checkEncryption() {
		if (this.typeCheck == TypeCheck.WARN && (this.encryptionKeys == null || this.encryptionKeys.active() == null)) {
			throw new IllegalArgumentException("Types that are not allowed can't be stored without a key: they are read"
					+ " from values that a key authenticates only, or whoever can write to Redis could have any class"
					+ " created. Set keys that encrypt or authenticate (setEncryptionKeys)");
		}
		if (this.acceptPlainUntil != null
				&& this.acceptPlainUntil.isAfter(this.clock.instant().plus(MAX_ACCEPT_PLAIN))) {
			throw new IllegalArgumentException(
					"Sessions in plain text can't be accepted until " + this.acceptPlainUntil + ": at most "
							+ MAX_ACCEPT_PLAIN.toDays() + " days ahead are possible, since until then whoever can"
							+ " write to Redis can forge sessions. Choose an earlier time");
		}
		if (this.encryptionKeys == null || !this.encryptionKeys.encrypts()) {
			return;
		}
		if (!this.protectIds) {
			throw new IllegalArgumentException("Ids must be protected where values are encrypted: who can read an id in"
					+ " Redis can use the session. Don't switch their protection off (setProtectIds)");
		}
		if (this.migrateFrom != null && this.acceptPlainUntil == null) {
			throw new IllegalArgumentException("Sessions can't be migrated from " + this.migrateFrom
					+ ", where they are in plain text, into an encrypted store without an end: set until when they are"
					+ " accepted (setAcceptPlainUntil)");
		}
	}

}
