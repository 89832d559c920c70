package app.session.redis.codec;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits the cost of equal hash codes. A hash table compares an element with all others
 * of the same hash code, unless both are of the same comparable class, so elements
 * constructed for this purpose would take quadratic time.
 */
final class HashBudget {

	/** The number of elements up to which the cost is low for any hash codes. */
	private static final int FEW = 32;

	/**
	 * The number of equal hash codes in a table that can occur with ordinary elements.
	 */
	private static final int ORDINARY = 20;

	/** The maximum number of additional pairs in a value. */
	private static final int MAX_PAIRS = 10_000;

	private int pairs;

	/**
	 * Counts the elements that are about to be added to a hash table.
	 * @throws UnstorableValueException if too many have equal hash codes
	 */
	void add(Collection<?> elements) {
		if (elements.size() <= FEW) {
			return;
		}
		Map<Integer, Integer> counts = new HashMap<>(elements.size() * 2);
		for (Object element : elements) {
			int same = counts.merge((element != null) ? element.hashCode() : 0, 1, Integer::sum) - 1;
			this.pairs += Math.max(0, same - ORDINARY);
			if (this.pairs > MAX_PAIRS) {
				throw new UnstorableValueException("too many elements or keys of a collection have the same hash code");
			}
		}
	}

}
