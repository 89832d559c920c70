package app.session.redis.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server in its own process that listens on the loopback address, has no
 * persistence by default, and ends at the latest with this JVM.
 */
public final class RedisServer implements AutoCloseable {

	static final String HOST = "127.0.0.1";

	private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

	private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

	private static final Duration PROBE_TIMEOUT = Duration.ofMillis(500);

	private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(10);

	private static final String LOG = "redis.log";

	private static final String SENTINEL_CONFIGURATION = "sentinel.conf";

	private final List<String> command;

	private final int port;

	private final @Nullable String password;

	private final Path directory;

	private final boolean deleteDirectory;

	private final Object clientLock = new Object();

	private @Nullable RedisClient client;

	private @Nullable StatefulRedisConnection<String, String> connection;

	private Process process;

	private boolean paused;

	private boolean closed;

	private RedisServer(Builder builder, int port, Path directory) {
		this.command = builder.command(port);
		this.port = port;
		this.password = builder.password();
		this.directory = directory;
		this.deleteDirectory = builder.directory == null;
		this.process = launch(ProcessBuilder.Redirect.to(logFile().toFile()));
	}

	/**
	 * Starts a server on a free port.
	 * @return the server, which is ready for connections
	 */
	public static RedisServer start() {
		return builder().start();
	}

	/**
	 * Returns a builder for a server to start.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	private Process launch(ProcessBuilder.Redirect output) {
		return Leftovers.start(new ProcessBuilder(this.command).directory(this.directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output));
	}

	private void awaitReady() throws StartFailure {
		long start = System.nanoTime();
		String obstacle = obstacle();
		while (obstacle != null) {
			if (!this.process.isAlive()) {
				throw new StartFailure(
						this.command.get(0) + " exited with " + this.process.exitValue() + ". Its log:\n" + log());
			}
			if (System.nanoTime() - start >= START_TIMEOUT.toNanos()) {
				throw new StartFailure("Redis on port " + this.port + " does not answer after " + START_TIMEOUT + ": "
						+ obstacle + ". Its log:\n" + log());
			}
			try {
				this.process.waitFor(5, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new StartFailure("Interrupted while Redis starts");
			}
			obstacle = obstacle();
		}
	}

	private @Nullable String obstacle() {
		try (RespConnection probe = connect(PROBE_TIMEOUT)) {
			probe.call("PING");
			// Another server may have taken the port first
			return probe.call("INFO", "server").contains("process_id:" + this.process.pid() + "\r\n") ? null
					: "another server answers";
		}
		catch (RespConnection.ErrorReply ex) {
			boolean answers = ex.hasCode("NOAUTH") || ex.hasCode("WRONGPASS") || ex.hasCode("NOPERM");
			return (answers && log().contains("eady to accept connections")) ? null : ex.getMessage();
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	/**
	 * Opens a bare connection, which the caller closes.
	 * @return the connection, authenticated if the server has a password
	 * @throws IOException if the connection fails
	 */
	RespConnection connect() throws IOException {
		return connect(REPLY_TIMEOUT);
	}

	private RespConnection connect(Duration timeout) throws IOException {
		RespConnection opened = new RespConnection(HOST, this.port, timeout);
		if (this.password != null) {
			try {
				opened.call("AUTH", this.password);
			}
			catch (IOException ex) {
				opened.close();
				throw ex;
			}
		}
		return opened;
	}

	/**
	 * Returns the address the server listens on.
	 * @return the loopback address
	 */
	public String host() {
		return HOST;
	}

	/**
	 * Returns the port the server listens on.
	 * @return the port, which stays the same after a restart
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Returns the URI for clients.
	 * @return a URI such as {@code redis://127.0.0.1:6379}, with the password if the
	 * server has the option {@code requirepass}
	 */
	public String uri() {
		String credentials = "";
		if (this.password != null) {
			credentials = ":" + URLEncoder.encode(this.password, StandardCharsets.UTF_8).replace("+", "%20") + "@";
		}
		return "redis://" + credentials + HOST + ":" + this.port;
	}

	RedisURI lettuceUri() {
		RedisURI.Builder uri = RedisURI.builder().withHost(HOST).withPort(this.port).withTimeout(REPLY_TIMEOUT);
		if (this.password != null) {
			uri.withPassword(this.password.toCharArray());
		}
		return uri.build();
	}

	/**
	 * Returns the id of the server's process, which changes with a restart.
	 * @return the process id
	 */
	public synchronized long pid() {
		return this.process.pid();
	}

	/**
	 * Returns the server's working directory.
	 * @return the directory
	 */
	public Path directory() {
		return this.directory;
	}

	/**
	 * Returns the server's log, including the time before restarts.
	 * @return the log
	 */
	public String log() {
		try {
			return Files.exists(logFile()) ? Files.readString(logFile(), StandardCharsets.ISO_8859_1) : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read the log of Redis on port " + this.port, ex);
		}
	}

	private Path logFile() {
		return this.directory.resolve(LOG);
	}

	/**
	 * Returns whether the server's process exists. A paused process also counts as
	 * running.
	 * @return whether the process exists
	 */
	public synchronized boolean isRunning() {
		return this.process.isAlive();
	}

	/**
	 * Suspends the process (SIGSTOP) and waits until it is suspended. Connections stay
	 * open and new ones can be established, but the server does not reply.
	 */
	public synchronized void pause() {
		requireRunning();
		Signal.STOP.send(this.process);
		this.paused = true;
	}

	/**
	 * Resumes the process after {@link #pause()} (SIGCONT).
	 */
	public synchronized void resume() {
		requireRunning();
		Signal.CONT.send(this.process);
		this.paused = false;
	}

	private void requireRunning() {
		if (!this.process.isAlive()) {
			throw new IllegalStateException("Redis on port " + this.port + " is not running");
		}
	}

	/**
	 * Kills the process, as in a crash (SIGKILL), and waits until it has ended.
	 */
	public synchronized void kill() {
		disconnect();
		Leftovers.kill(this.process);
		this.paused = false;
	}

	/**
	 * Shuts the server down gracefully (SIGTERM), after resuming it if it is paused, and
	 * waits until it has ended.
	 */
	public synchronized void stop() {
		disconnect();
		resumeIfPaused();
		Leftovers.stop(this.process, STOP_TIMEOUT);
	}

	/**
	 * Restarts the server on the same port and in the same directory, and waits until it
	 * is ready for connections. Stops it first if it is running. A replica may not be
	 * connected to its primary yet: see {@link #awaitReplication()}.
	 */
	public synchronized void restart() {
		if (this.closed) {
			throw new IllegalStateException("Redis on port " + this.port + " is closed");
		}
		stop();
		this.process = launch(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
		try {
			awaitReady();
		}
		catch (StartFailure ex) {
			Leftovers.kill(this.process);
			throw ex.toException();
		}
	}

	/**
	 * Kills the process and deletes the working directory, unless it was set with
	 * {@link Builder#directory(Path)}. Has no effect if it is closed already.
	 */
	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		resumeIfPaused();
		kill();
		if (this.deleteDirectory) {
			Leftovers.delete(this.directory);
		}
	}

	private void resumeIfPaused() {
		if (this.paused && this.process.isAlive()) {
			resume();
		}
		this.paused = false;
	}

	/**
	 * Waits until this server, a replica, has received its primary's data and is
	 * connected to it.
	 */
	public void awaitReplication() {
		Await.until(START_TIMEOUT, () -> {
			try (RespConnection probe = connect()) {
				return probe.call("INFO", "replication").contains("master_link_status:up") ? null
						: "Redis on port " + this.port + " is not connected to its primary";
			}
			catch (IOException ex) {
				return "Redis on port " + this.port + ": " + ex;
			}
		});
	}

	/**
	 * Returns a client of the server for the test's own use. It is shut down when the
	 * server is stopped, killed or closed; call this method again after a restart.
	 * @return the client
	 */
	public RedisClient client() {
		synchronized (this.clientLock) {
			RedisClient current = this.client;
			if (current == null) {
				current = RedisClient.create(Lettuce.resources(), lettuceUri());
				this.client = current;
			}
			return current;
		}
	}

	/**
	 * Returns the commands of a connection for the test's own use. The connection stays
	 * the same until the server is stopped, killed or closed; call this method again
	 * after a restart.
	 * @return the commands
	 */
	public RedisCommands<String, String> commands() {
		synchronized (this.clientLock) {
			StatefulRedisConnection<String, String> current = this.connection;
			if (current == null) {
				current = client().connect();
				this.connection = current;
			}
			return current.sync();
		}
	}

	private void disconnect() {
		synchronized (this.clientLock) {
			if (this.connection != null) {
				this.connection.close();
			}
			if (this.client != null) {
				this.client.shutdown(0, 0, TimeUnit.MILLISECONDS);
			}
			this.client = null;
			this.connection = null;
		}
	}

	/**
	 * Returns all keys of database 0.
	 * @return the keys, sorted
	 */
	public List<String> keys() {
		return commands().keys("*").stream().sorted().toList();
	}

	/**
	 * Removes all keys of all databases.
	 */
	public void flushAll() {
		commands().flushall();
	}

	@Override
	public String toString() {
		return "Redis on port " + this.port;
	}

	/**
	 * A builder for a server.
	 */
	public static final class Builder {

		private static final int ATTEMPTS = 10;

		private static final List<String> OWN_OPTIONS = List.of("port", "dir", "logfile", "daemonize");

		private final List<List<String>> options = new ArrayList<>();

		private @Nullable RedisBinary binary;

		private @Nullable Path directory;

		private @Nullable RedisServer primary;

		private List<String> sentinel = List.of();

		private int port;

		private Builder() {
		}

		/**
		 * Sets the executable. Defaults to {@link RedisBinary#find()}.
		 * @param binary the executable
		 * @return this builder
		 */
		public Builder binary(RedisBinary binary) {
			this.binary = binary;
			return this;
		}

		/**
		 * Sets the port. Defaults to a free port.
		 * @param port the port
		 * @return this builder
		 */
		public Builder port(int port) {
			if (port < 1 || port > 65535) {
				throw new IllegalArgumentException("Not a port: " + port);
			}
			this.port = port;
			return this;
		}

		/**
		 * Adds a directive of {@code redis.conf}. It replaces the default value of this
		 * library. Several directives with the same name are all passed to Redis, as in a
		 * file.
		 * @param name the directive's name
		 * @param values the directive's values
		 * @return this builder
		 */
		public Builder option(String name, String... values) {
			if (OWN_OPTIONS.contains(name)) {
				throw new IllegalArgumentException("The option " + name + " is set by this library");
			}
			List<String> option = new ArrayList<>();
			option.add("--" + name);
			for (String value : values) {
				if (value.startsWith("--")) {
					throw new IllegalArgumentException("Redis would interpret the value as an option: " + value);
				}
				option.add(value);
			}
			this.options.add(option);
			return this;
		}

		/**
		 * Sets the working directory, which is created if it does not exist and is not
		 * deleted. Defaults to a temporary directory.
		 * @param directory the directory
		 * @return this builder
		 */
		public Builder directory(Path directory) {
			this.directory = directory.toAbsolutePath();
			return this;
		}

		/**
		 * Makes the server a replica of another server. {@link #start()} then waits until
		 * replication is established.
		 * @param primary the server to replicate
		 * @return this builder
		 */
		public Builder replicaOf(RedisServer primary) {
			this.primary = primary;
			return this;
		}

		/**
		 * Makes the process a sentinel.
		 * @param configuration the directives of the sentinel, which rewrites them in its
		 * directory when its state changes
		 * @return this builder
		 */
		public Builder sentinel(List<String> configuration) {
			this.sentinel = List.copyOf(configuration);
			return this;
		}

		/**
		 * Starts the server.
		 * @return the server, which is ready for connections
		 */
		public RedisServer start() {
			for (int attempt = 1;; attempt++) {
				try {
					return startOnce((this.port != 0) ? this.port : FreePort.find());
				}
				catch (StartFailure ex) {
					if (this.port != 0 || !ex.isPortTaken() || attempt == ATTEMPTS) {
						throw ex.toException();
					}
				}
			}
		}

		private RedisServer startOnce(int port) throws StartFailure {
			RedisServer server = new RedisServer(this, port, createDirectory());
			try {
				server.awaitReady();
				if (this.primary != null) {
					server.awaitReplication();
				}
				return server;
			}
			catch (StartFailure | RuntimeException ex) {
				server.close();
				throw ex;
			}
		}

		private Path createDirectory() {
			Path directory = (this.directory != null) ? this.directory : Leftovers.createDirectory("redis-server-");
			try {
				Files.createDirectories(directory);
				if (!this.sentinel.isEmpty()) {
					Files.write(directory.resolve(SENTINEL_CONFIGURATION), this.sentinel);
				}
				return directory;
			}
			catch (IOException ex) {
				throw new UncheckedIOException("Cannot prepare " + directory, ex);
			}
		}

		private List<String> command(int port) {
			RedisBinary executable = (this.binary != null) ? this.binary : RedisBinary.find();
			List<String> command = new ArrayList<>();
			command.add(executable.path().toString());
			if (!this.sentinel.isEmpty()) {
				command.addAll(List.of(SENTINEL_CONFIGURATION, "--sentinel"));
			}
			command.addAll(List.of("--port", Integer.toString(port)));
			addDefault(command, "bind", HOST);
			if (this.sentinel.isEmpty()) {
				addDefault(command, "save", "");
				addDefault(command, "appendonly", "no");
				// A replica's first synchronization need not wait for other replicas
				addDefault(command, "repl-diskless-sync-delay", "0");
			}
			if (this.primary != null) {
				addDefault(command, "replicaof", HOST, Integer.toString(this.primary.port));
				if (this.primary.password != null) {
					addDefault(command, "masterauth", this.primary.password);
				}
			}
			this.options.forEach(command::addAll);
			return List.copyOf(command);
		}

		private void addDefault(List<String> command, String name, String... values) {
			String option = "--" + name;
			if (this.options.stream().noneMatch((given) -> given.get(0).equals(option))) {
				command.add(option);
				command.addAll(List.of(values));
			}
		}

		private @Nullable String password() {
			String password = null;
			for (List<String> option : this.options) {
				if (option.get(0).equals("--requirepass") && option.size() == 2) {
					password = option.get(1);
				}
			}
			return password;
		}

	}

	/**
	 * Thrown if a server did not start.
	 */
	private static final class StartFailure extends Exception {

		private static final long serialVersionUID = 1L;

		StartFailure(String message) {
			super(message);
		}

		boolean isPortTaken() {
			String message = String.valueOf(getMessage());
			return message.contains("Address already in use") || message.contains("Failed listening on port");
		}

		IllegalStateException toException() {
			return new IllegalStateException(getMessage(), this);
		}

	}

}
