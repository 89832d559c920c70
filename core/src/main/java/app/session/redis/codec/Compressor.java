package app.session.redis.codec;

/**
 * Makes bytes smaller, and restores them.
 */
interface Compressor {

	/**
	 * Compresses.
	 * @param bytes the bytes
	 * @param out where to write to
	 * @param offset where to begin there
	 * @return how many bytes were written, or -1 when there is no room for them
	 */
	int compress(byte[] bytes, byte[] out, int offset);

	/**
	 * Restores, into an array that is as long as what is restored must be.
	 * @param bytes where to read from
	 * @param offset where to begin there
	 * @param out where to write to
	 * @return whether it was filled, and nothing is left
	 */
	boolean decompress(byte[] bytes, int offset, byte[] out);

	/**
	 * By how much bytes can be compressed at the most, so that no memory is made ready
	 * for what can't be there.
	 * @return how many come of one
	 */
	int maxRatio();

}
