package app.session.redis.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests how callers learn whether replicas have received a write, on a server without
 * replicas.
 */
@Timeout(30)
class ConfirmationCallerITests {

	private static final byte[] KEY = "confirmation".getBytes(StandardCharsets.UTF_8);

	private static final Duration LONG = Duration.ofSeconds(20);

	private final CallSenders senders = new CallSenders();

	private final ExecutorService executor = Executors.newSingleThreadExecutor((task) -> new Thread(task, "caller"));

	private final Caller nonBlocking = new NonBlockingCaller(this.executor, LONG);

	private final Caller blocking = new BlockingCaller(LONG);

	@AfterEach
	void close() {
		this.senders.close();
		this.executor.shutdownNow();
	}

	private ReplicaConfirmation confirmation(RedisServer server, int replicas, Duration timeout) {
		return new ReplicaConfirmation(this.senders.on(server).connectionFactory(), replicas, timeout);
	}

	@Test
	void aCallerThatMustNotBlockIsNotifiedOnItsOwnThread() throws Exception {
		try (ReplicaConfirmation confirmation = confirmation(SharedRedis.standalone(), 0, LONG)) {
			CompletableFuture<String> thread = confirmation.confirm(this.nonBlocking, KEY)
				.thenApply((confirmed) -> confirmed + " on " + Thread.currentThread().getName())
				.toCompletableFuture();
			assertThat(thread.get(20, TimeUnit.SECONDS)).isEqualTo("true on caller");
		}
	}

	@Test
	void tooFewReplicasDoNotConfirm() throws Exception {
		try (ReplicaConfirmation confirmation = confirmation(SharedRedis.standalone(), 1, Duration.ofMillis(200))) {
			CompletableFuture<Boolean> confirmed = confirmation.confirm(this.nonBlocking, KEY).toCompletableFuture();
			assertThat(confirmed).isNotDone();
			assertThat(confirmed.get(20, TimeUnit.SECONDS)).isFalse();
			assertThat(confirmation.confirm(this.blocking, KEY)).isCompletedWithValue(false);
		}
	}

	@Test
	void anUnreachableServerConfirmsNothing() throws Exception {
		try (RedisServer server = RedisServer.start()) {
			server.kill();
			try (ReplicaConfirmation confirmation = confirmation(server, 0, LONG)) {
				assertThat(confirmation.confirm(this.blocking, KEY)).isCompletedWithValue(false);
				assertThat(confirmation.confirm(this.nonBlocking, KEY).toCompletableFuture().get(20, TimeUnit.SECONDS))
					.isFalse();
			}
		}
	}

	@Test
	void anInterruptedThreadGetsNoConfirmation() {
		try (ReplicaConfirmation confirmation = confirmation(SharedRedis.standalone(), 1, LONG)) {
			Thread.currentThread().interrupt();
			assertThat(confirmation.confirm(this.blocking, KEY)).isCompletedWithValue(false);
			assertThat(Thread.interrupted()).isTrue();
		}
	}

}
