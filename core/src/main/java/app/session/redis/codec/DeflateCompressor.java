package app.session.redis.codec;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A compressor for Deflate in the zlib format (RFC 1950), whose checksum detects damage.
 */
final class DeflateCompressor implements Compressor {

	@Override
	public int compress(byte[] bytes, byte[] out, int offset) {
		Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION);
		try {
			deflater.setInput(bytes);
			deflater.finish();
			int written = deflater.deflate(out, offset, out.length - offset);
			return deflater.finished() ? written : -1;
		}
		finally {
			deflater.end();
		}
	}

	@Override
	public boolean decompress(byte[] bytes, int offset, byte[] out) {
		Inflater inflater = new Inflater();
		try {
			inflater.setInput(bytes, offset, bytes.length - offset);
			int length = 0;
			while (length < out.length) {
				int read = inflater.inflate(out, length, out.length - length);
				if (read == 0) {
					return false;
				}
				length += read;
			}
			// The checksum comes after the last byte
			return (inflater.finished() || inflater.inflate(new byte[1]) == 0) && inflater.finished()
					&& inflater.getRemaining() == 0;
		}
		catch (DataFormatException ex) {
			return false;
		}
		finally {
			inflater.end();
		}
	}

	/** "Asymptotically 1032:1", as zlib's documentation says. */
	@Override
	public int maxRatio() {
		return 1032;
	}

}
