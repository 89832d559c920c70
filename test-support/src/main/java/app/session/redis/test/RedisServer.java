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
 * A Redis server in a process of its own that listens on the loopback address, keeps
 * nothing on disk unless told to, and ends with this JVM at the latest.
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
	 * Start a server on a free port.
	 * @return the server, which answers
	 */
	public static RedisServer start() {
		return builder().start();
	}

	/**
	 * Describe a server to start.
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
			// another server may have been faster to take the port
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
	 * Open a bare connection, which the caller closes.
	 * @return the connection, authenticated if need be
	 * @throws IOException if there is no connection
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
	 * Return the address the server listens on.
	 * @return the loopback address
	 */
	public String host() {
		return HOST;
	}

	/**
	 * Return the port the server listens on.
	 * @return the port, which stays the same over a restart
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Return the URI for clients.
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
	 * Return the id of the server's process, which changes with a restart.
	 * @return the process id
	 */
	public synchronized long pid() {
		return this.process.pid();
	}

	/**
	 * Return the server's working directory.
	 * @return the directory
	 */
	public Path directory() {
		return this.directory;
	}

	/**
	 * Return what the server has logged, since before any restart.
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
	 * Tell whether the server's process is there, be it paused.
	 * @return whether the process is there
	 */
	public synchronized boolean isRunning() {
		return this.process.isAlive();
	}

	/**
	 * Suspend the process (SIGSTOP): connections stay, and new ones can be made, but
	 * nothing is answered. Returns when it is suspended.
	 */
	public synchronized void pause() {
		requireRunning();
		Signal.STOP.send(this.process);
		this.paused = true;
	}

	/**
	 * Let the process go on after {@link #pause()} (SIGCONT).
	 */
	public synchronized void resume() {
		requireRunning();
		Signal.CONT.send(this.process);
		this.paused = false;
	}

	private void requireRunning() {
		if (!this.process.isAlive()) {
			throw new IllegalStateException("Redis on port " + this.port + " does not run");
		}
	}

	/**
	 * End the process at once, as a crash does (SIGKILL). Returns when it has ended.
	 */
	public synchronized void kill() {
		disconnect();
		Leftovers.kill(this.process);
		this.paused = false;
	}

	/**
	 * Shut the server down in good order (SIGTERM), resuming it first if it is paused.
	 * Returns when it has ended.
	 */
	public synchronized void stop() {
		disconnect();
		resumeIfPaused();
		Leftovers.stop(this.process, STOP_TIMEOUT);
	}

	/**
	 * Start the server again on the same port and in the same directory, stopping it
	 * first if it runs. Returns when it answers. A replica may not have reached its
	 * primary by then: see {@link #awaitReplication()}.
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
	 * End the process at once and delete the working directory, unless it was given to
	 * {@link Builder#directory(Path)}. Closing again does nothing.
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
	 * Wait until this server, a replica, has its primary's data and follows it.
	 */
	public void awaitReplication() {
		Await.until(START_TIMEOUT, () -> {
			try (RespConnection probe = connect()) {
				return probe.call("INFO", "replication").contains("master_link_status:up") ? null
						: "Redis on port " + this.port + " is not in touch with its primary";
			}
			catch (IOException ex) {
				return "Redis on port " + this.port + ": " + ex;
			}
		});
	}

	/**
	 * Return a client of the server for the test's own use. It is shut down when the
	 * server is stopped, killed or closed; ask again after a restart.
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
	 * Return the commands of a connection for the test's own use, the same connection
	 * until the server is stopped, killed or closed; ask again after a restart.
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
	 * Return all keys of database 0.
	 * @return the keys in order
	 */
	public List<String> keys() {
		return commands().keys("*").stream().sorted().toList();
	}

	/**
	 * Remove all keys of all databases.
	 */
	public void flushAll() {
		commands().flushall();
	}

	@Override
	public String toString() {
		return "Redis on port " + this.port;
	}

	/**
	 * Describes a server to start.
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
		 * Use another executable than the one {@link RedisBinary#find()} finds.
		 * @param binary the executable
		 * @return this builder
		 */
		public Builder binary(RedisBinary binary) {
			this.binary = binary;
			return this;
		}

		/**
		 * Listen on a certain port, rather than on a free one.
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
		 * Add a directive of {@code redis.conf}. It replaces the value that this library
		 * would choose; directives with the same name given here add up, as they do in a
		 * file.
		 * @param name the directive's name
		 * @param values the directive's values
		 * @return this builder
		 */
		public Builder option(String name, String... values) {
			if (OWN_OPTIONS.contains(name)) {
				throw new IllegalArgumentException("The option " + name + " is this library's own");
			}
			List<String> option = new ArrayList<>();
			option.add("--" + name);
			for (String value : values) {
				if (value.startsWith("--")) {
					throw new IllegalArgumentException("Redis would take the value for an option: " + value);
				}
				option.add(value);
			}
			this.options.add(option);
			return this;
		}

		/**
		 * Run in a certain directory, which is created if it is not there and is not
		 * deleted, rather than in a temporary one.
		 * @param directory the directory
		 * @return this builder
		 */
		public Builder directory(Path directory) {
			this.directory = directory.toAbsolutePath();
			return this;
		}

		/**
		 * Make the server a replica of another; it starts only when it is in touch with
		 * that.
		 * @param primary the server to replicate
		 * @return this builder
		 */
		public Builder replicaOf(RedisServer primary) {
			this.primary = primary;
			return this;
		}

		/**
		 * Make the process a sentinel.
		 * @param configuration the directives that make it one, which it rewrites in its
		 * directory as it learns
		 * @return this builder
		 */
		public Builder sentinel(List<String> configuration) {
			this.sentinel = List.copyOf(configuration);
			return this;
		}

		/**
		 * Start the server.
		 * @return the server, which answers
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
				// a replica's first synchronisation need not wait for others
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
	 * Why a server did not start.
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
