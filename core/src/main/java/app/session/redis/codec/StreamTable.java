package app.session.redis.codec;

/** Defines which of the objects that a class has written are hashed when it is read. */
enum StreamTable {

	/** None. */
	NONE(Integer.MAX_VALUE, true),

	/** All. */
	OF_ELEMENTS(1, true),

	/** Every second object, since keys and values alternate. */
	OF_ENTRIES(2, true),

	/** All; objects whose hashes collide are compared one by one. */
	OF_ELEMENTS_WITHOUT_ORDER(1, false),

	/** Keys; those whose hashes collide are compared one by one. */
	OF_ENTRIES_WITHOUT_ORDER(2, false),

	/** The collections of {@code List.of}, {@code Set.of} and {@code Map.of}. */
	IMMUTABLE(1, false),

	/** All objects in its fields. */
	OF_FIELDS(Integer.MAX_VALUE, true);

	/** The interval at which objects are hashed: 1 for each, 2 for every second. */
	final int step;

	/** Whether the order of keys is used when their hashes collide. */
	final boolean ordered;

	StreamTable(int step, boolean ordered) {
		this.step = step;
		this.ordered = ordered;
	}

	/** Returns the table for the number that the JDK writes before the elements. */
	static StreamTable ofImmutable(int tag) {
		return switch (tag & 0xff) {
			case 1, 4 -> NONE;
			case 2 -> OF_ELEMENTS_WITHOUT_ORDER;
			default -> OF_ENTRIES_WITHOUT_ORDER;
		};
	}

	static StreamTable of(String className) {
		if (className.equals("java.util.Hashtable")) {
			return OF_ENTRIES_WITHOUT_ORDER;
		}
		if (className.equals("java.util.CollSer")) {
			return IMMUTABLE;
		}
		if (className.startsWith("java.util.")) {
			return className.contains("Map") ? OF_ENTRIES
					: (className.contains("Set") || className.contains("PriorityQueue")) ? OF_ELEMENTS : NONE;
		}
		if (className.startsWith("kotlin.collections.")) {
			return OF_ELEMENTS;
		}
		return className.startsWith("com.google.common.collect.") ? OF_FIELDS : NONE;
	}

}
