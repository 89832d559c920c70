package app.session.redis.autoconfigure.properties;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

import app.session.redis.SessionId;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.ValueForm;
import app.session.redis.settings.ClientBindingSettings;
import app.session.redis.settings.Defaults;
import app.session.redis.settings.EventDelivery;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.NearCacheSettings;
import app.session.redis.settings.OnExceeded;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.OnMismatch;
import app.session.redis.settings.OnUnavailable;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettingsBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.session.FlushMode;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the sessions that are kept in Redis. Properties that contradict each
 * other fail the start.
 *
 * @param enabled Whether to keep HTTP sessions with this starter. When disabled, Spring
 * Boot's own session auto-configuration applies.
 * @param namespace Prefix of every key.
 * @param repositoryType Type of session repository to use.
 * @param timeout Time without a request after which a session expires. If a duration
 * suffix is not specified, seconds is used. Defaults to 'spring.session.timeout', then to
 * 'server.servlet.session.timeout', then to 30 minutes.
 * @param longTimeout Time without a request after which the session of a user who chose
 * to stay signed in expires, at most 'max-timeout'. If a duration suffix is not
 * specified, seconds is used.
 * @param absoluteTimeout Time after which a session ends even if it is in constant use.
 * Zero means never. If a duration suffix is not specified, seconds is used.
 * @param minTimeout Lower bound of positive timeouts that the application sets. If a
 * duration suffix is not specified, seconds is used.
 * @param maxTimeout Upper bound of positive timeouts that the application sets. If a
 * duration suffix is not specified, seconds is used.
 * @param firstTimeout Time without a request after which a session expires before its
 * second request. Zero means that 'timeout' applies. If a duration suffix is not
 * specified, seconds is used.
 * @param migrateFrom Namespace of Spring Session's own repository, such as
 * 'spring:session', from which sessions are migrated when their clients return.
 * @param touchInterval Minimum time between two writes of a session's last access time,
 * at most a tenth of the session's timeout. Zero writes it with every request.
 * @param grace Time for which the content of an expired session is kept for its event, at
 * most 49 days.
 * @param saveMode Attributes that are written when a session is saved.
 * @param flushMode Time at which changes of a session are written.
 * @param saveAfterDelete Action to take when changes are saved and the session has ended
 * in the meantime.
 * @param protectIds Whether to store the digest of a session id's secret rather than the
 * secret.
 * @param idBytes Number of random bytes in the secret of a new session id, 16 to 192.
 * Ignored if there is a SessionIdGenerator bean.
 * @param idOverlap Time after a change of a session's id in which a request that was
 * already running can still save attributes, if it belongs to the same logged-in user.
 * The old id itself is invalid at once. Zero discards these changes.
 * @param indexes Comma-separated list of session attributes by which sessions can be
 * found, in addition to the principal's name. A session can be found by at most 5,000
 * values.
 * @param recordClient Whether a new session records the address and the user agent of its
 * client, for operators and for pages such as "your devices". This is personal data in
 * many countries.
 * @param events Nodes on which the creation and the end of a session are published as
 * events. Unless this is none, an HttpSessionEventPublisher bean receives the end of a
 * session on every node.
 * @param serializer Serializer of attributes: 'jdk', 'json', or the name of a
 * RedisSerializer bean. Defaults to the bean 'springSessionDefaultRedisSerializer' if
 * there is one.
 * @param readForms Comma-separated list of serializers whose attributes are read in
 * addition to those of the configured one. To change the serializer while sessions exist,
 * first list both on every node.
 * @param allowedTypes Comma-separated list of classes, and of packages with their
 * subpackages, whose objects may be stored in addition to the JDK's value types, the
 * types that Spring and widely used libraries store in sessions, and the packages that
 * the application scans for components and entities. Other types are rejected when an
 * attribute is written and when it is read.
 * @param typeCheck Action to take when an attribute contains types that are not allowed.
 * @param allowedLambdas Comma-separated list of packages and classes whose serializable
 * lambdas and method references may be stored. Write access to Redis is then enough to
 * call each of them, so list only those that a framework such as Vaadin requires.
 * @param onUnreadable Action to take when an attribute of a session can't be
 * deserialized.
 * @param onUnavailable Response to a request whose session can't be read because Redis is
 * unavailable.
 * @param confirmReplicas Number of replicas that must acknowledge a log-in, a change of
 * the session id or a log-out before the request continues.
 * @param confirmTimeout Maximum time to wait for these replicas. Must be below
 * 'command-timeout'.
 * @param bot Sessions of crawlers.
 * @param limits Limits of the number of sessions.
 * @param nearCache Copies of sessions on this node, so that Redis doesn't send sessions
 * that haven't changed. Redis validates a copy with each use.
 * @param compression Compression of attributes.
 * @param encryption Encryption of attributes.
 * @param collector Collector of expired sessions.
 * @param lock Locks that make requests of the same session run one at a time.
 * @param metrics Metrics and observations.
 * @param passive Requests that find their session but don't extend its lifetime, such as
 * polling.
 * @param cookie The session cookie. Properties that are not set here default to those of
 * {@code server.servlet.session.cookie}.
 */
@ConfigurationProperties("app.session.redis")
// @formatter:off
public record RedisSessionProperties(
		@DefaultValue("true") boolean enabled,
		@Example("shop:session") @DefaultValue(Defaults.NAMESPACE) String namespace,
		@DefaultValue("atomic") RepositoryType repositoryType,
		@DurationUnit(ChronoUnit.SECONDS) @Bounds(max = Defaults.LONGEST_TIMEOUT_DAYS + "d") @Nullable Duration timeout,
		@Example("14d") @DefaultValue("7d") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "1s", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration longTimeout,
		@Example("12h") @DefaultValue("0") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "0", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration absoluteTimeout,
		@Example("1m") @DefaultValue("0") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "0", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration minTimeout,
		@Example("90d") @DefaultValue(Defaults.MAX_TIMEOUT_DAYS + "d") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "1s", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration maxTimeout,
		@Example("5m") @DefaultValue("0") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "0", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration firstTimeout,
		@Example("spring:session") @Nullable String migrateFrom,
		@DefaultValue("0") @Bounds(min = "0", max = "365d") Duration touchInterval,
		@Example("10m") @DefaultValue(Defaults.GRACE_MINUTES + "m") @Bounds(max = Defaults.LONGEST_GRACE_DAYS + "d") Duration grace,
		@DefaultValue(Defaults.SAVE_MODE) SaveMode saveMode,
		@DefaultValue(Defaults.FLUSH_MODE) FlushMode flushMode,
		@DefaultValue(Defaults.SAVE_AFTER_DELETE) SaveAfterDelete saveAfterDelete,
		@DefaultValue("true") boolean protectIds,
		@Example("64") @DefaultValue("" + Defaults.ID_BYTES) @Bounds(min = "" + Defaults.MIN_ID_BYTES, max = "" + SessionId.MAX_SECRET_BYTES) int idBytes,
		@Example("10s") @DefaultValue(Defaults.ID_OVERLAP_SECONDS + "s") @Bounds(min = "0", max = Defaults.LONGEST_ID_OVERLAP_MINUTES + "m") Duration idOverlap,
		@Example("tenant") @DefaultValue List<String> indexes,
		boolean recordClient,
		@DefaultValue(Defaults.EVENTS) EventDelivery events,
		@Nullable String serializer,
		@DefaultValue List<ValueForm> readForms,
		@Example("com.example.shop") @DefaultValue List<String> allowedTypes,
		@DefaultValue(Defaults.TYPE_CHECK) TypeCheck typeCheck,
		@Example("com.example.shop.ui") @DefaultValue List<String> allowedLambdas,
		@DefaultValue(Defaults.ON_UNREADABLE) OnUnreadable onUnreadable,
		@DefaultValue(Defaults.ON_UNAVAILABLE) OnUnavailable onUnavailable,
		@Example("1") @Bounds(min = "0", max = "1000") int confirmReplicas,
		@Example("200ms") @DefaultValue(Defaults.CONFIRM_TIMEOUT_MILLIS + "ms") @Bounds(min = "1ms", max = "1d") Duration confirmTimeout,
		@DefaultValue Bot bot,
		@DefaultValue Limits limits,
		@DefaultValue NearCache nearCache,
		@DefaultValue Compression compression,
		@DefaultValue Encryption encryption,
		@DefaultValue Collector collector,
		@DefaultValue Lock lock,
		@DefaultValue Logout logout,
		@DefaultValue ClientBinding clientBinding,
		@DefaultValue Metrics metrics,
		@DefaultValue Passive passive,
		@DefaultValue Cookie cookie) {
	// @formatter:on

	/**
	 * Returns the timeout of the sessions of users who stay signed in.
	 * @return {@link #longTimeout()}, but not more than {@link #maxTimeout()}
	 */
	public Duration boundedLongTimeout() {
		return (this.longTimeout.compareTo(this.maxTimeout) > 0) ? this.maxTimeout : this.longTimeout;
	}

	/**
	 * Returns whether changes of sessions are published, because nodes trust copies.
	 * @return whether the user needs permission for the channel of changes
	 */
	public boolean publishesChanges() {
		return new NearCacheSettings(this.nearCache.enabled() && this.protectIds, 0, this.nearCache.maxAge())
			.isTrusting();
	}

	/**
	 * Applies the properties to the settings of the session store, except those that
	 * depend on beans or contain secrets: a serializer bean and the keys.
	 * @param settings the settings
	 */
	public void applyTo(SessionSettingsBuilder settings) {
		settings.namespace(this.namespace)
			.absoluteTimeout(this.absoluteTimeout)
			.timeoutBounds(this.minTimeout, this.maxTimeout)
			.firstTimeout(this.firstTimeout)
			.botTimeouts(this.bot.firstTimeout(), this.bot.timeout())
			.touchInterval(this.touchInterval)
			.grace(this.grace)
			.saveMode(this.saveMode)
			.flushMode(this.flushMode)
			.saveAfterDelete(this.saveAfterDelete)
			.protectIds(this.protectIds)
			.idBytes(this.idBytes)
			.idOverlap(this.idOverlap)
			.indexedAttributes(this.indexes)
			.events(this.events)
			.recordClient(this.recordClient)
			.collectorEnabled(this.collector.enabled())
			.collectorInterval(this.collector.interval())
			.collectorBatchSize(this.collector.batchSize())
			.onUnreadable(this.onUnreadable)
			.onUnavailable(this.onUnavailable)
			.limitPerPrincipal(this.limits.perPrincipal(), this.limits.onExceeded())
			.limitTotal(this.limits.total())
			.confirmReplicas(this.confirmReplicas, this.confirmTimeout)
			.valueForm("json".equals(this.serializer) ? ValueForm.JSON : ValueForm.JDK)
			.readForms(this.readForms)
			.allowedTypes(this.allowedTypes)
			.allowedLambdas(this.allowedLambdas)
			.typeCheck(this.typeCheck)
			.compression(this.compression.algorithm(), (int) this.compression.threshold().toBytes())
			.acceptPlainUntil(this.encryption.acceptPlainUntil());
		if (this.timeout != null) {
			settings.idleTimeout(this.timeout);
		}
		settings.clientBinding(new ClientBindingSettings(this.clientBinding.userAgent(),
				this.clientBinding.ipv4Prefix(), this.clientBinding.ipv6Prefix(), this.clientBinding.onMismatch()));
		settings.nearCache(this.nearCache.enabled()).nearCacheMaxAge(this.nearCache.maxAge());
		if (this.nearCache.maxSize() != null) {
			settings.nearCacheSize(this.nearCache.maxSize().toBytes());
		}
		if (this.migrateFrom != null) {
			settings.migrateFrom(this.migrateFrom);
		}
		if (this.lock.enabled()) {
			settings.locks(new LockSettings(this.lock.waitTime(), this.lock.lease(), this.lock.onTimeout(),
					this.lock.maxWaiters()));
		}
	}

	/**
	 * Sessions of crawlers.
	 *
	 * @param enabled Whether sessions of crawlers, health checks, monitors and HTTP
	 * libraries expire earlier than others. They are detected by a BotDetector bean, or
	 * by the 'User-Agent' header if there is none.
	 * @param pattern Regular expression to find in the 'User-Agent' header of crawlers,
	 * ignoring case. Only the first 512 characters of the header are searched. Defaults
	 * to a pattern of known crawlers and HTTP clients. A client without this header
	 * always counts as a crawler.
	 * @param firstTimeout Time without a request after which a crawler's session expires
	 * before its second request. If a duration suffix is not specified, seconds is used.
	 * @param timeout Time without a request after which a crawler's session expires. If a
	 * duration suffix is not specified, seconds is used. Defaults to the timeout of other
	 * sessions, but at most two hours.
	 */
	// @formatter:off
	public record Bot(
			boolean enabled,
			@Example("monitor") @Nullable String pattern,
			@Example("30s") @DefaultValue(Defaults.BOT_FIRST_TIMEOUT_SECONDS + "s") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "0", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") Duration firstTimeout,
			@Example("5m") @DurationUnit(ChronoUnit.SECONDS) @Bounds(min = "1ms", max = Defaults.LONGEST_TIMEOUT_DAYS + "d") @Nullable Duration timeout) {
		// @formatter:on

	}

	/**
	 * Limits of the number of sessions.
	 *
	 * @param perPrincipal Maximum number of sessions of one principal. Zero means no
	 * limit.
	 * @param onExceeded Action to take when a principal with the maximum number of
	 * sessions logs in.
	 * @param total Maximum total number of sessions, beyond which no new sessions are
	 * created. Zero means no limit.
	 */
	// @formatter:off
	public record Limits(
			@Example("5") @Bounds(min = "0") int perPrincipal,
			@DefaultValue(Defaults.ON_EXCEEDED) OnExceeded onExceeded,
			@Example("100000") @Bounds(min = "0") int total) {
		// @formatter:on

	}

	/**
	 * Copies of sessions on this node.
	 *
	 * @param enabled Whether this node keeps copies of the sessions that it has served.
	 * Requires 'protect-ids'.
	 * @param maxSize Maximum memory of all copies. A session that takes more than a
	 * sixteenth of it is not copied. Defaults to 5 % of the heap, at most 32MB.
	 * @param maxAge How long GET and HEAD requests use a copy after it was validated,
	 * without asking Redis. Until then, they may not see a change or a log-out on another
	 * node. 0 to validate a copy with each use. Must be the same on all nodes.
	 */
	// @formatter:off
	public record NearCache(
			@DefaultValue("true") boolean enabled,
			@Example("64MB") @Bounds(min = "0") @Nullable DataSize maxSize,
			@Example("2s") @DefaultValue("0") @Bounds(min = "0", max = Defaults.LONGEST_NEAR_CACHE_AGE_SECONDS + "s") Duration maxAge) {
		// @formatter:on

	}

	/**
	 * Compression of attributes.
	 *
	 * @param algorithm Algorithm by which large attributes are compressed. Attributes
	 * that were compressed by another algorithm can still be read.
	 * @param threshold Size from which an attribute is compressed, provided that this
	 * makes it smaller.
	 */
	// @formatter:off
	public record Compression(
			@DefaultValue(Defaults.COMPRESSION) CompressionAlgorithm algorithm,
			@Example("8KB") @DefaultValue(Defaults.COMPRESSION_THRESHOLD_KB + "KB") @Bounds(min = "0", max = "64MB") DataSize threshold) {
		// @formatter:on

	}

	/**
	 * Encryption of attributes.
	 *
	 * @param enabled Whether to encrypt attributes with AES-256-GCM, to store index
	 * values as keyed digests, and to accept only sessions that were written with one of
	 * the keys. When disabled, encrypted sessions can still be read, and stay encrypted.
	 * @param keys Keys by name, each the Base64 encoding of 32 random bytes. To replace a
	 * key, add the new key on every node, make it active, and remove the old key when no
	 * session that was written with it is left.
	 * @param activeKey Name of the key that encrypts. Defaults to the first of the keys.
	 * @param acceptPlainUntil Time until which sessions in plain text are accepted
	 * although encryption is enabled, such as '2026-12-24T00:00:00Z', at most 30 days
	 * ahead. For enabling encryption while sessions exist. Until then write access to
	 * Redis is enough to forge a session.
	 */
	// @formatter:off
	public record Encryption(
			boolean enabled,
			@Example("<32 random bytes in Base64>") @DefaultValue Map<String, String> keys,
			@Example("k1") @Nullable String activeKey,
			@Example("2026-12-24T00:00:00Z") @Nullable Instant acceptPlainUntil) {
		// @formatter:on

		/** Returns the class name without the values, since keys are secret. */
		@Override
		public String toString() {
			return getClass().getSimpleName();
		}

	}

	/**
	 * Collector of expired sessions.
	 *
	 * @param enabled Whether this node collects expired sessions. At least one node must.
	 * @param interval Time between two runs of the collector.
	 * @param batchSize Maximum number of sessions that are collected in one step. A run
	 * takes as many steps as there are expired sessions.
	 */
	// @formatter:off
	public record Collector(
			@DefaultValue("true") boolean enabled,
			@DefaultValue(Defaults.COLLECTOR_INTERVAL_SECONDS + "s") @Bounds(min = "1ms", max = "1d") Duration interval,
			@Example("1000") @DefaultValue("" + Defaults.COLLECTOR_BATCH_SIZE) @Bounds(min = "1", max = "100000") int batchSize) {
		// @formatter:on

	}

	/**
	 * Locks that make requests of the same session run one at a time.
	 *
	 * @param enabled Whether requests acquire a lock on their session, so that they run
	 * one at a time.
	 * @param methods Comma-separated list of HTTP methods whose requests acquire the
	 * lock. The annotation '@SessionLock' of a Spring MVC handler or its class takes
	 * precedence.
	 * @param waitTime Maximum time that a request waits for the lock.
	 * @param lease Time after which the lock of a node that has died is released. The
	 * lock is renewed while the request runs. Must be at least twice 'command-timeout'.
	 * @param onTimeout Action to take when a request could not acquire the lock in time.
	 * @param maxWaiters Maximum number of requests that wait for the lock of one session.
	 * Further requests are answered with 503 immediately. Zero means no limit.
	 * @param tokenRefresh Whether a request whose OAuth2 access token is about to expire
	 * acquires the lock, so that the token is refreshed only once. Keeps authorized
	 * clients in the session. To lock sessions for this only, set 'methods' to an empty
	 * list.
	 */
	// @formatter:off
	public record Lock(
			boolean enabled,
			@Example("POST,PUT") @DefaultValue( { "POST", "PUT", "PATCH", "DELETE" }) List<String> methods,
			@Example("5s") @Name("wait") @DefaultValue("10s") @Bounds(min = "0", max = "1d") Duration waitTime,
			@Example("1m") @DefaultValue("30s") @Bounds(min = "1ms", max = "1d") Duration lease,
			@DefaultValue("reject") OnLockTimeout onTimeout,
			@Example("20") @Bounds(min = "0") int maxWaiters,
			boolean tokenRefresh) {
		// @formatter:on

	}

	/**
	 * Logging out.
	 *
	 * @param oidcBackChannel Whether sessions of OpenID Connect users can be found by
	 * what a logout token of their provider names, so that Spring Security's back-channel
	 * logout ends them on all nodes. Requires Spring Security's OAuth2 client.
	 * @param clearSiteData Comma-separated list of data that the browser deletes when the
	 * user logs out over HTTPS: 'cache', 'cookies', 'storage', 'execution-contexts', or
	 * 'all'. Requires Spring Security.
	 */
	// @formatter:off
	public record Logout(
			@DefaultValue("true") boolean oidcBackChannel,
			@Example("cache,storage") @DefaultValue List<SiteData> clearSiteData) {
		// @formatter:on

	}

	/**
	 * Binding of a session to what its client presented at log-in.
	 *
	 * @param userAgent Whether the 'User-Agent' header must stay the same. Browsers
	 * change it when they are updated.
	 * @param ipv4Prefix Number of leading bits of an IPv4 address that must stay the
	 * same. Zero means none.
	 * @param ipv6Prefix Number of leading bits of an IPv6 address that must stay the
	 * same. Zero means none.
	 * @param onMismatch Action to take when another client sends the id of a session.
	 */
	// @formatter:off
	public record ClientBinding(
			boolean userAgent,
			@Example("16") @Bounds(min = "0", max = "32") int ipv4Prefix,
			@Example("48") @Bounds(min = "0", max = "128") int ipv6Prefix,
			@DefaultValue("reauthenticate") OnMismatch onMismatch) {
		// @formatter:on

	}

	/**
	 * Metrics and observations.
	 *
	 * @param enabled Whether to bind session meters and to observe the operations of the
	 * session store, if the application has Micrometer.
	 * @param commandLatency Whether Lettuce measures each command, too. Requires a
	 * MeterRegistry bean.
	 */
	public record Metrics(@DefaultValue("true") boolean enabled, boolean commandLatency) {
		// @formatter:on

	}

	/**
	 * Requests that find their session but don't extend its lifetime, such as polling.
	 *
	 * @param paths Comma-separated list of path patterns of passive requests, without the
	 * context path. The annotation '@PassiveRequest' of a Spring MVC handler or its class
	 * takes precedence.
	 * @param header Name of a header that makes a request passive, unless its value is
	 * 'false'.
	 */
	// @formatter:off
	public record Passive(
			@Example("/notifications/**,/ping") @DefaultValue List<String> paths,
			@Example("X-Passive-Request") @Nullable String header) {
		// @formatter:on

	}

	/**
	 * The session cookie. Properties that are not set here default to those of {@code
	 * server.servlet.session.cookie}.
	 *
	 * @param name Name of the cookie. Defaults to 'server.servlet.session.cookie.name'.
	 * @param path Path of the cookie. Defaults to 'server.servlet.session.cookie.path',
	 * then to the context path.
	 * @param domain Domain of the cookie. Defaults to
	 * 'server.servlet.session.cookie.domain'.
	 * @param secure Whether to always mark the cookie as secure. Defaults to
	 * 'server.servlet.session.cookie.secure', then to whether the request is secure.
	 * @param httpOnly Whether to use "HttpOnly" cookies. Defaults to
	 * 'server.servlet.session.cookie.http-only'.
	 * @param sameSite SameSite setting of the cookie. Defaults to
	 * 'server.servlet.session.cookie.same-site'.
	 * @param partitioned Whether the cookie carries the Partitioned attribute. Defaults
	 * to 'server.servlet.session.cookie.partitioned'.
	 * @param maxAge Maximum age of the cookie. If a duration suffix is not specified,
	 * seconds is used. A negative value makes it a cookie of the browser's session.
	 * Defaults to 'server.servlet.session.cookie.max-age'.
	 * @param renew Whether to send a cookie with a maximum age again when a tenth of it
	 * has passed and the session is in use. Responses that shared caches may store don't
	 * renew it.
	 */
	// @formatter:off
	public record Cookie(
			@Nullable String name,
			@Example("/shop") @Nullable String path,
			@Example("example.com") @Nullable String domain,
			@Nullable Boolean secure,
			@Nullable Boolean httpOnly,
			@Nullable SameSite sameSite,
			@Nullable Boolean partitioned,
			@DurationUnit(ChronoUnit.SECONDS) @Bounds( max = Defaults.LONGEST_TIMEOUT_DAYS + "d") @Nullable Duration maxAge,
			@DefaultValue("true") boolean renew) {
		// @formatter:on

	}

	/**
	 * Data that a browser can delete for a site.
	 */
	public enum SiteData {

		/** The cache. */
		CACHE,

		/** Cookies, also those of other applications of the same registrable domain. */
		COOKIES,

		/** The DOM's storage, such as {@code localStorage}. */
		STORAGE,

		/** Open pages, which are reloaded. */
		EXECUTION_CONTEXTS,

		/** Everything. */
		ALL

	}

	/**
	 * Types of session repositories.
	 */
	public enum RepositoryType {

		/**
		 * This project's repository: one script per operation.
		 */
		ATOMIC,

		/**
		 * Spring Session's {@code RedisSessionRepository}.
		 */
		DEFAULT,

		/**
		 * Spring Session's {@code RedisIndexedSessionRepository}.
		 */
		INDEXED

	}

}
