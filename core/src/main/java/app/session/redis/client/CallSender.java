package app.session.redis.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Sends calls to Redis over the connection that the factory shares. Several calls to the
 * same server are sent in one flush. Failures become
 * {@link SessionStoreUnavailableException}s.
 */
public final class CallSender {

	/** The maximum number of calls in a flush. */
	public static final int FLUSH_SIZE = 500;

	private final LettuceConnectionFactory connectionFactory;

	private final Duration commandTimeout;

	private final SessionCounts counts;

	private final @Nullable Breaker breaker;

	/** Whether each flush uses a pooled connection of its own. */
	private final boolean pooled;

	/** Whether the client itself fails a command no later than the callers' timeout. */
	private final boolean timesOut;

	/**
	 * The scripts that Redis is assumed to have. If one is missing, all are assumed to be
	 * lost, so that the first script of a flush isn't sent again after those that must
	 * follow it. The sources are read here, because a thread that sends must not wait for
	 * files.
	 */
	private final Set<LuaScript> loaded = ConcurrentHashMap.newKeySet(LuaScript.values().length);

	private final BlockingTasks blockingTasks;

	private final CallTimer timer;

	private final SharedConnection shared;

	private final WaitingCalls waiting;

	private final PooledConnections pool;

	private final FailedCalls failed;

	private final BackgroundCalls background = new BackgroundCalls();

	/**
	 * Creates a sender.
	 * @param connectionFactory the source of connections; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout the timeout for replies
	 * @param circuitBreaker decides whether calls are sent; if it is null, or Redis is a
	 * cluster, they always are
	 */
	public CallSender(RedisConnectionFactory connectionFactory, Duration commandTimeout,
			@Nullable CircuitBreaker circuitBreaker) {
		this(connectionFactory, commandTimeout, circuitBreaker, new SessionCounts());
	}

	/**
	 * Creates a sender.
	 * @param connectionFactory the source of connections; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout the timeout for replies
	 * @param circuitBreaker decides whether calls are sent; if it is null, or Redis is a
	 * cluster, they always are
	 * @param counts counts the commands and round trips
	 */
	public CallSender(RedisConnectionFactory connectionFactory, Duration commandTimeout,
			@Nullable CircuitBreaker circuitBreaker, SessionCounts counts) {
		this.connectionFactory = requireLettuce(connectionFactory);
		this.commandTimeout = commandTimeout;
		this.counts = counts;
		this.blockingTasks = new BlockingTasks();
		this.timer = new CallTimer();
		this.shared = new SharedConnection(this.connectionFactory, this.blockingTasks, commandTimeout, false);
		this.pool = new PooledConnections(this.connectionFactory, this.blockingTasks, this.timer, commandTimeout);
		this.pooled = !this.connectionFactory.getShareNativeConnection();
		this.failed = new FailedCalls(this.shared, this.pool, this.pooled, isCluster());
		this.waiting = waiting();
		LettuceClientConfiguration client = this.connectionFactory.getClientConfiguration();
		this.timesOut = client.getCommandTimeout().compareTo(commandTimeout) <= 0 && client.getClientOptions()
			.map(ClientOptions::getTimeoutOptions)
			.map(TimeoutOptions::isTimeoutCommands)
			.orElse(false);
		// An unavailable primary of a cluster must not block requests to the others
		this.breaker = (circuitBreaker != null && !isCluster()) ? new Breaker(circuitBreaker, this::ping) : null;
	}

	/**
	 * Creates a sender with a separate connection, for replies that are so large that
	 * they would delay others. Their outcome doesn't indicate whether Redis can serve
	 * requests, so this sender has no circuit breaker.
	 */
	private CallSender(CallSender requests) {
		this.connectionFactory = requests.connectionFactory;
		this.commandTimeout = requests.commandTimeout;
		this.counts = requests.counts;
		this.pooled = requests.pooled;
		this.timesOut = requests.timesOut;
		this.breaker = null;
		this.blockingTasks = requests.blockingTasks;
		this.timer = requests.timer;
		this.shared = new SharedConnection(this.connectionFactory, this.blockingTasks, this.commandTimeout, true);
		this.pool = requests.pool;
		this.failed = new FailedCalls(this.shared, this.pool, this.pooled, isCluster());
		this.waiting = waiting();
	}

	private WaitingCalls waiting() {
		return new WaitingCalls(this.shared, this.timer, this.commandTimeout.toNanos(), this::dispatch,
				this.failed::fail);
	}

	/**
	 * Returns a sender with a separate connection, which is opened on first use. With a
	 * pool, each flush has its own connection in any case.
	 */
	public CallSender separate() {
		return new CallSender(this);
	}

	/** Closes the separate connection, and opens none until {@link #allow()}. */
	public void close() {
		this.shared.close();
	}

	/**
	 * Allows a separate connection to be opened again after {@link #close()}, and Redis
	 * to be probed again after {@link #drain()} if it was unavailable then.
	 */
	public void allow() {
		this.shared.allow();
		if (this.breaker != null) {
			this.breaker.allow();
		}
	}

	/**
	 * Closes the separate connection, so that no call waits behind a reply that is no
	 * longer needed. The next use opens another.
	 */
	public void drop() {
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
			throw new IllegalArgumentException("The session store works asynchronously and requires a "
					+ "LettuceConnectionFactory, but the connection factory is a "
					+ connectionFactory.getClass().getName() + ". Define a LettuceConnectionFactory annotated with "
					+ "@SpringSessionRedisConnectionFactory, or define none, so that the starter creates one");
		}
		return lettuce;
	}

	public Duration commandTimeout() {
		return this.commandTimeout;
	}

	public SessionCounts counts() {
		return this.counts;
	}

	/** Returns whether the sessions are stored in a cluster. */
	public boolean isCluster() {
		return this.connectionFactory.isClusterAware();
	}

	public LettuceConnectionFactory connectionFactory() {
		return this.connectionFactory;
	}

	/**
	 * Waits for a reply, for at most the command timeout.
	 * @param <T> the type of the reply
	 * @param stage the stage of the reply
	 * @return the reply
	 * @throws SessionStoreUnavailableException if there is none
	 */
	public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
		return await(stage, Duration.ZERO);
	}

	/**
	 * Waits for a reply, for at most the command timeout plus the time for which the call
	 * is repeated.
	 * @param <T> the type of the reply
	 * @param stage the stage of the reply
	 * @param patience how long the call may be repeated because its slot is moving
	 * @return the reply
	 * @throws SessionStoreUnavailableException if there is none
	 */
	public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration patience) {
		CompletableFuture<T> future = stage.toCompletableFuture();
		try {
			return future.get(this.commandTimeout.plus(patience).toNanos(), TimeUnit.NANOSECONDS);
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
	 * Registers a command that no caller waits for, and logs its failure.
	 * @param stage the stage of the reply
	 * @param purpose what the command is for, for the log
	 */
	public void background(CompletionStage<?> stage, String purpose) {
		this.background.add(stage, purpose);
	}

	/**
	 * Waits for the background commands, without blocking.
	 * @return a stage that completes when all background commands that are in progress
	 * now have ended: with true if all have succeeded, else with false
	 */
	public CompletionStage<Boolean> backgroundDone() {
		return this.background.done().handle((done, failure) -> failure == null);
	}

	/**
	 * Waits for the background commands and for connections that are being opened, for at
	 * most the command timeout each, and stops the threads of the sender. Redis isn't
	 * probed again until {@link #allow()}, even if commands that fail meanwhile open the
	 * circuit breaker.
	 */
	public void drain() {
		if (this.breaker != null) {
			this.breaker.close();
		}
		this.background.await(this.commandTimeout);
		this.blockingTasks.end(this.commandTimeout);
		this.timer.close();
	}

	/**
	 * Handles a read that Redis answered without recording the access: follows a
	 * failover, and logs a warning at most once a minute.
	 * @param reason why Redis refused to record the access
	 */
	public void touchRefused(Reason reason) {
		this.failed.touchRefused(reason);
	}

	/**
	 * Sets whether threads that send calls may wait for a pooled connection. If not,
	 * connections are borrowed on threads of the store. Also applies to senders that were
	 * {@linkplain #separate() separated} from this one. Default: true, except for threads
	 * of the client.
	 * @param mayBlock whether they may wait
	 */
	public void setCallersMayBlock(boolean mayBlock) {
		this.pool.callersMayBlock(mayBlock);
	}

	/**
	 * Sends one call. Never blocks a thread of the client: if there is no connection, the
	 * call is queued for at most the command timeout. With a pool, other threads may
	 * block until a connection is free, unless {@linkplain #setCallersMayBlock(boolean)
	 * disabled}.
	 * @param call the call
	 * @return the future of its reply
	 */
	public CompletableFuture<Reply> send(Call call) {
		flush(List.of(call));
		return call.reply();
	}

	/**
	 * Sends several calls in the given order: in one flush to a single server, or each to
	 * its node of a cluster. At most {@value #FLUSH_SIZE} calls are sent at a time; the
	 * next ones follow when these are answered, and are not sent if the store fails one.
	 * @param calls the calls
	 */
	public void send(Collection<Call> calls) {
		flushFrom(List.copyOf(calls), 0);
	}

	/**
	 * Sends calls and another call that must not be executed before them. A single server
	 * executes them in that order from one flush. On a cluster, where the keys may be on
	 * different nodes, the last call is sent when the others are answered.
	 * @param before the calls to execute first; may be empty
	 * @param call the last call
	 * @return the reply to the last call; fails if any of the calls does
	 */
	public CompletableFuture<Reply> sendAfter(List<Call> before, Call call) {
		if (before.isEmpty()) {
			return send(call);
		}
		if (isCluster()) {
			send(before);
			return Call.all(before).thenCompose((ignored) -> send(call));
		}
		List<Call> calls = new ArrayList<>(before);
		calls.add(call);
		send(calls);
		return Call.all(calls).thenApply((ignored) -> call.received());
	}

	private void flushFrom(List<Call> calls, int from) {
		int end = Math.min(from + FLUSH_SIZE, calls.size());
		if (from == end) {
			return;
		}
		List<Call> flush = calls.subList(from, end);
		flush(flush);
		if (end < calls.size()) {
			var unused = Call.allButDamaged(flush).whenComplete((replies, failure) -> {
				if (failure == null) {
					flushFrom(calls, end);
				}
				else {
					calls.subList(end, calls.size()).forEach((call) -> this.failed.fail(call, failure));
				}
			});
		}
	}

	/** Sends calls in one flush if the circuit breaker permits them. */
	private void flush(List<Call> calls) {
		try {
			if (isPermitted(calls)) {
				route(calls);
			}
		}
		// Errors too: whatever is thrown, a permitted call must have an outcome
		catch (RuntimeException | Error ex) {
			calls.forEach((call) -> this.failed.fail(call, ex));
		}
	}

	/** Sends calls over the current connection, or as soon as there is one. */
	private void route(List<Call> calls) {
		if (this.pooled) {
			this.pool.lend(calls, this::dispatch, this.failed::fail);
			return;
		}
		StatefulConnection<byte[], byte[]> connection = this.waiting.isEmpty() ? this.shared.get() : null;
		if (connection != null) {
			dispatch(connection, calls);
		}
		else {
			this.waiting.add(calls);
		}
	}

	/** Returns whether the breaker permits the calls; if not, they have failed. */
	private boolean isPermitted(List<Call> calls) {
		Breaker breaker = this.breaker;
		if (breaker == null) {
			return true;
		}
		for (Call call : calls) {
			if (!breaker.permits(call)) {
				// A flush is sent as a whole or not at all
				SessionStoreUnavailableException notAsked = new SessionStoreUnavailableException(Reason.NOT_ASKED, null,
						null);
				calls.forEach((each) -> this.failed.fail(each, notAsked));
				return false;
			}
			var unused = call.reply().whenComplete((reply, failure) -> breaker.record(call, failure));
		}
		return true;
	}

	private CompletionStage<?> ping() {
		Call ping = Call.of(CommandType.PING);
		route(List.of(ping));
		return ping.reply();
	}

	/** Sends calls over a connection. Throws nothing: the calls fail instead. */
	private void dispatch(StatefulConnection<byte[], byte[]> connection, List<Call> calls) {
		this.counts.increment(SessionCounter.ROUND_TRIPS);
		if (calls.size() > 1 && !isCluster()) {
			List<RedisCommand<byte[], byte[], ?>> commands = new ArrayList<>(calls.size());
			try {
				for (Call call : calls) {
					commands.add(prepare(connection, call, false));
				}
				connection.dispatch(commands);
			}
			catch (RuntimeException | Error ex) {
				calls.forEach((call) -> this.failed.fail(call, ex));
			}
			return;
		}
		for (Call call : calls) {
			dispatch(connection, call, false);
		}
	}

	private void dispatch(StatefulConnection<byte[], byte[]> connection, Call call, boolean withSource) {
		try {
			connection.dispatch(prepare(connection, call, withSource));
		}
		catch (RuntimeException | Error ex) {
			this.failed.fail(call, ex);
		}
	}

	private AsyncCommand<byte[], byte[], Reply> prepare(StatefulConnection<byte[], byte[]> connection, Call call,
			boolean sourceNeeded) {
		LuaScript script = call.script();
		boolean withSource = script != null && (sourceNeeded || !this.loaded.contains(script));
		AsyncCommand<byte[], byte[], Reply> command = call.command(withSource);
		this.counts.increment(SessionCounter.COMMANDS);
		var unused = command.whenComplete((reply, failure) -> {
			if (this.breaker != null) {
				this.breaker.commandCompleted(failure);
			}
			if (failure == null) {
				if (withSource) {
					this.loaded.add(script);
				}
				call.reply().complete(reply);
			}
			else if (script != null && !withSource && Failures.isNoScript(failure)) {
				if (!isCluster()) {
					this.loaded.clear();
				}
				this.counts.increment(SessionCounter.ROUND_TRIPS);
				dispatch(connection, call, true);
			}
			else if (!isRepeated(connection, call, failure)) {
				this.failed.fail(call, failure);
			}
		});
		if (!this.timesOut) {
			Runnable cancel = this.timer.schedule(
					() -> command.completeExceptionally(new TimeoutException("No answer in time")),
					this.commandTimeout.toNanos());
			command.onComplete((reply, failure) -> cancel.run());
		}
		return command;
	}

	/** Returns whether a call is sent again later, because its slot is being moved. */
	private boolean isRepeated(StatefulConnection<byte[], byte[]> connection, Call call, Throwable failure) {
		if (!isCluster() || !Failures.isMoving(failure) || call.reply().isDone()) {
			return false;
		}
		long pause = call.nextPause(this.commandTimeout, Failures.isUnserved(failure));
		if (pause < 0) {
			return false;
		}
		this.timer.schedule(() -> {
			if (!call.reply().isDone()) {
				dispatch(connection, List.of(call));
			}
		}, pause);
		return true;
	}

}
