package app.session.redis.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.operations.Finding.Severity;
import org.jspecify.annotations.Nullable;

/**
 * How the store is doing.
 *
 * @param live how many sessions there are; one that has just expired counts until the
 * collector has passed
 * @param collectorNode what names the node that collects expired sessions; null: none
 * does at this moment
 * @param collectorLag how long the oldest session that may have expired has been waiting
 * for the collector: about its interval at the most when all is well
 * @param collectorEnabled whether this node collects when it is its turn
 * @param collecting whether it is this node's turn
 * @param lastCollected when this node has last done so; null: never
 */
public record SessionStoreState(long live, @Nullable String collectorNode, Duration collectorLag,
		boolean collectorEnabled, boolean collecting, @Nullable Instant lastCollected) {

	/**
	 * After so long another node should have taken over, whatever became of the first.
	 */
	private static final Duration STUCK = Duration.ofSeconds(30);

	/**
	 * What of this endangers sessions.
	 * @param optionNames the names of options in messages
	 * @return a finding for each thing that does
	 */
	public List<Finding> findings(OptionNames optionNames) {
		boolean nobody = this.collectorNode == null;
		if (this.collectorLag.compareTo(STUCK) < 0 && !(nobody && !this.collectorEnabled)) {
			return List.of();
		}
		return List.of(new Finding(Severity.WARNING, nobody ? "COLLECTOR_MISSING" : "COLLECTOR_BEHIND",
				nobody ? "none" : "node " + this.collectorNode,
				nobody ? "No node collects expired sessions"
						: "Expired sessions have waited for %d s to be collected"
							.formatted(this.collectorLag.toSeconds()),
				"No listener hears of their end, and what stays longer than the grace is never told", nobody
						? (this.collectorEnabled ? "Look in this node's log for what keeps it from collecting"
								: "Enable the collector on one node ("
										+ optionNames.setting(Option.COLLECTOR_ENABLED, true) + ")")
						: "Look in that node's log for listeners of session expiry that are slow or fail"));
	}

}
