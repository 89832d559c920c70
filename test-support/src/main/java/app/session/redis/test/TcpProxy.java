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
 * A TCP proxy on the loopback address that simulates the network between clients and a
 * server. It forwards all data, and can delay it or stop forwarding.
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
	 * Starts a proxy in front of a Redis server.
	 * @param server the server
	 * @return the proxy, which is forwarding
	 */
	public static TcpProxy to(RedisServer server) {
		return to(server.host(), server.port());
	}

	/**
	 * Starts a proxy in front of a server.
	 * @param host the server's host
	 * @param port the server's port
	 * @return the proxy, which is forwarding
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
			// The proxy is closed
		}
	}

	/**
	 * Forwards connections that are opened from now on to another server, as a virtual
	 * address does after a failover. Open connections are not affected.
	 * @param server the server
	 */
	public void forwardTo(RedisServer server) {
		this.target = new InetSocketAddress(server.host(), server.port());
	}

	/**
	 * Returns the address the proxy listens on.
	 * @return the loopback address
	 */
	public String host() {
		return RedisServer.HOST;
	}

	/**
	 * Returns the port the proxy listens on.
	 * @return the port
	 */
	public int port() {
		return this.serverSocket.getLocalPort();
	}

	/**
	 * Stops forwarding in both directions. Connections stay open and new ones are
	 * accepted, but no data arrives. Data that is sent in the meantime, and the end of
	 * connections, are forwarded after {@link #forward()}.
	 */
	public void stopForwarding() {
		this.lanes.values().forEach(Lane::shut);
	}

	/**
	 * Stops forwarding in one direction.
	 * @param direction the direction
	 * @see #stopForwarding()
	 */
	public void stopForwarding(Direction direction) {
		lane(direction).shut();
	}

	/**
	 * Resumes forwarding in both directions.
	 */
	public void forward() {
		this.lanes.values().forEach(Lane::open);
	}

	/**
	 * Resets all connections on both sides. New connections are accepted.
	 */
	public void dropConnections() {
		this.connections.forEach(Connection::reset);
	}

	/**
	 * Delays the data that clients send from now on. Replies are not delayed, so a round
	 * trip takes longer by this delay.
	 * @param delay the delay, or zero for none
	 */
	public void delay(Duration delay) {
		delay(Direction.TO_SERVER, delay);
	}

	/**
	 * Delays the data that is sent from now on in one direction.
	 * @param direction the direction
	 * @param delay the delay, or zero for none
	 */
	public void delay(Direction direction, Duration delay) {
		if (delay.isNegative()) {
			throw new IllegalArgumentException("A delay cannot be negative: " + delay);
		}
		lane(direction).delay = delay;
	}

	/**
	 * Returns the number of bytes that were forwarded in one direction.
	 * @param direction the direction
	 * @return the number of bytes of all connections since the start
	 */
	public long bytes(Direction direction) {
		return lane(direction).bytes.get();
	}

	/**
	 * Returns the number of chunks that were sent in one direction and have not been
	 * forwarded yet.
	 * @param direction the direction
	 * @return the number of chunks of all open connections
	 */
	public int onTheWay(Direction direction) {
		return this.connections.stream().mapToInt((connection) -> connection.onTheWay(direction)).sum();
	}

	/**
	 * Returns the number of open client connections.
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
	 * Resets all connections and accepts no new ones. Has no effect if it is closed
	 * already.
	 */
	@Override
	public void close() {
		try {
			this.serverSocket.close();
			// While a thread waits in accept, the system may still accept a connection
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
	 * The direction of data.
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
	 * The state of one direction, shared by all connections.
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
	 * A client's connection and the corresponding connection to the server.
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
					// One side is closed, so the other is closed too
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
	 * One direction of a connection. Chunks wait in a queue, and each releases a permit
	 * to take one when its delay is over, so their order is preserved even if the delay
	 * changes. An empty chunk marks the end.
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
	 * The task of a thread of a connection.
	 */
	@FunctionalInterface
	private interface Task {

		void run() throws IOException, InterruptedException;

	}

}
