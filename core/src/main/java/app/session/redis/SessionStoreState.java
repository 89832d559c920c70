package app.session.redis;

import java.time.Duration;
import java.time.Instant;

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
}
