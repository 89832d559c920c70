package app.session.redis.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.operations.Finding;
import app.session.redis.operations.Finding.Severity;
import app.session.redis.operations.ServerCheck;
import app.session.redis.operations.ServerReport;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the store of the sessions: down when Redis can't be asked, up otherwise. What
 * endangers sessions without keeping this node from its work is told by the details
 * {@code condition} and {@code warnings}, and doesn't change the status: a node that were
 * taken out of the load balancer for it would only give the others its load. Costs two
 * round trips, none while the circuit breaker is open.
 */
public class RedisSessionHealthIndicator implements HealthIndicator {

	private final @Nullable ServerCheck check;

	private final @Nullable SessionOperations operations;

	/**
	 * Creates the indicator.
	 * @param check what looks at the servers; null where they aren't reached by Lettuce
	 * @param operations what tells how the store is doing; null with Spring Session's own
	 * repositories
	 */
	public RedisSessionHealthIndicator(@Nullable ServerCheck check, @Nullable SessionOperations operations) {
		this.check = check;
		this.operations = operations;
	}

	@Override
	public Health health() {
		if (this.check == null) {
			return Health.unknown()
				.withDetail("reason", "Only connections by Lettuce are looked at here; see the health of redis")
				.build();
		}
		try {
			// First, since it costs no waiting while the breaker is open
			SessionStoreState state = (this.operations != null) ? this.operations.state() : null;
			return up(glance(this.check, state), state);
		}
		catch (SessionStoreUnavailableException ex) {
			return Health.down().withDetail("error", String.valueOf(ex.getMessage())).build();
		}
	}

	/** Null when Redis has told the state but not what it is: its user may not ask. */
	private static @Nullable ServerReport glance(ServerCheck check, @Nullable SessionStoreState state) {
		try {
			return check.glance();
		}
		catch (SessionStoreUnavailableException ex) {
			if (state != null && (ex.getReason() == Reason.NOT_PERMITTED || ex.getReason() == Reason.FAILED)) {
				return null;
			}
			throw ex;
		}
	}

	private static Health up(@Nullable ServerReport report, @Nullable SessionStoreState state) {
		List<Finding> findings = new ArrayList<>();
		Health.Builder health = Health.up();
		if (report != null) {
			findings.addAll(report.findings());
			health.withDetail("server", report.kind() + " " + report.version()).withDetail("mode", report.mode());
		}
		else {
			health.withDetail("server", "INFO is not permitted");
		}
		if (state != null) {
			findings.addAll(state.findings(PropertyNames.INSTANCE));
			Map<String, Object> collector = new LinkedHashMap<>();
			collector.put("leader", (state.collectorNode() != null) ? state.collectorNode() : "none");
			collector.put("lagMillis", state.collectorLag().toMillis());
			health.withDetail("sessions", state.live()).withDetail("collector", collector);
		}
		List<Finding> serious = findings.stream().filter((finding) -> finding.severity() != Severity.INFO).toList();
		health.withDetail("condition", serious.isEmpty() ? "GOOD"
				: serious.stream().map(Finding::severity).max(Enum::compareTo).map(Severity::name).orElseThrow());
		if (!serious.isEmpty()) {
			health.withDetail("warnings", serious.stream().map(Finding::toString).toList());
		}
		return health.build();
	}

}
