package app.session.redis.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;

/**
 * A compressor for Zstandard.
 */
final class ZstdCompressor implements Compressor {

	private final int level = Zstd.defaultCompressionLevel();

	@Override
	public int compress(byte[] bytes, byte[] out, int offset) {
		try {
			long written = Zstd.compressByteArray(out, offset, out.length - offset, bytes, 0, bytes.length, this.level,
					true);
			return Zstd.isError(written) ? -1 : (int) written;
		}
		catch (ZstdException ex) {
			return -1;
		}
	}

	@Override
	public boolean decompress(byte[] bytes, int offset, byte[] out) {
		try {
			return Zstd.decompressByteArray(out, 0, out.length, bytes, offset, bytes.length - offset) == out.length;
		}
		catch (ZstdException ex) {
			return false;
		}
	}

	/** A block of a few bytes can decompress to 128 KB. */
	@Override
	public int maxRatio() {
		return 1 << 16;
	}

}
