package app.session.redis.codec;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/** The description of a class, which is also an object in the stream. */
final class StreamClass extends StreamObject {

	/** Types whose hash is computed from the numbers that they contain. */
	private static final Set<String> SCALARS = Set.of("java.lang.Boolean", "java.lang.Byte", "java.lang.Character",
			"java.lang.Double", "java.lang.Float", "java.lang.Integer", "java.lang.Long", "java.lang.Short",
			"java.util.UUID");

	/** Other types that are comparable with themselves. */
	private static final Set<String> ORDERED = Set.of("java.math.BigDecimal", "java.math.BigInteger", "java.util.Date",
			"java.sql.Date", "java.sql.Time", "java.sql.Timestamp", "java.net.URI");

	final String name;

	final StreamTable table;

	final boolean ordersInstances;

	/** Whether the hash is computed from one or two numbers. */
	final boolean isScalar;

	final boolean isStructural;

	int flags;

	int primitiveBytes;

	int objectFields;

	@Nullable StreamClass superclass;

	StreamClass(String name) {
		super(true);
		this.name = name;
		this.table = StreamTable.of(name);
		this.isScalar = SCALARS.contains(name);
		this.isStructural = name.startsWith("java.") || name.startsWith("com.google.common.")
				|| name.startsWith("kotlin.") || name.startsWith("org.springframework.util.");
		this.ordersInstances = this.isScalar || ORDERED.contains(name);
	}

	boolean has(int flag) {
		return (this.flags & flag) != 0;
	}

}
