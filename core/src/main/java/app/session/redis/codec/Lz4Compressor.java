package app.session.redis.codec;

import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * A compressor for the LZ4 block format.
 */
final class Lz4Compressor implements Compressor {

	private final LZ4Factory factory = LZ4Factory.fastestInstance();

	@Override
	public int compress(byte[] bytes, byte[] out, int offset) {
		try {
			return this.factory.fastCompressor().compress(bytes, 0, bytes.length, out, offset, out.length - offset);
		}
		catch (LZ4Exception ex) {
			return -1;
		}
	}

	@Override
	public boolean decompress(byte[] bytes, int offset, byte[] out) {
		try {
			return this.factory.safeDecompressor()
				.decompress(bytes, offset, bytes.length - offset, out, 0, out.length) == out.length;
		}
		catch (LZ4Exception ex) {
			return false;
		}
	}

	/** A byte adds up to 255 to the length of a match. */
	@Override
	public int maxRatio() {
		return 255;
	}

}
