package app.session.redis.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import org.jspecify.annotations.Nullable;

/**
 * A reply of Redis: a flat list of integers and byte strings. It is read straight from
 * the wire, because a session's content is used as it is.
 */
public final class Reply {

	private @Nullable Object[] items = new @Nullable Object[1];

	private int size;

	public int size() {
		return this.size;
	}

	public boolean isInteger(int index) {
		return this.items[index] instanceof Long;
	}

	public long integer(int index) {
		Object item = this.items[index];
		if (item instanceof Long value) {
			return value;
		}
		throw new IllegalStateException("Expected an integer at position " + index + " of the reply");
	}

	public boolean isBytes(int index) {
		return this.items[index] instanceof byte[];
	}

	public byte[] bytes(int index) {
		Object item = this.items[index];
		if (item instanceof byte[] value) {
			return value;
		}
		throw new IllegalStateException("Expected a string at position " + index + " of the reply");
	}

	/**
	 * Returns a string as text, decoded as UTF-8.
	 * @param index its position in the reply
	 * @return the text
	 * @throws IllegalStateException if there is no string at this position
	 */
	public String text(int index) {
		return new String(bytes(index), StandardCharsets.UTF_8);
	}

	/**
	 * Returns the value of a field in the reply to {@code HGETALL}.
	 * @param name the name of the field, which has one character
	 * @return its value, or null if the hash has no such field
	 */
	public byte @Nullable [] field(char name) {
		for (int index = 0; index + 1 < this.size; index += 2) {
			byte[] field = bytes(index);
			if (field.length == 1 && field[0] == name) {
				return bytes(index + 1);
			}
		}
		return null;
	}

	/** Makes room for as many items as Redis announces. */
	private void expect(int count) {
		this.items = Arrays.copyOf(this.items, this.size + count);
	}

	private void add(@Nullable Object item) {
		if (this.size == this.items.length) {
			expect(this.size + 1);
		}
		this.items[this.size++] = item;
	}

	/** Receives the reply from Lettuce. */
	public static final class Output extends CommandOutput<byte[], byte[], Reply> {

		public Output() {
			super(ByteArrayCodec.INSTANCE, new Reply());
		}

		@Override
		public void set(@Nullable ByteBuffer bytes) {
			this.output.add((bytes != null) ? ByteArrayCodec.INSTANCE.decodeValue(bytes) : null);
		}

		@Override
		public void multi(int count) {
			this.output.expect(Math.max(count, 0));
		}

		@Override
		public void set(long integer) {
			this.output.add(integer);
		}

	}

}
