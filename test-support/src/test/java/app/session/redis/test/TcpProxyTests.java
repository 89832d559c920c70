package app.session.redis.test;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class TcpProxyTests {

	private ServerSocket listener;

	private TcpProxy proxy;

	private Socket client;

	private Socket server;

	@BeforeEach
	void connect() throws Exception {
		this.listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
		this.proxy = TcpProxy.to("127.0.0.1", this.listener.getLocalPort());
		this.client = connectThroughProxy();
		this.server = this.listener.accept();
		this.server.setSoTimeout(5000);
	}

	@AfterEach
	void close() throws Exception {
		this.client.close();
		this.server.close();
		this.listener.close();
		this.proxy.close();
		this.proxy.close();
	}

	private Socket connectThroughProxy() throws IOException {
		Socket socket = new Socket(this.proxy.host(), this.proxy.port());
		socket.setTcpNoDelay(true);
		socket.setSoTimeout(5000);
		return socket;
	}

	private static void send(Socket socket, String text) throws IOException {
		socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
	}

	private static String receive(Socket socket, int length) throws IOException {
		return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
	}

	private static void assertSilent(Socket socket) throws IOException {
		socket.setSoTimeout(200);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> socket.getInputStream().read());
		socket.setSoTimeout(5000);
	}

	@Test
	void bytesAreForwardedAndCounted() throws Exception {
		send(this.client, "request");
		assertThat(receive(this.server, 7)).isEqualTo("request");
		send(this.server, "an answer");
		assertThat(receive(this.client, 9)).isEqualTo("an answer");
		assertThat(this.proxy.bytes(Direction.TO_SERVER)).isEqualTo(7);
		assertThat(this.proxy.bytes(Direction.TO_CLIENT)).isEqualTo(9);
		assertThat(this.proxy.connections()).isEqualTo(1);
	}

	@Test
	void manyBytesArriveInOrder() throws Exception {
		int length = 20_000_000;
		Thread sender = new Thread(() -> {
			try {
				byte[] bytes = new byte[length];
				for (int i = 0; i < length; i++) {
					bytes[i] = (byte) (i * 31 / 7);
				}
				this.client.getOutputStream().write(bytes);
				this.client.shutdownOutput();
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		});
		sender.start();
		InputStream in = this.server.getInputStream();
		byte[] received = in.readAllBytes();
		assertThat(received).hasSize(length);
		for (int i = 0; i < length; i++) {
			if (received[i] != (byte) (i * 31 / 7)) {
				throw new AssertionError("Byte " + i);
			}
		}
		assertThat(this.proxy.bytes(Direction.TO_SERVER)).isEqualTo(length);
	}

	@Test
	void stopForwardingKeepsConnectionsSilentUntilForward() throws Exception {
		this.proxy.stopForwarding();
		send(this.client, "request");
		send(this.server, "answer");
		assertSilent(this.server);
		assertSilent(this.client);
		try (Socket another = connectThroughProxy(); Socket anotherServer = this.listener.accept()) {
			send(another, "new");
			assertSilent(anotherServer);
			this.proxy.forward();
			assertThat(receive(anotherServer, 3)).isEqualTo("new");
		}
		assertThat(receive(this.server, 7)).isEqualTo("request");
		assertThat(receive(this.client, 6)).isEqualTo("answer");
	}

	@Test
	void stopForwardingInOneDirectionLeavesTheOther() throws Exception {
		this.proxy.stopForwarding(Direction.TO_CLIENT);
		send(this.client, "request");
		assertThat(receive(this.server, 7)).isEqualTo("request");
		send(this.server, "answer");
		assertSilent(this.client);
		this.proxy.forward();
		assertThat(receive(this.client, 6)).isEqualTo("answer");
	}

	@Test
	void dropConnectionsBreaksBothSidesAndAcceptsNewOnes() throws Exception {
		this.proxy.dropConnections();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.client.getInputStream().read());
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.server.getInputStream().read());
		assertThat(this.proxy.connections()).isZero();
		try (Socket another = connectThroughProxy(); Socket anotherServer = this.listener.accept()) {
			send(another, "new");
			assertThat(receive(anotherServer, 3)).isEqualTo("new");
		}
	}

	@Test
	void dropConnectionsBreaksSilentOnesToo() throws Exception {
		this.proxy.stopForwarding();
		send(this.client, "request");
		this.proxy.dropConnections();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.client.getInputStream().read());
		await().until(() -> threads() <= 2);
	}

	@Test
	void delayPostponesRequestsOnlyAndKeepsTheirOrder() throws Exception {
		this.proxy.delay(Duration.ofMillis(300));
		long start = System.nanoTime();
		send(this.client, "one");
		await().pollInterval(Duration.ofMillis(5)).until(() -> this.proxy.onTheWay(Direction.TO_SERVER) == 1);
		assertThat(this.proxy.onTheWay(Direction.TO_CLIENT)).isZero();
		assertThat(receive(this.server, 3)).isEqualTo("one");
		assertThat(this.proxy.onTheWay(Direction.TO_SERVER)).isZero();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(299),
				Duration.ofSeconds(3));
		start = System.nanoTime();
		send(this.server, "answer");
		assertThat(receive(this.client, 6)).isEqualTo("answer");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(250));
		send(this.client, "two");
		this.proxy.delay(Duration.ZERO);
		send(this.client, "three");
		assertThat(receive(this.server, 8)).isEqualTo("twothree");
	}

	@Test
	void delayIsNotNegative() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.proxy.delay(Duration.ofMillis(-1)));
	}

	@Test
	void endOfAConnectionIsForwarded() throws Exception {
		send(this.client, "bye");
		this.client.shutdownOutput();
		assertThat(receive(this.server, 10)).isEqualTo("bye");
		send(this.server, "bye");
		this.server.close();
		assertThat(receive(this.client, 10)).isEqualTo("bye");
		await().until(() -> this.proxy.connections() == 0);
		await().until(() -> threads() <= 2);
	}

	@Test
	void serverThatIsNotThereEndsTheConnection() throws Exception {
		this.listener.close();
		try (Socket another = connectThroughProxy()) {
			assertThat(another.getInputStream().read()).isEqualTo(-1);
		}
	}

	@Test
	void closeRefusesConnectionsAndEndsAllThreads() {
		this.proxy.close();
		assertThatExceptionOfType(IOException.class).isThrownBy(this::connectThroughProxy);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.client.getInputStream().read());
		await().until(() -> threads() == 0);
	}

	@Test
	void redisClientWorksThroughTheProxyAndReconnects() throws Exception {
		try (TcpProxy redis = TcpProxy.to(SharedRedis.standalone())) {
			RedisClient redisClient = RedisClient.create(Lettuce.resources(), "redis://127.0.0.1:" + redis.port());
			try (StatefulRedisConnection<String, String> connection = redisClient.connect()) {
				assertThat(connection.sync().set("proxied", "1")).isEqualTo("OK");
				redis.stopForwarding();
				RedisFuture<String> answer = connection.async().get("proxied");
				assertThat(answer.await(200, TimeUnit.MILLISECONDS)).isFalse();
				redis.forward();
				assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo("1");
				redis.dropConnections();
				await().ignoreExceptionsInstanceOf(RedisException.class)
					.until(() -> connection.sync().get("proxied").equals("1"));
			}
			finally {
				redisClient.shutdown();
			}
		}
	}

	private long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("tcp-proxy-" + this.proxy.port() + "-"))
			.count();
	}

}
