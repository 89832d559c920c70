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
 * Health of the session store: down if Redis is unavailable, up otherwise. Risks to the
 * sessions that don't prevent this node from working are reported in the details
 * {@code condition} and {@code warnings} and don't change the status: removing a node
 * from the load balancer for them would only move its load to the others. Takes two round
 * trips, none while the circuit breaker is open.
 */
public class RedisSessionHealthIndicator implements HealthIndicator {

	private final @Nullable ServerCheck check;

	private final @Nullable SessionOperations operations;

	/**
	 * Creates the indicator.
	 * @param check the check of the servers, or null if the connection doesn't use
	 * Lettuce
	 * @param operations provides the state of the store; null with Spring Session's own
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
				.withDetail("reason", "Only Lettuce connections are checked here; see the health of 'redis'")
				.build();
		}
		try {
			// First, since it fails immediately while the circuit breaker is open
			SessionStoreState state = (this.operations != null) ? this.operations.state() : null;
			return up(glance(this.check, state), state);
		}
		catch (SessionStoreUnavailableException ex) {
			return Health.down().withDetail("error", String.valueOf(ex.getMessage())).build();
		}
	}

	/**
	 * Returns the report, or null if Redis returned the state but its user isn't
	 * permitted to read the server's information.
	 */
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
