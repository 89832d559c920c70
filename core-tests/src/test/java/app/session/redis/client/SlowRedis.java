package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import app.session.redis.store.SessionStore;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import app.session.redis.test.TcpProxy.Direction;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Redis whose replies are delayed, and a caller that must not block: all continuations
 * run on one thread, and a wait for a reply on that thread is detected.
 */
public final class SlowRedis implements AutoCloseable {

	/** The name of the thread on which use cases continue. */
	public static final String THREAD = "non-blocking-caller";

	private static final Duration DELAY = Duration.ofMillis(500);

	private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);

	private final CallSenders senders = new CallSenders().timeout(COMMAND_TIMEOUT);

	private final ExecutorService executor = Executors.newSingleThreadExecutor((task) -> new Thread(task, THREAD));

	private final AtomicLong longestTask = new AtomicLong();

	private final NonBlockingCaller caller = new NonBlockingCaller(this::execute, COMMAND_TIMEOUT);

	private final TcpProxy proxy;

	private final SessionStore store;

	/**
	 * Connects to a server.
	 * @param server the server
	 */
	public SlowRedis(RedisServer server) throws Exception {
		this.proxy = TcpProxy.to(server);
		CallSender sender = this.senders.on(this.proxy.host(), this.proxy.port());
		sender.setCallersMayBlock(this.caller.mayBlock());
		// The first connection takes many round trips
		sender.send(Call.of(CommandType.PING)).get(30, TimeUnit.SECONDS);
		this.store = new SessionStore(sender, "app:session");
		this.proxy.delay(Direction.TO_CLIENT, DELAY);
	}

	private void execute(Runnable task) {
		this.executor.execute(() -> {
			long start = System.nanoTime();
			task.run();
			this.longestTask.accumulateAndGet(System.nanoTime() - start, Math::max);
		});
	}

	public Caller caller() {
		return this.caller;
	}

	public SessionStore store() {
		return this.store;
	}

	/** Stops the delay of replies. */
	public void stopDelay() {
		this.proxy.delay(Direction.TO_CLIENT, Duration.ZERO);
	}

	/**
	 * Starts a use case, which has to return before there can be a reply.
	 * @param <T> the type of the result
	 * @param useCase the use case
	 * @return its result to come
	 */
	public <T extends @Nullable Object> CompletableFuture<T> start(Supplier<CompletionStage<T>> useCase) {
		long start = System.nanoTime();
		CompletableFuture<T> stage = useCase.get().toCompletableFuture();
		assertThat(stage).isNotDone();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DELAY);
		return stage.thenApply((result) -> {
			assertThat(Thread.currentThread().getName()).isEqualTo(THREAD);
			return result;
		});
	}

	/** Requires that no step of a use case has waited for a reply. */
	public void assertNothingBlocked() throws Exception {
		// The last step completes its result before it ends
		this.executor.submit(() -> {
		}).get(10, TimeUnit.SECONDS);
		assertThat(Duration.ofNanos(this.longestTask.get())).isPositive().isLessThan(DELAY);
	}

	@Override
	public void close() {
		stopDelay();
		this.senders.close();
		this.executor.shutdownNow();
		this.proxy.close();
	}

}
