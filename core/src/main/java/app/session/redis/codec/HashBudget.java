package app.session.redis.codec;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds what equal hash codes may cost. A hash table compares an element with all others
 * of the same hash code, unless both are of one comparable class: elements made for it
 * would take quadratic time.
 */
final class HashBudget {

	/** So few elements cost little, whatever their hash codes. */
	private static final int FEW = 32;

	/** So many equal hash codes in a table occur with ordinary elements. */
	private static final int ORDINARY = 20;

	/** How many pairs beyond that a value may have. */
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
