package app.session.redis.index;

import java.util.SortedMap;

import org.jspecify.annotations.Nullable;

/**
 * The values of an index, with the number of sessions of each.
 *
 * @param counts the number of sessions by value, in the order of {@link String}
 * @param next the value after which the next page begins; null if this is the last page
 */
public record IndexCounts(SortedMap<String, Long> counts, @Nullable String next) {
}
