package app.session.redis.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What the servers say of themselves, and what endangers sessions there.
 *
 * @param time when they were asked, by this node's clock
 * @param kind {@code redis} or {@code valkey}
 * @param version the version of the first of them, as it calls itself
 * @param mode {@code standalone}, {@code sentinel} or {@code cluster}
 * @param nodes the servers that hold sessions, as they see it themselves
 * @param latency the median time of a few round trips; null: not yet measured
 * @param findings what endangers sessions; empty: nothing that could be seen
 * @param probed when latency, clocks, rights and keys of others were last looked at;
 * null: not yet
 */
public record ServerReport(Instant time, String kind, @Nullable String version, String mode, List<Node> nodes,
		@Nullable Duration latency, List<Finding> findings, @Nullable Instant probed) {

	/** Keeps its own lists. */
	public ServerReport {
		nodes = List.copyOf(nodes);
		findings = List.copyOf(findings);
	}

	/**
	 * The most severe of the findings.
	 * @return the severity, or null when there are no findings
	 */
	public Finding.@Nullable Severity severity() {
		return this.findings.stream().map(Finding::severity).max(Enum::compareTo).orElse(null);
	}

	/**
	 * One server.
	 *
	 * @param address where it is, as {@code host:port}
	 * @param role {@code master} or {@code slave}, as Redis calls them
	 * @param replicas how many are connected to it
	 * @param usedMemory the bytes that it uses
	 * @param maxMemory the bytes that it may use; 0: as many as there are
	 * @param evictionPolicy what it does when it has used them up
	 */
	public record Node(String address, String role, int replicas, long usedMemory, long maxMemory,
			String evictionPolicy) {
	}

}
