package app.session.redis.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the shop as its visitors know it: processes, Redis, HTTP.
 */
abstract class ShopProcesses {

	static final DemoUser ALICE = DemoUser.ALL.get(0);

	static final String SIGN_IN_PAGE = "<h1>Sign in</h1>";

	static final String FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	static final String SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
			+ " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

	private final List<ShopProcess> shops = new ArrayList<>();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path folder;

	private int redisPort;

	@BeforeEach
	void chooseRedisPort() throws IOException {
		this.redisPort = freePort();
	}

	static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	@AfterEach
	void stopShops() {
		this.shops.forEach(ShopProcess::stop);
		assertThat(stopRedis()).as("Redis runs on after the last instance has stopped").isFalse();
	}

	ShopProcess start(int port) throws IOException {
		return stopLater(ShopProcess.start(this.folder, "--server.port=" + port, sameRedis()));
	}

	/** Stops a process after the test. */
	ShopProcess stopLater(ShopProcess shop) {
		this.shops.add(shop);
		return shop;
	}

	/** Returns the argument with the Redis that the processes of a test share. */
	String sameRedis() {
		return "--shop.embedded-redis.port=" + this.redisPort;
	}

	int redisPort() {
		return this.redisPort;
	}

	Path folder() {
		return this.folder;
	}

	boolean redisAnswers() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.redisPort)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Stops a Redis that would otherwise outlive a test that failed.
	 * @return whether there was one to stop
	 */
	private boolean stopRedis() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.redisPort)) {
			socket.getOutputStream().write("SHUTDOWN NOSAVE\r\n".getBytes(StandardCharsets.US_ASCII));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
