package app.session.redis.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The network between clients and a server: a TCP proxy on the loopback address that
 * passes everything on, late or not at all if told to.
 */
public final class TcpProxy implements AutoCloseable {

	private static final int BIND_ATTEMPTS = 10;

	private static final int CHUNK_SIZE = 16 * 1024;

	private static final int CHUNKS_ON_THE_WAY = 1024;

	private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

	private volatile InetSocketAddress target;

	private final ServerSocket serverSocket;

	private final Map<Direction, Lane> lanes = Map.of(Direction.TO_SERVER, new Lane(), Direction.TO_CLIENT, new Lane());

	private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

	private final ScheduledThreadPoolExecutor scheduler;

	private final Thread acceptor;

	private TcpProxy(InetSocketAddress target) {
		this.target = target;
		this.serverSocket = bind();
		this.scheduler = new ScheduledThreadPoolExecutor(1,
				(task) -> daemon(task, "tcp-proxy-" + port() + "-scheduler"));
		this.scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.acceptor = daemon(this::accept, "tcp-proxy-" + port() + "-accept");
		this.acceptor.start();
	}

	/**
	 * Start a proxy in front of a Redis server.
	 * @param server the server
	 * @return the proxy, which forwards
	 */
	public static TcpProxy to(RedisServer server) {
		return to(server.host(), server.port());
	}

	/**
	 * Start a proxy in front of a server.
	 * @param host the server's host
	 * @param port the server's port
	 * @return the proxy, which forwards
	 */
	public static TcpProxy to(String host, int port) {
		return new TcpProxy(new InetSocketAddress(host, port));
	}

	private static ServerSocket bind() {
		for (int attempt = 1;; attempt++) {
			try {
				ServerSocket socket = new ServerSocket();
				try {
					socket.bind(new InetSocketAddress(RedisServer.HOST, FreePort.find()));
					return socket;
				}
				catch (IOException ex) {
					socket.close();
					throw ex;
				}
			}
			catch (IOException ex) {
				if (attempt == BIND_ATTEMPTS) {
					throw new UncheckedIOException("No port for a proxy", ex);
				}
			}
		}
	}

	private static Thread daemon(Runnable task, String name) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

	private void accept() {
		try {
			while (true) {
				Connection connection = new Connection(this.serverSocket.accept());
				this.connections.add(connection);
				connection.start();
			}
		}
		catch (IOException ex) {
			// the proxy is closed
		}
	}

	/**
	 * Lead connections that are opened from now on to another server, as a virtual
	 * address does after a failover. Those that are open stay where they are.
	 * @param server the server
	 */
	public void leadTo(RedisServer server) {
		this.target = new InetSocketAddress(server.host(), server.port());
	}

	/**
	 * Return the address the proxy listens on.
	 * @return the loopback address
	 */
	public String host() {
		return RedisServer.HOST;
	}

	/**
	 * Return the port the proxy listens on.
	 * @return the port
	 */
	public int port() {
		return this.serverSocket.getLocalPort();
	}

	/**
	 * Pass nothing on any more in either direction. Connections stay open and new ones
	 * are accepted, but all are silent. What is sent meanwhile, even that a connection
	 * ends, is passed on after {@link #forward()}.
	 */
	public void stopForwarding() {
		this.lanes.values().forEach(Lane::shut);
	}

	/**
	 * Pass nothing on any more in one direction.
	 * @param direction the direction
	 * @see #stopForwarding()
	 */
	public void stopForwarding(Direction direction) {
		lane(direction).shut();
	}

	/**
	 * Pass on again in both directions.
	 */
	public void forward() {
		this.lanes.values().forEach(Lane::open);
	}

	/**
	 * Break all connections, as a reset by the peer to both sides. New ones are accepted.
	 */
	public void dropConnections() {
		this.connections.forEach(Connection::reset);
	}

	/**
	 * Pass on later what clients send from now on; answers are not delayed, so that this
	 * is how much longer a round trip takes.
	 * @param delay how much later, or zero for at once
	 */
	public void delay(Duration delay) {
		delay(Direction.TO_SERVER, delay);
	}

	/**
	 * Pass on later what is sent from now on in one direction.
	 * @param direction the direction
	 * @param delay how much later, or zero for at once
	 */
	public void delay(Direction direction, Duration delay) {
		if (delay.isNegative()) {
			throw new IllegalArgumentException("A delay cannot be negative: " + delay);
		}
		lane(direction).delay = delay;
	}

	/**
	 * Return how many bytes were passed on in one direction.
	 * @param direction the direction
	 * @return the number of bytes over all connections since the start
	 */
	public long bytes(Direction direction) {
		return lane(direction).bytes.get();
	}

	/**
	 * Return how many pieces of what was sent in one direction have not been passed on
	 * yet.
	 * @param direction the direction
	 * @return the number of pieces over all connections that are open
	 */
	public int onTheWay(Direction direction) {
		return this.connections.stream().mapToInt((connection) -> connection.onTheWay(direction)).sum();
	}

	/**
	 * Return how many connections of clients are open.
	 * @return the number of connections
	 */
	public int connections() {
		return this.connections.size();
	}

	private Lane lane(Direction direction) {
		Lane lane = this.lanes.get(direction);
		if (lane == null) {
			throw new IllegalArgumentException("No such direction: " + direction);
		}
		return lane;
	}

	/**
	 * Break all connections and accept no more. Closing again does nothing.
	 */
	@Override
	public void close() {
		try {
			this.serverSocket.close();
			// as long as a thread waits in accept, the system may still take a connection
			this.acceptor.join();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot close the proxy on port " + port(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			dropConnections();
			this.scheduler.shutdownNow();
		}
	}

	/**
	 * Where bytes go.
	 */
	public enum Direction {

		/**
		 * From a client to the server.
		 */
		TO_SERVER,

		/**
		 * From the server to a client.
		 */
		TO_CLIENT

	}

	/**
	 * What all connections have in common in one direction.
	 */
	private static final class Lane {

		private final AtomicLong bytes = new AtomicLong();

		private volatile Duration delay = Duration.ZERO;

		private boolean shut;

		private synchronized void shut() {
			this.shut = true;
		}

		private synchronized void open() {
			this.shut = false;
			notifyAll();
		}

		private synchronized void pass() throws InterruptedException {
			while (this.shut) {
				wait();
			}
		}

	}

	/**
	 * A client's connection and the one made to the server for it.
	 */
	private final class Connection {

		private final Socket client;

		private final Socket server = new Socket();

		private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

		private final Map<Direction, Pump> pumps = new ConcurrentHashMap<>();

		private final AtomicInteger openDirections = new AtomicInteger(2);

		private Connection(Socket client) {
			this.client = client;
		}

		private void start() {
			run(this::connect, "connect");
		}

		private void run(Task task, String name) {
			Thread thread = daemon(() -> {
				try {
					task.run();
				}
				catch (IOException | RejectedExecutionException ex) {
					// one side is gone, so the other goes too
					close();
				}
				catch (InterruptedException ex) {
					// closed
				}
			}, "tcp-proxy-" + port() + "-" + name);
			this.threads.add(thread);
			thread.start();
		}

		private void connect() throws IOException {
			this.server.connect(TcpProxy.this.target, Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
			this.server.setTcpNoDelay(true);
			this.client.setTcpNoDelay(true);
			startPump(Direction.TO_SERVER, this.client, this.server);
			startPump(Direction.TO_CLIENT, this.server, this.client);
		}

		private void startPump(Direction direction, Socket from, Socket to) throws IOException {
			Pump pump = new Pump(this, lane(direction), from.getInputStream(), to);
			this.pumps.put(direction, pump);
			run(pump::read, direction + "-read");
			run(pump::write, direction + "-write");
		}

		private int onTheWay(Direction direction) {
			Pump pump = this.pumps.get(direction);
			return (pump != null) ? pump.chunks.size() : 0;
		}

		private void directionEnded() {
			if (this.openDirections.decrementAndGet() == 0) {
				close();
			}
		}

		private void reset() {
			try {
				this.client.setSoLinger(true, 0);
				this.server.setSoLinger(true, 0);
			}
			catch (IOException ex) {
				// closed already
			}
			close();
		}

		private void close() {
			TcpProxy.this.connections.remove(this);
			for (Socket socket : new Socket[] { this.client, this.server }) {
				try {
					socket.close();
				}
				catch (IOException ex) {
					// closed as far as it can be
				}
			}
			this.threads.forEach(Thread::interrupt);
		}

	}

	/**
	 * One direction of a connection. Chunks wait in a queue, and each gives a permit to
	 * take one when its delay is over: so their order stays however the delay changes. An
	 * empty chunk is the end.
	 */
	private final class Pump {

		private final Connection connection;

		private final Lane lane;

		private final InputStream in;

		private final Socket to;

		private final BlockingQueue<byte[]> chunks = new ArrayBlockingQueue<>(CHUNKS_ON_THE_WAY);

		private final Semaphore due = new Semaphore(0);

		private Pump(Connection connection, Lane lane, InputStream in, Socket to) {
			this.connection = connection;
			this.lane = lane;
			this.in = in;
			this.to = to;
		}

		private void read() throws IOException, InterruptedException {
			byte[] buffer = new byte[CHUNK_SIZE];
			int length;
			do {
				length = this.in.read(buffer);
				Duration delay = this.lane.delay;
				this.chunks.put(Arrays.copyOf(buffer, Math.max(length, 0)));
				if (delay.isZero()) {
					this.due.release();
				}
				else {
					ScheduledFuture<?> unused = TcpProxy.this.scheduler.schedule(() -> this.due.release(),
							delay.toNanos(), TimeUnit.NANOSECONDS);
				}
			}
			while (length >= 0);
		}

		private void write() throws IOException, InterruptedException {
			OutputStream out = this.to.getOutputStream();
			while (true) {
				this.due.acquire();
				byte[] chunk = this.chunks.take();
				this.lane.pass();
				if (chunk.length == 0) {
					this.to.shutdownOutput();
					this.connection.directionEnded();
					return;
				}
				this.lane.bytes.addAndGet(chunk.length);
				out.write(chunk);
			}
		}

	}

	/**
	 * What a thread of a connection does.
	 */
	@FunctionalInterface
	private interface Task {

		void run() throws IOException, InterruptedException;

	}

}
