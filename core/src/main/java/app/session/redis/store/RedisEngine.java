package app.session.redis.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

import app.session.redis.store.SessionStoreUnavailableException.Reason;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Sends calls to Redis over the connection that the factory shares, several of them in
 * one flush where one server takes them all, and turns failures into
 * {@link SessionStoreUnavailableException}s.
 */
public final class RedisEngine {

	private static final Log logger = LogFactory.getLog(RedisEngine.class);

	private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

	private final LettuceConnectionFactory connectionFactory;

	private final Duration commandTimeout;

	private final StoreCounts counts;

	private final @Nullable Breaker breaker;

	/** Whether each undertaking has a connection to itself. */
	private final boolean pooled;

	/** Whether the client itself fails a command as soon as callers give it up. */
	private final boolean timesOut;

	private final AtomicLong unawaitedCount = new AtomicLong();

	private final Map<Long, CompletableFuture<?>> unawaited = new ConcurrentHashMap<>();

	/**
	 * The scripts that Redis is thought to have. As soon as it lacks one, it is thought
	 * to have lost them all, so that the first script of a flush isn't sent again after
	 * those that must follow it.
	 */
	private final Set<LuaScript> loaded = ConcurrentHashMap.newKeySet();

	private final Map<Reason, Long> logged = new ConcurrentHashMap<>();

	private final BlockingTasks blockingTasks;

	private final SharedConnection shared;

	/**
	 * Creates an engine.
	 * @param connectionFactory where connections come from; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout how long a caller waits for an answer
	 * @param circuitBreaker decides whether Redis is asked, or null: it always is, as is
	 * a cluster
	 */
	public RedisEngine(RedisConnectionFactory connectionFactory, Duration commandTimeout,
			@Nullable CircuitBreaker circuitBreaker) {
		this(connectionFactory, commandTimeout, circuitBreaker, new StoreCounts());
	}

	/**
	 * Creates an engine.
	 * @param connectionFactory where connections come from; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout how long a caller waits for an answer
	 * @param circuitBreaker decides whether Redis is asked, or null: it always is, as is
	 * a cluster
	 * @param counts counts what is sent
	 */
	public RedisEngine(RedisConnectionFactory connectionFactory, Duration commandTimeout,
			@Nullable CircuitBreaker circuitBreaker, StoreCounts counts) {
		this.connectionFactory = requireLettuce(connectionFactory);
		this.commandTimeout = commandTimeout;
		this.counts = counts;
		this.blockingTasks = new BlockingTasks();
		this.shared = new SharedConnection(this.connectionFactory, this.blockingTasks, false);
		this.pooled = !this.connectionFactory.getShareNativeConnection();
		LettuceClientConfiguration client = this.connectionFactory.getClientConfiguration();
		this.timesOut = client.getCommandTimeout().compareTo(commandTimeout) <= 0 && client.getClientOptions()
			.map(ClientOptions::getTimeoutOptions)
			.map(TimeoutOptions::isTimeoutCommands)
			.orElse(false);
		// One primary of a cluster that is away must not keep requests from the others
		this.breaker = (circuitBreaker != null && !isCluster()) ? new Breaker(circuitBreaker, this::ping) : null;
	}

	/**
	 * Creates an engine with a connection of its own, for answers that are so large that
	 * they would delay others. What it sends says nothing about whether Redis answers
	 * requests, so that it has no circuit breaker.
	 */
	private RedisEngine(RedisEngine requests) {
		this.connectionFactory = requests.connectionFactory;
		this.commandTimeout = requests.commandTimeout;
		this.counts = requests.counts;
		this.pooled = requests.pooled;
		this.timesOut = requests.timesOut;
		this.breaker = null;
		this.blockingTasks = requests.blockingTasks;
		this.shared = new SharedConnection(this.connectionFactory, this.blockingTasks, true);
	}

	/**
	 * Returns an engine with a connection of its own, which is opened when it is first
	 * used. Over a pool each undertaking has its own connection in any case.
	 */
	RedisEngine separate() {
		return new RedisEngine(this);
	}

	/** Closes the own connection, and opens none until {@link #allow()}. */
	void close() {
		this.shared.close();
	}

	/** Lets an own connection be opened again after {@link #close()}. */
	void allow() {
		this.shared.allow();
	}

	/**
	 * Closes the own connection, so that nothing has to wait for an answer which nobody
	 * reads any more. The next use opens another.
	 */
	void drop() {
		this.shared.drop();
	}

	/**
	 * Checks that the store can work with a connection factory.
	 * @param connectionFactory the factory
	 * @return the factory
	 * @throws IllegalArgumentException if it can't
	 */
	public static LettuceConnectionFactory requireLettuce(RedisConnectionFactory connectionFactory) {
		if (!(connectionFactory instanceof LettuceConnectionFactory lettuce)) {
			throw new IllegalArgumentException("The session store works asynchronously and needs a"
					+ " LettuceConnectionFactory, but was given a " + connectionFactory.getClass().getName()
					+ ". Define a LettuceConnectionFactory annotated with @SpringSessionRedisConnectionFactory,"
					+ " or none, so that one is made");
		}
		return lettuce;
	}

	StoreCounts counts() {
		return this.counts;
	}

	/**
	 * Whether the sessions are kept by a cluster.
	 * @return true if so
	 */
	public boolean isCluster() {
		return this.connectionFactory.isClusterAware();
	}

	LettuceConnectionFactory connectionFactory() {
		return this.connectionFactory;
	}

	/**
	 * Waits for an answer, for the command timeout at most.
	 * @param <T> the type of the answer
	 * @param stage the answer to come
	 * @return the answer
	 * @throws SessionStoreUnavailableException if there is none
	 */
	public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
		CompletableFuture<T> future = stage.toCompletableFuture();
		try {
			return future.get(this.commandTimeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SessionStoreUnavailableException(Reason.FAILED, "interrupted while waiting", ex);
		}
		catch (TimeoutException | ExecutionException ex) {
			throw Failures.translate(ex);
		}
	}

	/**
	 * Lets a command that nobody waits for go on, and logs its failure.
	 * @param stage the answer to come
	 * @param purpose what the command was for, for the log
	 */
	void background(CompletionStage<?> stage, String purpose) {
		CompletableFuture<?> future = stage.toCompletableFuture();
		Long number = this.unawaitedCount.incrementAndGet();
		this.unawaited.put(number, future);
		var unused = future.whenComplete((result, failure) -> {
			this.unawaited.remove(number);
			if (failure != null) {
				logger.debug(purpose + " failed; the collector will make up for it", failure);
			}
		});
	}

	/**
	 * Waits until commands that nobody waited for are through, and connections that are
	 * being made are there, for the command timeout at most each. Ends what goes on in
	 * the background.
	 */
	public void drain() {
		if (this.breaker != null) {
			this.breaker.close();
		}
		try {
			CompletableFuture.allOf(this.unawaited.values().toArray(CompletableFuture[]::new))
				.get(this.commandTimeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.debug("Commands in the background did not end well", ex);
		}
		this.blockingTasks.end(this.commandTimeout);
	}

	/**
	 * Sends one call.
	 * @param call the call
	 * @return its answer to come
	 */
	CompletableFuture<Reply> send(Call call) {
		if (isSent(call)) {
			this.counts.addRoundTrip();
		}
		return call.reply();
	}

	/** Sends a call if Redis may be asked and there is a connection. */
	private boolean isSent(Call call) {
		if (!isPermitted(call)) {
			return false;
		}
		if (this.pooled) {
			borrow(List.of(call));
			return true;
		}
		StatefulConnection<byte[], byte[]> connection = connection(call);
		if (connection == null) {
			return false;
		}
		dispatch(connection, call);
		return true;
	}

	/**
	 * Sends several calls in the order given: to one server in one flush, to a cluster
	 * each to its node.
	 * @param calls the calls
	 */
	void send(Collection<Call> calls) {
		if (calls.isEmpty()) {
			return;
		}
		if (isCluster() || calls.size() == 1) {
			boolean sent = false;
			for (Call call : calls) {
				sent |= isSent(call);
			}
			if (sent) {
				this.counts.addRoundTrip();
			}
			return;
		}
		List<Call> permitted = calls.stream().filter(this::isPermitted).toList();
		if (permitted.size() < calls.size()) {
			// One flush is one undertaking
			permitted.forEach((call) -> fail(call, notAsked()));
			return;
		}
		if (this.pooled) {
			borrow(permitted);
			this.counts.addRoundTrip();
			return;
		}
		StatefulConnection<byte[], byte[]> connection = connection(calls.toArray(Call[]::new));
		if (connection == null) {
			return;
		}
		dispatch(connection, calls);
		this.counts.addRoundTrip();
	}

	private void dispatch(StatefulConnection<byte[], byte[]> connection, Collection<Call> calls) {
		List<RedisCommand<byte[], byte[], ?>> commands = new ArrayList<>(calls.size());
		for (Call call : calls) {
			commands.add(prepare(connection, call));
		}
		try {
			connection.dispatch(commands);
		}
		catch (RuntimeException ex) {
			calls.forEach((call) -> fail(call, ex));
		}
	}

	/**
	 * Sends calls over a connection of the pool, which has it back when all are answered.
	 * Waiting for one may take a while, which no thread of the client must.
	 */
	private void borrow(List<Call> calls) {
		if (Thread.currentThread() instanceof FastThreadLocalThread) {
			this.blockingTasks.start("redis-session-pool", () -> borrowHere(calls));
		}
		else {
			borrowHere(calls);
		}
	}

	private void borrowHere(List<Call> calls) {
		RedisConnection borrowed = null;
		try {
			borrowed = SharedConnection.open(this.connectionFactory);
			StatefulConnection<byte[], byte[]> connection = SharedConnection.nativeOf(borrowed);
			var unused = CompletableFuture.allOf(calls.stream().map(Call::reply).toArray(CompletableFuture[]::new))
				.whenComplete(giveBack(borrowed));
			dispatch(connection, calls);
		}
		catch (RuntimeException ex) {
			if (borrowed != null) {
				borrowed.close();
			}
			calls.forEach((call) -> fail(call, ex));
		}
	}

	private static BiConsumer<Object, Throwable> giveBack(RedisConnection borrowed) {
		return (replies, failure) -> borrowed.close();
	}

	/** Whether Redis may be asked; if not, the call has failed. */
	private boolean isPermitted(Call call) {
		Breaker breaker = this.breaker;
		if (breaker != null && !breaker.permits()) {
			fail(call, notAsked());
			return false;
		}
		if (!this.timesOut) {
			var unused = call.reply().orTimeout(this.commandTimeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		if (breaker != null) {
			var unused = call.reply().whenComplete((reply, failure) -> breaker.record(failure));
		}
		return true;
	}

	private static SessionStoreUnavailableException notAsked() {
		return new SessionStoreUnavailableException(Reason.NOT_ASKED, null, null);
	}

	private CompletionStage<?> ping() {
		this.counts.addRoundTrip();
		Call ping = Call.of(CommandType.PING);
		if (this.pooled) {
			borrow(List.of(ping));
			return ping.reply();
		}
		return this.shared.connected().thenCompose((connected) -> {
			dispatch(connected, ping);
			return ping.reply();
		});
	}

	private void dispatch(StatefulConnection<byte[], byte[]> connection, Call call) {
		try {
			connection.dispatch(prepare(connection, call));
		}
		catch (RuntimeException ex) {
			fail(call, ex);
		}
	}

	private AsyncCommand<byte[], byte[], Reply> prepare(StatefulConnection<byte[], byte[]> connection, Call call) {
		LuaScript script = call.script();
		boolean withSource = script != null && !this.loaded.contains(script);
		AsyncCommand<byte[], byte[], Reply> command = call.command(withSource);
		this.counts.addCommand();
		var unused = command.whenComplete((reply, failure) -> {
			if (failure == null) {
				if (withSource) {
					this.loaded.add(script);
				}
				call.reply().complete(reply);
			}
			else if (script != null && !withSource && Failures.isNoScript(failure)) {
				this.loaded.clear();
				this.counts.addRoundTrip();
				dispatch(connection, call);
			}
			else {
				fail(call, failure);
			}
		});
		return command;
	}

	private void fail(Call call, Throwable failure) {
		SessionStoreUnavailableException translated = Failures.translate(failure);
		if (translated.getReason() == Reason.READ_ONLY && !isCluster()) {
			this.shared.renew("This Redis is no primary any more");
		}
		else if (translated.getReason() == Reason.NO_REPLICAS) {
			this.shared.renewIfReplaced();
		}
		log(translated);
		call.reply().completeExceptionally(translated);
	}

	/** Each kind of failure once in a while, rather than with each request. */
	private void log(SessionStoreUnavailableException failure) {
		if (failure.getReason() == Reason.NOT_ASKED || failure.getReason() == Reason.FAILED) {
			return;
		}
		long now = System.nanoTime();
		Long last = this.logged.get(failure.getReason());
		if ((last == null) ? this.logged.putIfAbsent(failure.getReason(), now) == null
				: now - last > LOG_PAUSE_NANOS && this.logged.replace(failure.getReason(), last, now)) {
			logger.warn(failure.getMessage());
		}
	}

	private @Nullable StatefulConnection<byte[], byte[]> connection(Call... calls) {
		StatefulConnection<byte[], byte[]> connection = this.shared.get();
		if (connection != null) {
			return connection;
		}
		try {
			return await(this.shared.connected());
		}
		catch (RuntimeException ex) {
			for (Call call : calls) {
				fail(call, ex);
			}
			return null;
		}
	}

}
