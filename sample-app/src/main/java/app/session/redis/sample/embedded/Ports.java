package app.session.redis.sample.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Utility methods for TCP ports on the loopback address.
 */
final class Ports {

	private Ports() {
	}

	static boolean isFree(int port) {
		try {
			return open(port) == port;
		}
		catch (IOException ex) {
			return false;
		}
	}

	static int anyFree() throws IOException {
		return open(0);
	}

	private static int open(int port) throws IOException {
		try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
