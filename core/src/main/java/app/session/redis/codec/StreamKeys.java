package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * The keys of a table in the stream that {@link StreamWork} parses, and the work of
 * comparing those whose hashes collide.
 */
final class StreamKeys {

	/** The number of keys that are compared in the time of a visit. */
	private static final int COMPARISONS_OF_A_VISIT = 20;

	/** The weight up to which keys are compared that fast. */
	private static final int WEIGHT_OF_A_COMPARISON = 16;

	private final StreamWork stream;

	private final StreamTable table;

	private long weight;

	private long withoutOrder;

	private int count;

	private int[] hashes = new int[0];

	private int hashCount;

	StreamKeys(StreamWork stream, StreamTable table) {
		this.stream = stream;
		this.table = table;
	}

	void add(@Nullable StreamObject key) {
		if (key == null || this.table.step == Integer.MAX_VALUE) {
			return;
		}
		this.stream.add((key.structural && key.isOpen()) ? StreamWork.MAX_WEIGHT : key.weight);
		this.weight = Math.min(this.weight + key.weight, StreamWork.MAX_WEIGHT);
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

	private int hash(StreamObject key) {
		if (!key.hashed) {
			key.hash = key.text ? textHash(key) : scalarHash(key);
			key.hashed = true;
		}
		return key.hash;
	}

	/** Returns the hash of a number of up to 64 bits, or of two numbers of 64 bits. */
	private int scalarHash(StreamObject key) {
		ByteBuffer in = this.stream.in;
		long folded = 0;
		for (int i = key.start; i < key.end; i++) {
			int shift = Byte.SIZE * ((key.end - 1 - i) % Long.BYTES);
			folded ^= Byte.toUnsignedLong(in.get(i)) << shift;
		}
		return Long.hashCode(folded);
	}

	/** Returns the hash of a string in modified UTF-8. */
	private int textHash(StreamObject text) {
		ByteBuffer in = this.stream.in;
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
		return Math.min(comparisons, StreamWork.MAX_WEIGHT) / COMPARISONS_OF_A_VISIT * each;
	}

	private long square(long number) {
		return number * number;
	}

}
