package app.session.redis.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Compresses values if that makes them smaller, and decompresses values of all
 * algorithms. A compressed value consists of a byte for the algorithm, the original
 * length in four bytes, and the compressed data.
 */
final class ValueCompression {

	private static final byte DEFLATE = 5;

	private static final byte LZ4 = 6;

	private static final byte ZSTD = 7;

	private static final int HEADER = 1 + Integer.BYTES;

	private final byte form;

	private final @Nullable Compressor compressor;

	private final int threshold;

	/** Decompressors for algorithms that aren't used for writing, created on demand. */
	private final @Nullable Compressor[] readers = new Compressor[ZSTD - DEFLATE + 1];

	/**
	 * Creates the compression.
	 * @throws IllegalStateException if the algorithm's library is not on the class path
	 * or doesn't work on this machine
	 */
	ValueCompression(CompressionAlgorithm algorithm, int threshold) {
		this.threshold = threshold;
		this.form = switch (algorithm) {
			case NONE -> 0;
			case DEFLATE -> DEFLATE;
			case LZ4 -> LZ4;
			case ZSTD -> ZSTD;
		};
		this.compressor = (this.form != 0) ? create(this.form) : null;
		if (this.compressor != null) {
			// Loads a native library now rather than in a request
			this.compressor.compress(new byte[HEADER], new byte[64], 0);
		}
	}

	static boolean isCompressed(byte[] stored) {
		return stored.length > 0 && stored[0] >= DEFLATE && stored[0] <= ZSTD;
	}

	/**
	 * Compresses a value. Returns the same array if compression doesn't make it smaller.
	 */
	byte[] compress(byte[] bytes) {
		if (this.compressor == null || bytes.length < this.threshold || bytes.length <= HEADER) {
			return bytes;
		}
		byte[] out = new byte[bytes.length - 1];
		int length = this.compressor.compress(bytes, out, HEADER);
		if (length < 0 || (long) length * this.compressor.maxRatio() < bytes.length) {
			return bytes;
		}
		ByteBuffer.wrap(out).put(this.form).putInt(bytes.length);
		return Arrays.copyOf(out, HEADER + length);
	}

	byte[] decompress(byte[] stored) {
		if (stored.length <= HEADER) {
			throw new UnreadableValueException("It is compressed, but truncated", null);
		}
		Compressor reader = reader(stored[0]);
		int length = ByteBuffer.wrap(stored, 1, Integer.BYTES).getInt();
		long compressed = (long) stored.length - HEADER;
		if (length < 1 || length > ValueCodec.MAX_BYTES || length > compressed * reader.maxRatio()) {
			throw new UnreadableValueException("It is compressed, but declares an impossible length", null);
		}
		byte[] bytes = new byte[length];
		if (!reader.decompress(stored, HEADER, bytes)) {
			throw new UnreadableValueException("It is compressed, but damaged", null);
		}
		return bytes;
	}

	private Compressor reader(byte form) {
		if (form == this.form && this.compressor != null) {
			return this.compressor;
		}
		synchronized (this.readers) {
			Compressor reader = this.readers[form - DEFLATE];
			if (reader == null) {
				try {
					reader = create(form);
				}
				catch (IllegalStateException ex) {
					throw new UnreadableValueException(String.valueOf(ex.getMessage()), ex);
				}
				this.readers[form - DEFLATE] = reader;
			}
			return reader;
		}
	}

	private static Compressor create(byte form) {
		return switch (form) {
			case DEFLATE -> new DeflateCompressor();
			case LZ4 -> load(CompressionAlgorithm.LZ4);
			default -> load(CompressionAlgorithm.ZSTD);
		};
	}

	private static Compressor load(CompressionAlgorithm algorithm) {
		if (!algorithm.isPresent(ValueCompression.class.getClassLoader())) {
			throw new IllegalStateException("Values compressed with " + algorithm + " need " + algorithm.library()
					+ ", which is not on the class path");
		}
		try {
			return (algorithm == CompressionAlgorithm.LZ4) ? new Lz4Compressor() : new ZstdCompressor();
		}
		catch (LinkageError ex) {
			throw new IllegalStateException("Values compressed with " + algorithm + " need " + algorithm.library()
					+ ", which is on the class path but doesn't work on this machine: " + ex.getClass().getName(), ex);
		}
	}

}
