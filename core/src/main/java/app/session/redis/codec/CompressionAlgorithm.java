package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The compression of values. Values of all algorithms are read, whichever is used for
 * writing.
 */
public enum CompressionAlgorithm {

	/** No compression. */
	NONE(null, null),

	/** Deflate by the JDK: needs no library, but is the slowest. */
	DEFLATE(null, null),

	/** LZ4, by {@code at.yawk.lz4:lz4-java}: the fastest, with the lowest compression. */
	LZ4("net.jpountz.lz4.LZ4Factory", "at.yawk.lz4:lz4-java"),

	/** Zstandard, by {@code com.github.luben:zstd-jni}: fast, with high compression. */
	ZSTD("com.github.luben.zstd.Zstd", "com.github.luben:zstd-jni");

	private final @Nullable String className;

	private final @Nullable String library;

	CompressionAlgorithm(@Nullable String className, @Nullable String library) {
		this.className = className;
		this.library = library;
	}

	/**
	 * Returns the library that must be on the class path.
	 * @return {@code groupId:artifactId}, or null for nothing
	 */
	public @Nullable String library() {
		return this.library;
	}

	/**
	 * Returns whether the library of this algorithm is on the class path.
	 * @param classLoader the class loader to search, or null for the default
	 * @return whether the library is present or not needed
	 */
	public boolean isPresent(@Nullable ClassLoader classLoader) {
		return this.className == null || ClassUtils.isPresent(this.className, classLoader);
	}

}
