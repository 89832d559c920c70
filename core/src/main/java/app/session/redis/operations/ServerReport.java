package app.session.redis.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The state that the servers report, and the conditions that put sessions at risk.
 *
 * @param time the time of the report, by this node's clock
 * @param kind {@code redis} or {@code valkey}
 * @param version the version that the first server reports
 * @param mode {@code standalone}, {@code sentinel} or {@code cluster}
 * @param nodes the servers that hold sessions, as they describe themselves
 * @param latency the median time of a few round trips; null if not yet measured
 * @param findings the findings; empty if no risk was found
 * @param probed when latency, clocks, permissions and foreign keys were last checked;
 * null if not yet
 */
public record ServerReport(Instant time, String kind, @Nullable String version, String mode, List<Node> nodes,
		@Nullable Duration latency, List<Finding> findings, @Nullable Instant probed) {

	/**
	 * Copies the lists.
	 * @param time the time of the report, by this node's clock
	 * @param kind {@code redis} or {@code valkey}
	 * @param version the version that the first server reports
	 * @param mode {@code standalone}, {@code sentinel} or {@code cluster}
	 * @param nodes the servers that hold sessions, as they describe themselves
	 * @param latency the median time of a few round trips; null if not yet measured
	 * @param findings the findings; empty if no risk was found
	 * @param probed when latency, clocks, permissions and foreign keys were last checked;
	 * null if not yet
	 */
	public ServerReport {
		nodes = List.copyOf(nodes);
		findings = List.copyOf(findings);
	}

	/**
	 * Returns the highest severity of the findings.
	 * @return the severity, or null if there are no findings
	 */
	public Finding.@Nullable Severity severity() {
		return this.findings.stream().map(Finding::severity).max(Enum::compareTo).orElse(null);
	}

	/**
	 * A server.
	 *
	 * @param address the address, as {@code host:port}
	 * @param role {@code master} or {@code slave}, as in Redis
	 * @param replicas the number of connected replicas
	 * @param usedMemory the used memory in bytes
	 * @param maxMemory the memory limit in bytes; 0 for no limit
	 * @param evictionPolicy the policy that applies when the limit is reached
	 */
	public record Node(String address, String role, int replicas, long usedMemory, long maxMemory,
			String evictionPolicy) {
	}

}
