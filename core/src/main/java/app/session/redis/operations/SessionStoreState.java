package app.session.redis.operations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.operations.Finding.Severity;
import org.jspecify.annotations.Nullable;

/**
 * The state of the store.
 *
 * @param live the number of sessions; an expired session counts until the collector has
 * processed it
 * @param collectorNode the name of the node that collects expired sessions; null if
 * currently no node does
 * @param collectorLag how long the oldest possibly expired session has waited for the
 * collector; normally at most about its interval
 * @param collectorEnabled whether this node takes part in collecting
 * @param collecting whether this node currently collects
 * @param lastCollected when this node has last collected; null for never
 */
public record SessionStoreState(long live, @Nullable String collectorNode, Duration collectorLag,
		boolean collectorEnabled, boolean collecting, @Nullable Instant lastCollected) {

	/**
	 * The lag after which another node should have taken over, regardless of why the
	 * first one failed.
	 */
	private static final Duration STUCK = Duration.ofSeconds(30);

	/**
	 * Returns the conditions of this state that put sessions at risk.
	 * @param optionNames the names of options in messages
	 * @return the findings, or an empty list
	 */
	public List<Finding> findings(OptionNames optionNames) {
		boolean nobody = this.collectorNode == null;
		if (this.collectorLag.compareTo(STUCK) < 0 && !(nobody && !this.collectorEnabled)) {
			return List.of();
		}
		return List.of(new Finding(Severity.WARNING, nobody ? "COLLECTOR_MISSING" : "COLLECTOR_BEHIND",
				nobody ? "none" : "node " + this.collectorNode,
				nobody ? "No node collects expired sessions"
						: "Expired sessions have been waiting to be collected for %d s"
							.formatted(this.collectorLag.toSeconds()),
				"Listeners are not notified of their expiry, and expiries older than the grace are never "
						+ "published",
				nobody ? (this.collectorEnabled ? "Check this node's log for the reason why it does not collect"
						: "Enable the collector on one node (" + optionNames.setting(Option.COLLECTOR_ENABLED, true)
								+ ")")
						: "Check that node's log for listeners of session expiry that are slow or fail"));
	}

}
