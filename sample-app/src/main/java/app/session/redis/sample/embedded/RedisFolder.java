package app.session.redis.sample.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * The folder in which an embedded Redis runs and writes: one for each user and port in
 * the temporary folder. A Redis that runs in this folder is the embedded one.
 *
 * @param path the folder
 */
record RedisFolder(Path path) {

	static final String LOG = "redis.log";

	private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

	private static final int LOG_LINES = 5;

	static RedisFolder forPort(int port) throws IOException {
		// The real path, as Redis reports it
		Path parent = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
		Path path = parent.resolve("redis-session-sample-" + System.getProperty("user.name") + "-" + port);
		boolean posix = Files.getFileStore(parent).supportsFileAttributeView("posix");
		try {
			Files.createDirectory(path,
					posix ? new FileAttribute<?>[] { PosixFilePermissions.asFileAttribute(OWNER_ONLY) }
							: new FileAttribute<?>[0]);
		}
		catch (FileAlreadyExistsException ex) {
			if (posix && !isOurs(path)) {
				throw new EmbeddedRedisException("The directory of the embedded Redis, " + path
						+ ", already exists, but other users can change it or it belongs to another user. Remove it");
			}
		}
		return new RedisFolder(path);
	}

	// Another user may have created it if all users share the temporary folder
	private static boolean isOurs(Path path) throws IOException {
		Path probe = Files.createTempFile("owner", null);
		try {
			return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
					&& Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe))
					&& Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY);
		}
		finally {
			Files.delete(probe);
		}
	}

	/**
	 * Waits until no other instance is starting or stopping the Redis of this folder.
	 * @return the lock, to be closed when done
	 * @throws IOException if the lock file can't be written
	 */
	Lock lock() throws IOException {
		FileChannel channel = FileChannel.open(this.path.resolve("lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE);
		return new Lock(channel, channel.lock());
	}

	void clearLog() throws IOException {
		Files.deleteIfExists(this.path.resolve(LOG));
	}

	String endOfLog() throws IOException {
		Path log = this.path.resolve(LOG);
		if (!Files.exists(log)) {
			return "(nothing)";
		}
		List<String> lines = Files.readAllLines(log);
		return String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
	}

	/**
	 * A lock between processes, which is released at the latest when its process ends.
	 *
	 * @param channel the open file
	 * @param lock the lock on it
	 */
	record Lock(FileChannel channel, FileLock lock) implements AutoCloseable {

		@Override
		public void close() throws IOException {
			this.channel.close();
		}

	}

}
