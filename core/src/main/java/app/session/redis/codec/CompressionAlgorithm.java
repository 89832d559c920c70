package app.session.redis.codec;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * How values are made smaller. Whichever is chosen for writing, all are read.
 */
public enum CompressionAlgorithm {

	/** Not at all. */
	NONE(null, null),

	/** The JDK's: the smallest of what needs no library, and the slowest. */
	DEFLATE(null, null),

	/** LZ4, by {@code at.yawk.lz4:lz4-java}: the fastest, and the least small. */
	LZ4("net.jpountz.lz4.LZ4Factory", "at.yawk.lz4:lz4-java"),

	/** Zstandard, by {@code com.github.luben:zstd-jni}: small and fast. */
	ZSTD("com.github.luben.zstd.Zstd", "com.github.luben:zstd-jni");

	private final @Nullable String className;

	private final @Nullable String library;

	CompressionAlgorithm(@Nullable String className, @Nullable String library) {
		this.className = className;
		this.library = library;
	}

	/**
	 * What must be on the class path.
	 * @return {@code groupId:artifactId}, or null for nothing
	 */
	public @Nullable String library() {
		return this.library;
	}

	/**
	 * Whether its library is on the class path.
	 * @param classLoader where to look, or null for the default
	 * @return true if so, or if it needs none
	 */
	public boolean isPresent(@Nullable ClassLoader classLoader) {
		return this.className == null || ClassUtils.isPresent(this.className, classLoader);
	}

}
