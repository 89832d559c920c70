package app.session.redis.codec;

import java.util.Comparator;

import org.jspecify.annotations.Nullable;

/**
 * The comparators of sorted collections that can be stored, by their names in JSON.
 */
enum WellKnownOrder {

	/** The natural order, but as an explicit comparator. */
	NATURAL,

	REVERSE,

	CASE_INSENSITIVE,

	CASE_INSENSITIVE_REVERSE;

	@SuppressWarnings("unchecked") // adding elements that it can't compare fails
	Comparator<Object> comparator() {
		Comparator<?> comparator = switch (this) {
			case NATURAL -> Comparator.naturalOrder();
			case REVERSE -> Comparator.reverseOrder();
			case CASE_INSENSITIVE -> String.CASE_INSENSITIVE_ORDER;
			case CASE_INSENSITIVE_REVERSE -> String.CASE_INSENSITIVE_ORDER.reversed();
		};
		return (Comparator<Object>) comparator;
	}

	/**
	 * Returns the name of a comparator.
	 * @param comparator the comparator, or null for the natural order
	 * @return the name, or null for the natural order
	 * @throws UnstorableValueException if the comparator has none
	 */
	static @Nullable WellKnownOrder of(@Nullable Comparator<?> comparator) {
		if (comparator == null) {
			return null;
		}
		for (WellKnownOrder order : values()) {
			if (order.comparator().equals(comparator)) {
				return order;
			}
		}
		throw new UnstorableValueException("a sorted collection has a comparator that JSON can't represent. "
				+ "JSON can represent the natural order, Comparator.reverseOrder() and String.CASE_INSENSITIVE_ORDER");
	}

}
