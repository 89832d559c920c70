package app.session.redis.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.io.ObjectStreamClass;
import java.net.URL;
import java.util.TreeMap;
import java.util.TreeSet;

import app.session.redis.OptionNames;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ConfigurableObjectInputStream;

/**
 * Reads objects of allowed types only, and no more objects than the bytes can contain.
 * Types that the JVM's own filter ({@code jdk.serialFilter}) rejects are also rejected.
 */
final class ValueInputStream extends ConfigurableObjectInputStream implements ObjectInputFilter {

	/**
	 * The maximum nesting depth of objects. In a thread with a stack of 1 MB, 150 frames
	 * in use and no compiled code, the types that need the most stack (sorted maps,
	 * chains of causes, concurrent maps) overflow it at 550 to 680 levels, or at 240 to
	 * 290 levels with a stack of 512 KB. An overflow must be impossible: in a static
	 * initializer it would make a class unusable until the next start.
	 */
	static final int MAX_DEPTH = 160;

	/**
	 * A sorted map of n entries reads its first entry log2(n) calls deep. Four of these
	 * calls count as one level.
	 */
	private static final int CALLS_PER_LEVEL = 4;

	private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

	/** The maximum number of objects and references to them. */
	static final int MAX_REFERENCES = 1_000_000;

	/**
	 * The maximum number of elements of all arrays per byte. An element takes at least
	 * one byte, but the capacity of a hash table can be up to eight times the number of
	 * its elements.
	 */
	private static final int ELEMENTS_PER_BYTE = 8;

	private static final int LEAST_ELEMENTS = 1024;

	private static final String TOO_MUCH = "It declares more content than its bytes can hold";

	private final @Nullable ClassLoader classLoader;

	private final AllowedTypes allowedTypes;

	private final OptionNames optionNames;

	private final long maxElements;

	private long elements;

	/** The levels that a sorted map counts in addition to its own, by depth. */
	private final int[] additionalLevels = new int[MAX_DEPTH + 2];

	private int additionalDepth;

	private int depth;

	private volatile boolean reading = true;

	/** Null for most values, which contain none. */
	private @Nullable StoredCollections collections;

	private @Nullable String refusal;

	private ValueInputStream(InputStream in, long length, @Nullable ClassLoader classLoader, AllowedTypes allowedTypes,
			OptionNames optionNames) throws IOException {
		super(in, classLoader, false);
		this.classLoader = classLoader;
		this.allowedTypes = allowedTypes;
		this.optionNames = optionNames;
		this.maxElements = LEAST_ELEMENTS + ELEMENTS_PER_BYTE * length;
	}

	static ValueInputStream of(InputStream in, long length, @Nullable ClassLoader classLoader,
			AllowedTypes allowedTypes, OptionNames optionNames) throws IOException {
		ValueInputStream stream = new ValueInputStream(in, length, classLoader, allowedTypes, optionNames);
		stream.setObjectInputFilter(stream);
		stream.enableResolveObject(true);
		return stream;
	}

	/**
	 * Returns the reason for a rejection as a sentence, or null if nothing was rejected.
	 */
	@Nullable String refusal() {
		return this.refusal;
	}

	@Nullable Object readValue() throws IOException, ClassNotFoundException {
		try {
			return readObject();
		}
		finally {
			this.reading = false;
			if (this.collections != null) {
				this.collections.release();
			}
		}
	}

	/** Returns whether the object is still being read. */
	boolean isReading() {
		return this.reading;
	}

	/**
	 * Rejects a class by its name before it is loaded. Types without serializable objects
	 * are an exception, since a stream can contain only their class objects. They are
	 * loaded for this check, but never initialized.
	 */
	@Override
	protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
		String name = description.getName();
		if (name.equals(StoredLambda.NAME)) {
			return StoredLambda.class;
		}
		if (this.allowedTypes.allows(name)) {
			return super.resolveClass(description);
		}
		if (AllowedTypes.mayBeClassObject(name)) {
			try {
				Class<?> type = super.resolveClass(description);
				if (this.allowedTypes.allowsClassObject(type)) {
					return type;
				}
			}
			catch (ClassNotFoundException | LinkageError ex) {
				this.refusal = "It contains " + AllowedTypes.refusal(name, this.optionNames);
				throw ex;
			}
		}
		this.refusal = "It contains " + AllowedTypes.refusal(name, this.optionNames);
		throw new InvalidClassException("Not allowed");
	}

	@Override
	protected Class<?> resolveProxyClass(String[] interfaces) throws IOException {
		this.refusal = "It contains a dynamic proxy, which is never read";
		throw new InvalidClassException("Not allowed");
	}

	/**
	 * Prevents Hibernate's collections from loading, and replaces two kinds of objects:
	 * stored lambdas, after checking that their class is allowed, and URLs. Reading a
	 * hash table hashes its keys, and hashing a URL resolves its host, so that write
	 * access to Redis would be enough to make this node query any name server.
	 */
	@Override
	protected @Nullable Object resolveObject(@Nullable Object object) throws IOException {
		if (object instanceof URL url) {
			return StoredUrlHandler.guard(url, this);
		}
		if (object != null && StoredCollections.isOne(object)) {
			if (this.collections == null) {
				this.collections = new StoredCollections();
			}
			this.collections.hold(object);
		}
		return (object instanceof StoredLambda lambda) ? resolve(lambda) : object;
	}

	private Object resolve(StoredLambda lambda) throws IOException {
		String capturingClass = String.valueOf(lambda.capturingClass());
		if (!this.allowedTypes.allowsLambdasOf(capturingClass)) {
			this.refusal = "It contains a lambda of " + AllowedTypes.printable(capturingClass)
					+ ", which is not among the allowed lambdas";
			throw new InvalidClassException("Not allowed");
		}
		try {
			return lambda.resolve(this.classLoader);
		}
		catch (ClassNotFoundException | InvalidObjectException ex) {
			this.refusal = "It contains a lambda that is no longer in " + AllowedTypes.printable(capturingClass);
			InvalidClassException failure = new InvalidClassException("Not a lambda");
			failure.initCause(ex);
			throw failure;
		}
	}

	@Override
	public Status checkInput(FilterInfo info) {
		if (info.arrayLength() >= 0) {
			this.elements += info.arrayLength();
			if (this.elements > this.maxElements) {
				return refuse(TOO_MUCH);
			}
		}
		if (isTooDeep((int) Math.min(info.depth(), MAX_DEPTH + 1))) {
			return refuse("Objects are nested more than " + MAX_DEPTH + " deep");
		}
		if (info.references() > MAX_REFERENCES) {
			return refuse("It contains more than " + MAX_REFERENCES + " objects");
		}
		// Classes in the stream have passed resolveClass. Others are those to which
		// their objects are resolved
		return (info.serialClass() != null) ? Status.ALLOWED : Status.UNDECIDED;
	}

	private boolean isTooDeep(int newDepth) {
		for (int i = newDepth; i <= this.depth; i++) {
			this.additionalDepth -= this.additionalLevels[i];
			this.additionalLevels[i] = 0;
		}
		this.depth = newDepth;
		return newDepth + this.additionalDepth > MAX_DEPTH;
	}

	/** Called by sorted maps to read the number of their entries. */
	@Override
	public int readInt() throws IOException {
		int value = super.readInt();
		if (value >= CALLS_PER_LEVEL) {
			Class<?> caller = CALLERS.getCallerClass();
			if (caller == TreeMap.class || caller == TreeSet.class) {
				int calls = Integer.SIZE - Integer.numberOfLeadingZeros(value);
				int levels = (calls + CALLS_PER_LEVEL - 1) / CALLS_PER_LEVEL;
				this.additionalLevels[this.depth] += levels;
				this.additionalDepth += levels;
			}
			else if (value > this.maxElements && caller.getName().startsWith("kotlin.collections.")) {
				this.refusal = TOO_MUCH;
				throw new InvalidObjectException("Too large");
			}
		}
		return value;
	}

	private Status refuse(String refusal) {
		this.refusal = refusal;
		return Status.REJECTED;
	}

}
