package app.session.redis.test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Allocates ports for servers. They are below the range from which operating systems take
 * the local ports of outgoing connections; otherwise a client that keeps trying to reach
 * a stopped server would eventually occupy its port, or connect to itself. Each port is
 * allocated once before any is allocated again, so that a client of a closed server does
 * not reach another server.
 */
public final class FreePort {

	/**
	 * Distance from a server's port to its cluster bus port.
	 */
	static final int CLUSTER_BUS_OFFSET = 10000;

	private static final int FIRST = 10000;

	private static final int COUNT = 12768;

	private static final AtomicInteger next = new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

	private FreePort() {
	}

	/**
	 * Returns a port that is currently free and whose cluster bus port is also free.
	 * Another process may take it before it is used.
	 * @return the port
	 */
	public static int find() {
		for (int attempt = 0; attempt < COUNT; attempt++) {
			int port = FIRST + Math.floorMod(next.getAndIncrement(), COUNT);
			if (isFree(port) && isFree(port + CLUSTER_BUS_OFFSET)) {
				return port;
			}
		}
		throw new IllegalStateException("No free port from " + FIRST + " to " + (FIRST + COUNT - 1));
	}

	private static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress(RedisServer.HOST, port));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
