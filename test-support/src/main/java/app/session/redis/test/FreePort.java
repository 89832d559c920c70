package app.session.redis.test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers. They lie below the range from which systems take the local ports of
 * outgoing connections: a client that keeps trying to reach a stopped server would
 * otherwise sooner or later occupy its port, or connect to itself. Each port is given out
 * once before any is given out again, so that a client of a closed server does not turn
 * up at another.
 */
final class FreePort {

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
	 * Return a port that is free at this moment, as is the cluster bus port that belongs
	 * to it. Somebody else may take it before it is used.
	 * @return the port
	 */
	static int find() {
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
