package app.session.redis.codec;

import java.io.ObjectStreamConstants;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Bounds the work of reading a serialized object before any object is created. Reading a
 * hash table hashes its keys, and the hash of a collection is computed from those of all
 * of its elements, so that a few hundred bytes in which sets refer to each other take
 * minutes. Keys whose hashes collide are compared with each other.
 *
 * <p>
 * The stream is parsed by its grammar (Java Object Serialization Specification, 6.4). The
 * weight of an object is the number of objects that hashing it can visit, where a
 * reference counts as much as what it refers to. Each key of a table costs its weight,
 * and keys that can collide cost the square of their number.
 */
final class StreamWork {

	/** As many visits as take some 100 ms. */
	static final long MAX_WORK = 10_000_000;

	/** So few bytes can't cause that much work: a level takes 11 bytes at least. */
	static final int HARMLESS_BYTES = 200;

	/** How many bytes of a string are hashed or compared in the time of a visit. */
	private static final int BYTES_OF_A_VISIT = 64;

	/** How many keys are compared in the time of a visit. */
	private static final int COMPARISONS_OF_A_VISIT = 20;

	/** Up to which weight keys are compared that fast. */
	private static final int WEIGHT_OF_A_COMPARISON = 16;

	/** Types whose hash is computed from the numbers that they hold. */
	private static final Set<String> SCALARS = Set.of("java.lang.Boolean", "java.lang.Byte", "java.lang.Character",
			"java.lang.Double", "java.lang.Float", "java.lang.Integer", "java.lang.Long", "java.lang.Short",
			"java.util.UUID");

	/** Other types that are comparable with themselves. */
	private static final Set<String> ORDERED = Set.of("java.math.BigDecimal", "java.math.BigInteger", "java.util.Date",
			"java.sql.Date", "java.sql.Time", "java.sql.Timestamp", "java.net.URI");

	private static final long MAX_WEIGHT = 1L << 40;

	private static final int STREAM_HEADER = 4;

	private final ByteBuffer in;

	private final int maxDepth;

	private Node[] handles = new Node[64];

	private int handleCount;

	private int depth;

	private long work;

	private StreamWork(byte[] bytes, int offset, int maxDepth) {
		this.in = ByteBuffer.wrap(bytes);
		this.in.position(offset + STREAM_HEADER);
		this.maxDepth = maxDepth;
	}

	/**
	 * Parses a stream that holds one object.
	 * @param bytes the bytes
	 * @param offset where the stream begins
	 * @param maxDepth how deep objects may be nested
	 * @throws UnreadableValueException if reading it is too much work, or the stream is
	 * damaged
	 */
	static void check(byte[] bytes, int offset, int maxDepth) {
		try {
			StreamWork stream = new StreamWork(bytes, offset, maxDepth);
			stream.object(stream.in.get());
		}
		catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException ex) {
			throw new UnreadableValueException("It is not a serialized object", ex);
		}
	}

	private void add(long more) {
		this.work += more;
		if (this.work > MAX_WORK) {
			throw new UnreadableValueException("Reading it would be too much work: its sets and maps hold one another,"
					+ " or too many keys that can have the same hash", null);
		}
	}

	/** Reads an object, or null, whose tag has been read. */
	private @Nullable Node object(byte tag) {
		return switch (tag) {
			case ObjectStreamConstants.TC_NULL -> null;
			case ObjectStreamConstants.TC_REFERENCE -> reference();
			case ObjectStreamConstants.TC_STRING -> text(Short.toUnsignedInt(this.in.getShort()));
			case ObjectStreamConstants.TC_LONGSTRING -> text(this.in.getLong());
			default -> {
				enter();
				Node node = composed(tag);
				this.depth--;
				yield node;
			}
		};
	}

	private Node composed(byte tag) {
		switch (tag) {
			case ObjectStreamConstants.TC_OBJECT:
				return instance();
			case ObjectStreamConstants.TC_ARRAY:
				return array();
			case ObjectStreamConstants.TC_ENUM:
				description();
				Node constant = handle(new Node(true));
				name();
				return constant;
			case ObjectStreamConstants.TC_CLASS:
				description();
				return handle(new Node(true));
			default:
				throw new IllegalArgumentException("Unexpected tag");
		}
	}

	/** Reads the name of an enum constant or of the type of a field. */
	private Node name() {
		byte tag = this.in.get();
		Node node = (tag == ObjectStreamConstants.TC_STRING || tag == ObjectStreamConstants.TC_LONGSTRING
				|| tag == ObjectStreamConstants.TC_REFERENCE) ? object(tag) : null;
		if (node == null || !node.text) {
			throw new IllegalArgumentException("Not a name");
		}
		return node;
	}

	private void enter() {
		if (++this.depth > this.maxDepth) {
			throw new UnreadableValueException("Objects lie in each other more than " + this.maxDepth + " deep", null);
		}
	}

	private Node reference() {
		int index = this.in.getInt() - ObjectStreamConstants.baseWireHandle;
		if (index < 0 || index >= this.handleCount) {
			throw new IllegalArgumentException("Unknown reference");
		}
		return this.handles[index];
	}

	private <T extends Node> T handle(T node) {
		if (this.handleCount > ValueInputStream.MAX_REFERENCES) {
			throw new UnreadableValueException("It holds more than " + ValueInputStream.MAX_REFERENCES + " objects",
					null);
		}
		if (this.handleCount == this.handles.length) {
			this.handles = Arrays.copyOf(this.handles, 2 * this.handleCount);
		}
		this.handles[this.handleCount++] = node;
		return node;
	}

	private void skip(long length) {
		if (length < 0 || length > this.in.remaining()) {
			throw new BufferUnderflowException();
		}
		this.in.position(this.in.position() + (int) length);
	}

	private Node text(long length) {
		Node node = new Node(true);
		node.text = true;
		node.start = this.in.position();
		skip(length);
		node.end = this.in.position();
		node.weight += length / BYTES_OF_A_VISIT;
		return handle(node);
	}

	private Node array() {
		Description type = requireDescription();
		int length = this.in.getInt();
		if (length < 0) {
			throw new IllegalArgumentException("Negative length");
		}
		Node node = handle(new Node(false));
		node.structural = true;
		node.complete = false;
		char component = (type.name.length() > 1) ? type.name.charAt(1) : ' ';
		if (!type.name.matches("\\[([BCDFIJSZ]|L[^;]+;|\\[.+)")) {
			// The JDK reads objects where it can't find the class
			throw new IllegalArgumentException("Not an array");
		}
		if (component == 'L' || component == '[') {
			for (int i = 0; i < length; i++) {
				node.add(object(this.in.get()));
			}
		}
		else {
			long bytes = (long) length * size(component);
			skip(bytes);
			node.weight += bytes / BYTES_OF_A_VISIT;
		}
		node.complete = true;
		return node;
	}

	private Node instance() {
		Description type = requireDescription();
		Node node = handle(new Node(type.ordersInstances));
		node.structural = type.isStructural;
		node.complete = false;
		Deque<Description> hierarchy = new ArrayDeque<>();
		for (Description each = type; each != null; each = each.superclass) {
			hierarchy.push(each);
			if (each.has(ObjectStreamConstants.SC_EXTERNALIZABLE)) {
				if (each != type) {
					throw new IllegalArgumentException("An external superclass");
				}
				break;
			}
		}
		hierarchy.forEach((part) -> part(node, part, type));
		if (type.table == Table.OF_FIELDS) {
			add(node.weight);
		}
		node.complete = true;
		return node;
	}

	/** Reads what one class of an object's hierarchy has written. */
	private void part(Node node, Description part, Description type) {
		Table table = part.table;
		if (part.has(ObjectStreamConstants.SC_SERIALIZABLE)) {
			if (table == Table.IMMUTABLE && part.primitiveBytes == Integer.BYTES) {
				table = Table.ofImmutable(this.in.getInt(this.in.position()));
			}
			if (type.isScalar && part.primitiveBytes > 0) {
				node.start = this.in.position();
				node.end = node.start + part.primitiveBytes;
			}
			skip(part.primitiveBytes);
			for (int i = 0; i < part.objectFields; i++) {
				node.add(object(this.in.get()));
			}
			if (part.has(ObjectStreamConstants.SC_WRITE_METHOD)) {
				annotation(node, table);
			}
		}
		else if (part.has(ObjectStreamConstants.SC_EXTERNALIZABLE)) {
			if (!part.has(ObjectStreamConstants.SC_BLOCK_DATA)) {
				throw new IllegalArgumentException("External contents without an end");
			}
			annotation(node, table);
		}
	}

	/** Reads what a class has written by a method of its own. */
	private void annotation(Node node, Table table) {
		Keys keys = new Keys(table);
		int number = 0;
		for (byte tag = this.in.get(); tag != ObjectStreamConstants.TC_ENDBLOCKDATA; tag = this.in.get()) {
			if (tag == ObjectStreamConstants.TC_BLOCKDATA) {
				skip(Byte.toUnsignedInt(this.in.get()));
			}
			else if (tag == ObjectStreamConstants.TC_BLOCKDATALONG) {
				skip(this.in.getInt());
			}
			else {
				Node child = object(tag);
				node.add(child);
				if (number++ % table.step == 0) {
					keys.add(child);
				}
			}
		}
		add(keys.work());
	}

	private Description requireDescription() {
		Description description = description();
		if (description == null) {
			throw new IllegalArgumentException("An object without a class");
		}
		return description;
	}

	private @Nullable Description description() {
		byte tag = this.in.get();
		return switch (tag) {
			case ObjectStreamConstants.TC_NULL -> null;
			case ObjectStreamConstants.TC_CLASSDESC -> newDescription();
			case ObjectStreamConstants.TC_REFERENCE -> {
				if (reference() instanceof Description description) {
					yield description;
				}
				throw new IllegalArgumentException("Not a class");
			}
			case ObjectStreamConstants.TC_PROXYCLASSDESC ->
				throw new UnreadableValueException("It holds a dynamic proxy, which is never read", null);
			default -> throw new IllegalArgumentException("Unexpected tag");
		};
	}

	private Description newDescription() {
		byte[] name = new byte[Short.toUnsignedInt(this.in.getShort())];
		this.in.get(name);
		Description description = new Description(new String(name, StandardCharsets.UTF_8));
		skip(Long.BYTES);
		handle(description);
		description.flags = this.in.get();
		int fields = Short.toUnsignedInt(this.in.getShort());
		for (int i = 0; i < fields; i++) {
			char type = (char) this.in.get();
			skip(Short.toUnsignedInt(this.in.getShort()));
			if (type == 'L' || type == '[') {
				description.objectFields++;
				Node signature = name();
				// The JDK reads a field by its signature
				if (signature.start >= signature.end || this.in.get(signature.start) != (byte) type) {
					throw new IllegalArgumentException("Not the type of a field");
				}
			}
			else if (description.objectFields > 0) {
				throw new IllegalArgumentException("Fields out of order");
			}
			else {
				description.primitiveBytes += size(type);
			}
		}
		if (this.in.get() != ObjectStreamConstants.TC_ENDBLOCKDATA) {
			throw new IllegalArgumentException("A class with annotations");
		}
		enter();
		description.superclass = description();
		this.depth--;
		return description;
	}

	private static int size(char type) {
		return switch (type) {
			case 'B', 'Z' -> 1;
			case 'C', 'S' -> 2;
			case 'I', 'F' -> 4;
			case 'J', 'D' -> 8;
			default -> throw new IllegalArgumentException("Not a type");
		};
	}

	/** Which objects that a class has written are hashed when it is read. */
	private enum Table {

		/** None. */
		NONE(Integer.MAX_VALUE, true),

		/** All. */
		OF_ELEMENTS(1, true),

		/** Each second one, since keys and values alternate. */
		OF_ENTRIES(2, true),

		/** All, and those whose hashes collide are compared one by one. */
		OF_ELEMENTS_WITHOUT_ORDER(1, false),

		/** Keys, and those whose hashes collide are compared one by one. */
		OF_ENTRIES_WITHOUT_ORDER(2, false),

		/** What {@code List.of}, {@code Set.of} and {@code Map.of} return. */
		IMMUTABLE(1, false),

		/** All that are in its fields. */
		OF_FIELDS(Integer.MAX_VALUE, true);

		/** Each how many of the objects are hashed. */
		private final int step;

		/** Whether the order of keys is used when their hashes collide. */
		private final boolean ordered;

		Table(int step, boolean ordered) {
			this.step = step;
			this.ordered = ordered;
		}

		/** By the number that the JDK writes before the elements. */
		static Table ofImmutable(int tag) {
			return switch (tag & 0xff) {
				case 1, 4 -> NONE;
				case 2 -> OF_ELEMENTS_WITHOUT_ORDER;
				default -> OF_ENTRIES_WITHOUT_ORDER;
			};
		}

		static Table of(String className) {
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

	/** An object of the stream. */
	private static class Node {

		/**
		 * Whether objects like it have an order, in which tables keep those that collide.
		 */
		private final boolean ordered;

		private long weight = 1;

		/** Where the bytes begin that its hash is computed from; -1: unknown. */
		private int start = -1;

		private int end;

		private boolean text;

		/** Whether its hash is computed from the hashes of what it holds. */
		private boolean structural;

		private boolean complete = true;

		private boolean open;

		private int hash;

		private boolean hashed;

		Node(boolean ordered) {
			this.ordered = ordered;
		}

		void add(@Nullable Node child) {
			if (child != null) {
				this.weight = Math.min(this.weight + child.weight, MAX_WEIGHT);
				this.open |= this.structural && child.isOpen();
			}
		}

		/**
		 * Whether its weight is not known, because it refers back to an object that is
		 * not complete. Only for collections: objects of the application that refer to
		 * each other don't compute their hashes from that.
		 */
		boolean isOpen() {
			return !this.complete || this.open;
		}

	}

	/** The description of a class, which is an object of the stream too. */
	private static final class Description extends Node {

		private final String name;

		private final Table table;

		private final boolean ordersInstances;

		/** Whether the hash is computed from one or two numbers. */
		private final boolean isScalar;

		private final boolean isStructural;

		private int flags;

		private int primitiveBytes;

		private int objectFields;

		private @Nullable Description superclass;

		Description(String name) {
			super(true);
			this.name = name;
			this.table = Table.of(name);
			this.isScalar = SCALARS.contains(name);
			this.isStructural = name.startsWith("java.") || name.startsWith("com.google.common.")
					|| name.startsWith("kotlin.") || name.startsWith("org.springframework.util.");
			this.ordersInstances = this.isScalar || ORDERED.contains(name);
		}

		boolean has(int flag) {
			return (this.flags & flag) != 0;
		}

	}

	/** The keys of a table. */
	private final class Keys {

		private final Table table;

		private long weight;

		private long withoutOrder;

		private int count;

		private int[] hashes = new int[0];

		private int hashCount;

		Keys(Table table) {
			this.table = table;
		}

		void add(@Nullable Node key) {
			if (key == null || this.table.step == Integer.MAX_VALUE) {
				return;
			}
			StreamWork.this.add((key.structural && key.isOpen()) ? MAX_WEIGHT : key.weight);
			this.weight = Math.min(this.weight + key.weight, MAX_WEIGHT);
			this.count++;
			if (!this.table.ordered && key.start >= 0) {
				if (this.hashCount == this.hashes.length) {
					this.hashes = Arrays.copyOf(this.hashes, Math.max(16, 2 * this.hashCount));
				}
				this.hashes[this.hashCount++] = hash(key);
			}
			else if (!this.table.ordered || !key.ordered) {
				this.withoutOrder++;
			}
		}

		private int hash(Node key) {
			if (!key.hashed) {
				key.hash = key.text ? textHash(key) : scalarHash(key);
				key.hashed = true;
			}
			return key.hash;
		}

		/** The hash of a number of up to 64 bits, or of two of 64 bits. */
		private int scalarHash(Node key) {
			ByteBuffer in = StreamWork.this.in;
			long folded = 0;
			for (int i = key.start; i < key.end; i++) {
				int shift = Byte.SIZE * ((key.end - 1 - i) % Long.BYTES);
				folded ^= Byte.toUnsignedLong(in.get(i)) << shift;
			}
			return Long.hashCode(folded);
		}

		/** The hash of a string, which is in modified UTF-8. */
		private int textHash(Node text) {
			ByteBuffer in = StreamWork.this.in;
			int hash = 0;
			for (int i = text.start; i < text.end; i++) {
				int c = in.get(i);
				if (c < 0 && i + 1 < text.end) {
					boolean three = (c & 0xe0) == 0xe0 && i + 2 < text.end;
					c = three ? ((c & 0x0f) << 12) | ((in.get(++i) & 0x3f) << 6) | (in.get(++i) & 0x3f)
							: ((c & 0x1f) << 6) | (in.get(++i) & 0x3f);
				}
				hash = 31 * hash + c;
			}
			return hash;
		}

		long work() {
			long comparisons = square(this.withoutOrder);
			Arrays.sort(this.hashes, 0, this.hashCount);
			int same = 1;
			for (int i = 1; i <= this.hashCount; i++) {
				if (i < this.hashCount && this.hashes[i] == this.hashes[i - 1]) {
					same++;
				}
				else {
					comparisons += square(same);
					same = 1;
				}
			}
			long each = 1 + this.weight / Math.max(1, this.count) / WEIGHT_OF_A_COMPARISON;
			return Math.min(comparisons, MAX_WEIGHT) / COMPARISONS_OF_A_VISIT * each;
		}

		private long square(long number) {
			return number * number;
		}

	}

}
