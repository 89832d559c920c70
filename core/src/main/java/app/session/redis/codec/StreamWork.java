package app.session.redis.codec;

import java.io.ObjectStreamConstants;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * Limits the work of reading a serialized object before any object is created. Reading a
 * hash table hashes its keys, and the hash of a collection is computed from the hashes of
 * all its elements. A few hundred bytes with sets that refer to each other can therefore
 * take minutes to read. In addition, keys whose hashes collide are compared with each
 * other.
 *
 * <p>
 * The stream is parsed according to its grammar (Java Object Serialization Specification,
 * 6.4). The weight of an object is the number of objects that hashing it can visit, where
 * a reference counts as much as its target. Each key of a table costs its weight, and
 * keys that can collide cost the square of their number.
 */
final class StreamWork {

	/** The maximum number of visits, which take about 100 ms. */
	static final long MAX_WORK = 10_000_000;

	/**
	 * The size up to which a value can't cause that much work: a level takes at least 11
	 * bytes.
	 */
	static final int HARMLESS_BYTES = 200;

	/**
	 * The number of bytes of a string that are hashed or compared in the time of a visit.
	 */
	private static final int BYTES_OF_A_VISIT = 64;

	/** The largest weight of an object, far from an overflow. */
	static final long MAX_WEIGHT = 1L << 40;

	private static final int STREAM_HEADER = 4;

	final ByteBuffer in;

	private final int maxDepth;

	private StreamObject[] handles = new StreamObject[64];

	private int handleCount;

	private int depth;

	private long work;

	private StreamWork(byte[] bytes, int offset, int maxDepth) {
		this.in = ByteBuffer.wrap(bytes);
		this.in.position(offset + STREAM_HEADER);
		this.maxDepth = maxDepth;
	}

	/**
	 * Parses a stream that contains one object.
	 * @param bytes the bytes
	 * @param offset the offset of the stream
	 * @param maxDepth the maximum nesting depth of objects
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

	/** Adds visits, and rejects the value if there are too many. */
	void add(long more) {
		this.work += more;
		if (this.work > MAX_WORK) {
			throw new UnreadableValueException("Reading it would take too much work: its sets and maps are "
					+ "nested, or contain too many keys that can have the same hash code", null);
		}
	}

	/** Reads an object, or null, whose tag has been read. */
	private @Nullable StreamObject object(byte tag) {
		return switch (tag) {
			case ObjectStreamConstants.TC_NULL -> null;
			case ObjectStreamConstants.TC_REFERENCE -> reference();
			case ObjectStreamConstants.TC_STRING -> text(Short.toUnsignedInt(this.in.getShort()));
			case ObjectStreamConstants.TC_LONGSTRING -> text(this.in.getLong());
			default -> {
				enter();
				StreamObject node = composed(tag);
				this.depth--;
				yield node;
			}
		};
	}

	private StreamObject composed(byte tag) {
		switch (tag) {
			case ObjectStreamConstants.TC_OBJECT:
				return instance();
			case ObjectStreamConstants.TC_ARRAY:
				return array();
			case ObjectStreamConstants.TC_ENUM:
				description();
				StreamObject constant = handle(new StreamObject(true));
				name();
				return constant;
			case ObjectStreamConstants.TC_CLASS:
				description();
				return handle(new StreamObject(true));
			default:
				throw new IllegalArgumentException("Unexpected tag");
		}
	}

	/** Reads the name of an enum constant or of the type of a field. */
	private StreamObject name() {
		byte tag = this.in.get();
		StreamObject node = (tag == ObjectStreamConstants.TC_STRING || tag == ObjectStreamConstants.TC_LONGSTRING
				|| tag == ObjectStreamConstants.TC_REFERENCE) ? object(tag) : null;
		if (node == null || !node.text) {
			throw new IllegalArgumentException("Not a name");
		}
		return node;
	}

	private void enter() {
		if (++this.depth > this.maxDepth) {
			throw new UnreadableValueException("Objects are nested more than " + this.maxDepth + " deep", null);
		}
	}

	private StreamObject reference() {
		int index = this.in.getInt() - ObjectStreamConstants.baseWireHandle;
		if (index < 0 || index >= this.handleCount) {
			throw new IllegalArgumentException("Unknown reference");
		}
		return this.handles[index];
	}

	private <T extends StreamObject> T handle(T node) {
		if (this.handleCount > ValueInputStream.MAX_REFERENCES) {
			throw new UnreadableValueException("It contains more than " + ValueInputStream.MAX_REFERENCES + " objects",
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

	private StreamObject text(long length) {
		StreamObject node = new StreamObject(true);
		node.text = true;
		node.start = this.in.position();
		skip(length);
		node.end = this.in.position();
		node.weight += length / BYTES_OF_A_VISIT;
		return handle(node);
	}

	private StreamObject array() {
		StreamClass type = requireDescription();
		int length = this.in.getInt();
		if (length < 0) {
			throw new IllegalArgumentException("Negative length");
		}
		StreamObject node = handle(new StreamObject(false));
		node.structural = true;
		node.complete = false;
		char component = (type.name.length() > 1) ? type.name.charAt(1) : ' ';
		if (!type.name.matches("\\[([BCDFIJSZ]|L[^;]+;|\\[.+)")) {
			// The JDK reads objects if it can't find the class
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

	private StreamObject instance() {
		StreamClass type = requireDescription();
		StreamObject node = handle(new StreamObject(type.ordersInstances));
		node.structural = type.isStructural;
		node.complete = false;
		Deque<StreamClass> hierarchy = new ArrayDeque<>();
		for (StreamClass each = type; each != null; each = each.superclass) {
			hierarchy.push(each);
			if (each.has(ObjectStreamConstants.SC_EXTERNALIZABLE)) {
				if (each != type) {
					throw new IllegalArgumentException("An external superclass");
				}
				break;
			}
		}
		hierarchy.forEach((part) -> part(node, part, type));
		if (type.table == StreamTable.OF_FIELDS) {
			add(node.weight);
		}
		node.complete = true;
		return node;
	}

	/** Reads the data that one class of an object's hierarchy has written. */
	private void part(StreamObject node, StreamClass part, StreamClass type) {
		StreamTable table = part.table;
		if (part.has(ObjectStreamConstants.SC_SERIALIZABLE)) {
			if (table == StreamTable.IMMUTABLE && part.primitiveBytes == Integer.BYTES) {
				table = StreamTable.ofImmutable(this.in.getInt(this.in.position()));
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

	/** Reads the data that a class has written in its own method. */
	private void annotation(StreamObject node, StreamTable table) {
		StreamKeys keys = new StreamKeys(this, table);
		int number = 0;
		for (byte tag = this.in.get(); tag != ObjectStreamConstants.TC_ENDBLOCKDATA; tag = this.in.get()) {
			if (tag == ObjectStreamConstants.TC_BLOCKDATA) {
				skip(Byte.toUnsignedInt(this.in.get()));
			}
			else if (tag == ObjectStreamConstants.TC_BLOCKDATALONG) {
				skip(this.in.getInt());
			}
			else {
				StreamObject child = object(tag);
				node.add(child);
				if (number++ % table.step == 0) {
					keys.add(child);
				}
			}
		}
		add(keys.work());
	}

	private StreamClass requireDescription() {
		StreamClass description = description();
		if (description == null) {
			throw new IllegalArgumentException("An object without a class");
		}
		return description;
	}

	private @Nullable StreamClass description() {
		byte tag = this.in.get();
		return switch (tag) {
			case ObjectStreamConstants.TC_NULL -> null;
			case ObjectStreamConstants.TC_CLASSDESC -> newDescription();
			case ObjectStreamConstants.TC_REFERENCE -> {
				if (reference() instanceof StreamClass description) {
					yield description;
				}
				throw new IllegalArgumentException("Not a class");
			}
			case ObjectStreamConstants.TC_PROXYCLASSDESC ->
				throw new UnreadableValueException("It contains a dynamic proxy, which is never read", null);
			default -> throw new IllegalArgumentException("Unexpected tag");
		};
	}

	private StreamClass newDescription() {
		byte[] name = new byte[Short.toUnsignedInt(this.in.getShort())];
		this.in.get(name);
		StreamClass description = new StreamClass(new String(name, StandardCharsets.UTF_8));
		skip(Long.BYTES);
		handle(description);
		description.flags = this.in.get();
		int fields = Short.toUnsignedInt(this.in.getShort());
		for (int i = 0; i < fields; i++) {
			char type = (char) this.in.get();
			skip(Short.toUnsignedInt(this.in.getShort()));
			if (type == 'L' || type == '[') {
				description.objectFields++;
				StreamObject signature = name();
				// The JDK reads a field according to its signature
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

}
