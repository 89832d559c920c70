package app.session.redis.autoconfigure.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import app.session.redis.codec.UnlistedTypes.Unlisted;
import app.session.redis.index.IndexCounts;
import app.session.redis.index.SessionDescription;
import app.session.redis.index.SessionPage;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.operations.Finding;
import app.session.redis.operations.Finding.Severity;
import app.session.redis.operations.ServerReport;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import app.session.redis.session.ClientDetails;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The response bodies of {@link RedisSessionsEndpoint}. Times are in ISO 8601 format,
 * durations in milliseconds. Unknown values are omitted.
 */
final class SessionsDescriptors {

	private SessionsDescriptors() {
	}

	static double millis(Duration duration) {
		return Math.round(duration.toNanos() / 1e3) / 1e3;
	}

	/**
	 * An overview of the store.
	 */
	record StoreDescriptor(Instant time, ServerDescriptor server, CountsDescriptor sessions,
			CollectorDescriptor collector, @Nullable String breaker, NearCacheDescriptor nearCache,
			@Nullable LocksDescriptor locks, CheckDescriptor check,
			@Nullable List<Unlisted> unlistedTypes) implements OperationResponseBody {
	}

	/**
	 * The servers that keep the sessions.
	 */
	record ServerDescriptor(String kind, @Nullable String version, String mode, List<ServerReport.Node> nodes) {

		static ServerDescriptor of(ServerReport report) {
			return new ServerDescriptor(report.kind(), report.version(), report.mode(), report.nodes());
		}

	}

	/**
	 * The number of live sessions, and the numbers of sessions that this node has
	 * created, deleted and expired since its start.
	 */
	record CountsDescriptor(long live, long created, long deleted, long expired) {

		static CountsDescriptor of(SessionStoreState state, SessionStatistics statistics) {
			return new CountsDescriptor(state.live(), statistics.get(SessionCounter.CREATED), statistics.getDeleted(),
					statistics.get(SessionCounter.EXPIRED));
		}

	}

	/**
	 * The node that collects expired sessions, and the collector's progress.
	 */
	record CollectorDescriptor(boolean enabled, boolean leading, @Nullable String leader, long lagMillis,
			@Nullable Instant lastRun) {

		static CollectorDescriptor of(SessionStoreState state) {
			return new CollectorDescriptor(state.collectorEnabled(), state.collecting(), state.collectorNode(),
					state.collectorLag().toMillis(), state.lastCollected());
		}

	}

	/**
	 * The copies of sessions on this node and their memory in bytes; since its start, the
	 * lookups of which it had a copy, had none, or had one that was out of date, and the
	 * requests that used a copy without asking Redis; whether they do so at present; and
	 * the saves of such requests whose session another request had changed.
	 */
	record NearCacheDescriptor(long sessions, long memory, long hits, long misses, long stale, long evictions,
			boolean trust, long trusted, long overtaken) {

		static NearCacheDescriptor of(SessionStatistics statistics) {
			return new NearCacheDescriptor(statistics.getNearCacheSize(), statistics.getNearCacheMemory(),
					statistics.get(SessionCounter.NEAR_CACHE_HIT), statistics.get(SessionCounter.NEAR_CACHE_MISS),
					statistics.get(SessionCounter.NEAR_CACHE_STALE), statistics.get(SessionCounter.NEAR_CACHE_EVICTED),
					statistics.isNearCacheTrusted(), statistics.get(SessionCounter.NEAR_CACHE_TRUSTED),
					statistics.get(SessionCounter.NEAR_CACHE_OVERTAKEN));
		}

	}

	/**
	 * Counts of lock waits, timeouts, refusals and lost locks of this node since its
	 * start.
	 */
	record LocksDescriptor(long waits, long waitMillis, long timeouts, long refusals, long lost) {

		static LocksDescriptor of(SessionStatistics statistics) {
			return new LocksDescriptor(statistics.getLockWaits(), statistics.getLockWaitTime().toMillis(),
					statistics.get(SessionCounter.LOCK_TIMEOUTS), statistics.get(SessionCounter.LOCK_REFUSALS),
					statistics.get(SessionCounter.LOCK_LOST));
		}

	}

	/**
	 * The findings of the server check.
	 */
	record CheckDescriptor(@Nullable Instant time, @Nullable Double latencyMillis, @Nullable Severity severity,
			List<Finding> findings) {

		static CheckDescriptor of(ServerReport report, List<Finding> findings) {
			return new CheckDescriptor(report.probed(), latency(report), severity(findings), findings);
		}

		static @Nullable Double latency(ServerReport report) {
			Duration latency = report.latency();
			return (latency != null) ? millis(latency) : null;
		}

		static @Nullable Severity severity(List<Finding> findings) {
			return findings.stream().map(Finding::severity).max(Comparator.naturalOrder()).orElse(null);
		}

	}

	/**
	 * The result of the connection test.
	 */
	record TestDescriptor(Instant time, ServerDescriptor server, @Nullable Double latencyMillis,
			@Nullable Severity severity, List<Finding> findings) implements OperationResponseBody {

		static TestDescriptor of(ServerReport report, List<Finding> findings) {
			return new TestDescriptor(report.time(), ServerDescriptor.of(report), CheckDescriptor.latency(report),
					CheckDescriptor.severity(findings), findings);
		}

	}

	/**
	 * The number of sessions.
	 */
	record CountDescriptor(long count) implements OperationResponseBody {
	}

	/**
	 * The number of sessions of each value of an index.
	 */
	record ValueCountsDescriptor(List<ValueCount> counts, @Nullable String next) implements OperationResponseBody {

		static ValueCountsDescriptor of(IndexCounts counts) {
			return new ValueCountsDescriptor(counts.counts()
				.entrySet()
				.stream()
				.map((value) -> new ValueCount(value.getKey(), value.getValue()))
				.toList(), counts.next());
		}

	}

	/**
	 * The number of sessions of a value.
	 */
	record ValueCount(String value, long count) {
	}

	/**
	 * The number of sessions that were ended.
	 */
	record EndedDescriptor(int ended) implements OperationResponseBody {
	}

	/**
	 * The error of a request and what to do about it.
	 */
	record ErrorDescriptor(String error) implements OperationResponseBody {
	}

	/**
	 * A page of sessions, newest first.
	 */
	record PageDescriptor(List<SessionDescriptor> sessions, @Nullable String next) implements OperationResponseBody {

		static PageDescriptor of(SessionPage page, SessionOperations operations, @Nullable String principal,
				Instant now) {
			return new PageDescriptor(page.sessions()
				.stream()
				.sorted(Comparator.comparing(SessionDescription::created).reversed())
				.map((session) -> SessionDescriptor.of(session, operations, principal, now))
				.toList(), page.next());
		}

	}

	/**
	 * A session. Attributes are included only if a single session is requested.
	 */
	record SessionDescriptor(String handle, @Nullable String principal, Instant created, Instant lastAccess,
			@Nullable Instant idleDeadline, @Nullable Instant absoluteDeadline, @Nullable Long timeToLiveMillis,
			long bytes, @Nullable ClientDescriptor client,
			@Nullable List<AttributeDescriptor> attributes) implements OperationResponseBody {

		/**
		 * Describes a session.
		 * @param principal the principal by which the session was found, or null. If
		 * values are encrypted, the name isn't available from the session itself
		 */
		static SessionDescriptor of(SessionDescription session, SessionOperations operations,
				@Nullable String principal, Instant now) {
			Instant lastAccess = now.minus(session.idle());
			Duration idleTimeout = session.idleTimeout();
			boolean endless = idleTimeout.isZero() || idleTimeout.isNegative();
			Duration timeToLive = session.timeToLive();
			return new SessionDescriptor(session.handle(),
					(principal != null) ? principal : SessionOperations.principal(session), session.created(),
					lastAccess, endless ? null : lastAccess.plus(idleTimeout), session.deadline(),
					(timeToLive != null) ? timeToLive.toMillis() : null, session.bytes(),
					ClientDescriptor.of(operations.client(session)), null);
		}

		SessionDescriptor with(List<AttributeDescriptor> attributes) {
			return new SessionDescriptor(this.handle, this.principal, this.created, this.lastAccess, this.idleDeadline,
					this.absoluteDeadline, this.timeToLiveMillis, this.bytes, this.client, attributes);
		}

	}

	/**
	 * The client for which a session was created.
	 */
	record ClientDescriptor(@Nullable String address, @Nullable String userAgent) {

		static @Nullable ClientDescriptor of(@Nullable ClientDetails client) {
			return (client != null) ? new ClientDescriptor(client.address(), client.userAgent()) : null;
		}

	}

	/**
	 * The name, type and size of an attribute, without its value.
	 */
	record AttributeDescriptor(String name, @Nullable String type, long bytes) {

		static List<AttributeDescriptor> of(Map<String, Long> sizes, Map<String, String> types) {
			return sizes.entrySet()
				.stream()
				.map((attribute) -> new AttributeDescriptor(attribute.getKey(), types.get(attribute.getKey()),
						attribute.getValue()))
				.sorted(Comparator.comparing(AttributeDescriptor::name))
				.toList();
		}

	}

	/** Returns the name of a constant in lower case with hyphens. */
	static @Nullable String lowerCase(@Nullable Enum<?> constant) {
		return (constant != null) ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-') : null;
	}

}
