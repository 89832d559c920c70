package app.session.redis.codec;

/**
 * Compresses and decompresses bytes.
 */
interface Compressor {

	/**
	 * Compresses bytes.
	 * @param bytes the bytes
	 * @param out the array to write to
	 * @param offset the offset in that array
	 * @return the number of bytes written, or -1 if they don't fit
	 */
	int compress(byte[] bytes, byte[] out, int offset);

	/**
	 * Decompresses bytes into an array of the original length.
	 * @param bytes the array to read from
	 * @param offset the offset in that array
	 * @param out the array to write to
	 * @return whether the array was filled completely and no input remains
	 */
	boolean decompress(byte[] bytes, int offset, byte[] out);

	/**
	 * Returns the maximum compression ratio, so that no memory is allocated for a claimed
	 * length that is impossible.
	 * @return the maximum number of bytes that one compressed byte can represent
	 */
	int maxRatio();

}
