package app.session.redis.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectStreamClass;
import java.net.URL;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ConfigurableObjectInputStream;

/**
 * Reads objects of allowed types only, and no more of them than their bytes can hold.
 * What the JVM's own filter ({@code jdk.serialFilter}) refuses is refused too.
 */
final class ValueInputStream extends ConfigurableObjectInputStream implements ObjectInputFilter {

	/** How deep objects may lie in others. */
	static final int MAX_DEPTH = 100;

	/** How many objects and references to them there may be. */
	static final int MAX_REFERENCES = 1_000_000;

	/**
	 * How many elements all arrays together may have for each byte. An element takes a
	 * byte at least; but a hash table has more room than elements, up to eight times as
	 * much.
	 */
	private static final int ELEMENTS_PER_BYTE = 8;

	private static final int LEAST_ELEMENTS = 1024;

	private final AllowedTypes allowedTypes;

	private final long maxElements;

	private long elements;

	private volatile boolean reading = true;

	private @Nullable String refusal;

	private ValueInputStream(InputStream in, long length, @Nullable ClassLoader classLoader, AllowedTypes allowedTypes)
			throws IOException {
		super(in, classLoader, false);
		this.allowedTypes = allowedTypes;
		this.maxElements = LEAST_ELEMENTS + ELEMENTS_PER_BYTE * length;
	}

	static ValueInputStream of(InputStream in, long length, @Nullable ClassLoader classLoader,
			AllowedTypes allowedTypes) throws IOException {
		ValueInputStream stream = new ValueInputStream(in, length, classLoader, allowedTypes);
		stream.setObjectInputFilter(stream);
		stream.enableResolveObject(true);
		return stream;
	}

	/** What was refused, the end of a sentence; null when nothing was. */
	@Nullable String refusal() {
		return this.refusal;
	}

	@Nullable Object readValue() throws IOException, ClassNotFoundException {
		try {
			return readObject();
		}
		finally {
			this.reading = false;
		}
	}

	/** Whether the object is still being read. */
	boolean isReading() {
		return this.reading;
	}

	/** Refuses a class by its name, before it is loaded. */
	@Override
	protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
		if (!this.allowedTypes.allows(description.getName())) {
			this.refusal = "It holds " + AllowedTypes.refusal(description.getName());
			throw new InvalidClassException("Not allowed");
		}
		return super.resolveClass(description);
	}

	@Override
	protected Class<?> resolveProxyClass(String[] interfaces) throws IOException {
		this.refusal = "It holds a dynamic proxy, which is never read";
		throw new InvalidClassException("Not allowed");
	}

	/**
	 * Reading a hash table hashes its keys, and hashing a URL looks its host up, which
	 * would let who can write to Redis have this node ask a name server of their choice.
	 */
	@Override
	protected @Nullable Object resolveObject(@Nullable Object object) throws IOException {
		return (object instanceof URL url) ? StoredUrlHandler.guard(url, this) : object;
	}

	@Override
	public Status checkInput(FilterInfo info) {
		if (info.arrayLength() >= 0) {
			this.elements += info.arrayLength();
			if (this.elements > this.maxElements) {
				return refuse("It claims to hold more than its bytes can");
			}
		}
		if (info.depth() > MAX_DEPTH) {
			return refuse("Objects lie in each other more than " + MAX_DEPTH + " deep");
		}
		if (info.references() > MAX_REFERENCES) {
			return refuse("It holds more than " + MAX_REFERENCES + " objects");
		}
		Class<?> type = info.serialClass();
		if (type == null) {
			return Status.UNDECIDED;
		}
		return this.allowedTypes.allows(type) ? Status.ALLOWED
				: refuse("It holds " + AllowedTypes.refusal(type.getName()));
	}

	private Status refuse(String refusal) {
		this.refusal = refusal;
		return Status.REJECTED;
	}

}
