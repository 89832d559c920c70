package app.session.redis.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Records the commands that clients send to Redis, using {@code MONITOR}. Commands that
 * scripts call are omitted; their {@code EVAL} or {@code FCALL} is recorded. Commands
 * that {@code MONITOR} does not report are missing, too: administrative commands and
 * those with passwords.
 * <p>
 * Tests don't need to wait: a command is recorded once a client has received its reply.
 */
public final class Monitor implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final String MARKER = Monitor.class.getName() + ":";

	private static final Set<String> HANDSHAKE = Set.of("HELLO", "AUTH", "SELECT", "PING", "READONLY", "READWRITE",
			"CLUSTER", "COMMAND", "INFO");

	private static final Set<String> CLIENT_HANDSHAKE = Set.of("SETINFO", "SETNAME");

	// Possessive, so that a long word does not need a deep stack
	private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"(?: (?=\")|$)");

	private static final Pattern BETWEEN = Pattern.compile("\" \"");

	private static final Pattern ESCAPED = Pattern.compile("\\\\(?:x([0-9a-f]{2})|[nrtab\"\\\\])");

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final List<Entry> entries = new ArrayList<>();

	private final List<Tap> taps;

	private Monitor(List<RedisServer> servers) {
		this.taps = servers.stream().map(Tap::new).toList();
		try {
			for (Tap tap : this.taps) {
				tap.open();
			}
		}
		catch (IOException ex) {
			close();
			throw new UncheckedIOException("Cannot monitor " + servers, ex);
		}
	}

	/**
	 * Records the commands that are sent to a server from now on.
	 * @param server the server
	 * @return a new monitor
	 */
	public static Monitor of(RedisServer server) {
		return new Monitor(List.of(server));
	}

	/**
	 * Records the commands that are sent from now on to the current primaries of a
	 * cluster.
	 * @param cluster the cluster
	 * @return a new monitor
	 */
	public static Monitor of(RedisCluster cluster) {
		return new Monitor(cluster.primaries());
	}

	/**
	 * Discards the recorded commands and resumes recording on servers that have been
	 * restarted.
	 */
	public void reset() {
		this.taps.forEach(Tap::reopenIfEnded);
		sync();
		this.lock.lock();
		try {
			this.entries.clear();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Returns the commands that clients have sent since the start or the last reset, in
	 * the order in which the servers processed them. Commands that establish or check
	 * connections are omitted: {@code HELLO}, {@code AUTH}, {@code SELECT}, {@code PING},
	 * {@code CLIENT SETINFO}, {@code CLIENT SETNAME}, {@code READONLY},
	 * {@code READWRITE}, {@code CLUSTER}, {@code COMMAND} and {@code INFO}.
	 * @return the commands
	 * @throws IllegalStateException if a server does not reply, or has been restarted or
	 * has closed the monitor's connection since the last reset
	 */
	public List<Command> commands() {
		return allCommands().stream().filter((command) -> !isHandshake(command)).toList();
	}

	/**
	 * Returns the commands like {@link #commands()}, including those that establish or
	 * check connections.
	 * @return the commands
	 */
	public List<Command> allCommands() {
		sync();
		this.lock.lock();
		try {
			return this.entries.stream()
				.sorted(Comparator.comparingLong(Entry::microseconds))
				.map(Entry::command)
				.toList();
		}
		finally {
			this.lock.unlock();
		}
	}

	private static boolean isHandshake(Command command) {
		return HANDSHAKE.contains(command.name()) || (command.name().equals("CLIENT") && !command.args().isEmpty()
				&& CLIENT_HANDSHAKE.contains(command.args().get(0).toUpperCase(Locale.ROOT)));
	}

	/**
	 * Waits for a command that has been sent since the start or the last reset, or is
	 * sent later. Use it for commands whose reply the test does not wait for.
	 * @param wanted matches the command
	 * @param timeout the maximum time to wait
	 * @return the first such command
	 * @throws IllegalStateException if there is no such command in time
	 */
	public Command awaitCommand(Predicate<Command> wanted, Duration timeout) {
		this.lock.lock();
		try {
			long left = timeout.toNanos();
			int next = 0;
			while (true) {
				// Start over after a reset
				next = Math.min(next, this.entries.size());
				for (; next < this.entries.size(); next++) {
					Command command = this.entries.get(next).command();
					if (wanted.test(command)) {
						return command;
					}
				}
				if (left <= 0) {
					throw new IllegalStateException("No matching command within " + timeout + ", but " + this.entries);
				}
				left = this.changed.awaitNanos(left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for a command", ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits until all commands that the servers have processed so far are recorded. All
	 * methods that return commands do this themselves, except
	 * {@link #awaitCommand(Predicate, Duration)}.
	 */
	public void sync() {
		this.taps.forEach(Tap::sync);
	}

	/**
	 * Ends the recording. Has no effect if it is closed already.
	 */
	@Override
	public void close() {
		this.taps.forEach(Tap::close);
	}

	private static @Nullable Entry parse(String line) {
		Matcher matcher = Entry.LINE.matcher(line);
		if (!matcher.matches()) {
			throw new IllegalStateException("Not a line of MONITOR: " + line);
		}
		String source = matcher.group(3);
		if (source.equals("lua")) {
			return null;
		}
		List<String> words = words(matcher.group(4));
		String name = words.get(0).toUpperCase(Locale.ROOT);
		Command command = new Command(name, words.subList(1, words.size()), source, line);
		return new Entry(Long.parseLong(matcher.group(1) + matcher.group(2)), command);
	}

	/**
	 * Parses the words of a command. Each is quoted, with non-printable characters,
	 * quotes and backslashes escaped.
	 * <p>
	 * Valkey 8.1.0 and 8.1.1
	 * <a href="https://github.com/valkey-io/valkey/issues/2035">don't escape quotes and
	 * backslashes</a>. If the quotes don't match for that reason, words are split only at
	 * a quote, a space and a quote, and a backslash that escapes nothing is taken
	 * literally. Words that contain this sequence, or text that looks like an escape, are
	 * then parsed incorrectly.
	 * @param quoted the quoted words
	 * @return the words
	 */
	static List<String> words(String quoted) {
		List<String> words = new ArrayList<>();
		Matcher matcher = QUOTED.matcher(quoted);
		int end = 0;
		while (matcher.lookingAt()) {
			words.add(decode(matcher.group(1)));
			end = matcher.end();
			matcher.region(end, quoted.length());
		}
		if (end == quoted.length()) {
			return List.copyOf(words);
		}
		String inside = quoted.substring(1, quoted.length() - 1);
		return Stream.of(BETWEEN.split(inside, -1)).map(Monitor::decode).toList();
	}

	private static String decode(String escaped) {
		ByteArrayOutputStream word = new ByteArrayOutputStream();
		Matcher matcher = ESCAPED.matcher(escaped);
		int end = 0;
		while (matcher.find()) {
			word.writeBytes(escaped.substring(end, matcher.start()).getBytes(StandardCharsets.UTF_8));
			end = matcher.end();
			word.write((matcher.group(1) != null) ? Integer.parseInt(matcher.group(1), 16)
					: unescape(escaped.charAt(end - 1)));
		}
		word.writeBytes(escaped.substring(end).getBytes(StandardCharsets.UTF_8));
		return word.toString(StandardCharsets.UTF_8);
	}

	private static int unescape(char escaped) {
		return switch (escaped) {
			case 'n' -> '\n';
			case 'r' -> '\r';
			case 't' -> '\t';
			case 'a' -> 7;
			case 'b' -> '\b';
			default -> escaped;
		};
	}

	/**
	 * A command that a client sent.
	 *
	 * @param name the command's name in upper case
	 * @param args the arguments, decoded from UTF-8
	 * @param client the client's address, as {@code host:port}
	 * @param raw the line of {@code MONITOR}
	 */
	public record Command(String name, List<String> args, String client, String raw) {

		/**
		 * Creates a command.
		 * @param name the command's name in upper case
		 * @param args the arguments, decoded from UTF-8
		 * @param client the client's address, as {@code host:port}
		 * @param raw the line of {@code MONITOR}
		 */
		public Command {
			args = List.copyOf(args);
		}

		@Override
		public String toString() {
			return this.raw;
		}

	}

	private record Entry(long microseconds, Command command) {

		// seconds.microseconds [database source] "name" "argument"...
		private static final Pattern LINE = Pattern.compile("(\\d+)\\.(\\d{6}) \\[\\d+ (.+?)\\] (\".*\")");

		@Override
		public String toString() {
			return this.command.toString();
		}

	}

	/**
	 * The recording on one server: a connection that listens and a connection that sends
	 * markers. The fields are guarded by the monitor's lock, except {@code markers},
	 * which is guarded by the tap itself, as is sending.
	 */
	private final class Tap {

		private final RedisServer server;

		private @Nullable RespConnection markers;

		private @Nullable RespConnection source;

		private @Nullable String lastMarker;

		private boolean closed;

		private Tap(RedisServer server) {
			this.server = server;
		}

		private synchronized void open() throws IOException {
			RespConnection opened = this.server.connect();
			try {
				opened.call("MONITOR");
				opened.waitForever();
				this.markers = this.server.connect();
			}
			catch (IOException ex) {
				opened.close();
				throw ex;
			}
			Monitor.this.lock.lock();
			try {
				this.source = opened;
			}
			finally {
				Monitor.this.lock.unlock();
			}
			Thread reader = new Thread(() -> read(opened), "redis-monitor-" + this.server.port());
			reader.setDaemon(true);
			reader.start();
		}

		private void read(RespConnection opened) {
			try {
				while (true) {
					// A status reply, without its type
					record(opened.readLine().substring(1));
				}
			}
			catch (IOException ex) {
				// The server or this monitor has ended
			}
			finally {
				opened.close();
				Monitor.this.lock.lock();
				try {
					this.source = null;
					Monitor.this.changed.signalAll();
				}
				finally {
					Monitor.this.lock.unlock();
				}
			}
		}

		private void record(String line) {
			Entry entry = parse(line);
			if (entry == null) {
				return;
			}
			Command command = entry.command();
			boolean marker = command.name().equals("ECHO") && command.args().size() == 1
					&& command.args().get(0).startsWith(MARKER);
			Monitor.this.lock.lock();
			try {
				if (marker) {
					this.lastMarker = command.args().get(0);
				}
				else {
					Monitor.this.entries.add(entry);
				}
				Monitor.this.changed.signalAll();
			}
			finally {
				Monitor.this.lock.unlock();
			}
		}

		private synchronized void reopenIfEnded() {
			if (this.closed || isListening()) {
				return;
			}
			closeMarkers();
			if (this.server.isRunning()) {
				try {
					open();
				}
				catch (IOException ex) {
					throw new UncheckedIOException("Cannot monitor " + this.server, ex);
				}
			}
		}

		private boolean isListening() {
			Monitor.this.lock.lock();
			try {
				return this.source != null;
			}
			finally {
				Monitor.this.lock.unlock();
			}
		}

		private synchronized void sync() {
			if (this.closed) {
				return;
			}
			String marker = MARKER + UUID.randomUUID();
			try {
				if (this.markers != null) {
					this.markers.call("ECHO", marker);
				}
			}
			catch (SocketTimeoutException ex) {
				throw new IllegalStateException(this.server + " does not answer", ex);
			}
			catch (IOException ex) {
				closeMarkers();
			}
			awaitMarker(marker);
		}

		private void awaitMarker(String marker) {
			Monitor.this.lock.lock();
			try {
				long left = TIMEOUT.toNanos();
				while (this.source != null && !marker.equals(this.lastMarker)) {
					if (left <= 0) {
						throw new IllegalStateException("MONITOR of " + this.server + " does not show " + marker);
					}
					left = Monitor.this.changed.awaitNanos(left);
				}
				if (this.source == null && this.server.isRunning()) {
					throw new IllegalStateException("The connection that monitors " + this.server
							+ " has ended, as it does with a restart: commands may be missing until the next reset");
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException("Interrupted while waiting for MONITOR of " + this.server, ex);
			}
			finally {
				Monitor.this.lock.unlock();
			}
		}

		private void closeMarkers() {
			if (this.markers != null) {
				this.markers.close();
				this.markers = null;
			}
		}

		private synchronized void close() {
			this.closed = true;
			closeMarkers();
			Monitor.this.lock.lock();
			try {
				if (this.source != null) {
					this.source.close();
				}
			}
			finally {
				Monitor.this.lock.unlock();
			}
		}

	}

}
