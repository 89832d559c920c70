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
 * Sends calls to Redis over the connection that the factory shares, several of them in
 * one flush where one server takes them all, and turns failures into
 * {@link SessionStoreUnavailableException}s.
 */
public final class CallSender {

	/** How many calls are sent together. */
	public static final int FLUSH_SIZE = 500;

	private final LettuceConnectionFactory connectionFactory;

	private final Duration commandTimeout;

	private final SessionCounts counts;

	private final @Nullable Breaker breaker;

	/** Whether each undertaking has a connection to itself. */
	private final boolean pooled;

	/** Whether the client itself fails a command as soon as callers give it up. */
	private final boolean timesOut;

	/**
	 * The scripts that Redis is thought to have. As soon as it lacks one, it is thought
	 * to have lost them all, so that the first script of a flush isn't sent again after
	 * those that must follow it. Their sources are read here, because a thread that sends
	 * must not wait for files.
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
	 * @param connectionFactory where connections come from; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout how long a caller waits for an answer
	 * @param circuitBreaker decides whether Redis is asked, or null: it always is, as is
	 * a cluster
	 */
	public CallSender(RedisConnectionFactory connectionFactory, Duration commandTimeout,
			@Nullable CircuitBreaker circuitBreaker) {
		this(connectionFactory, commandTimeout, circuitBreaker, new SessionCounts());
	}

	/**
	 * Creates a sender.
	 * @param connectionFactory where connections come from; must be a
	 * {@link LettuceConnectionFactory}
	 * @param commandTimeout how long a caller waits for an answer
	 * @param circuitBreaker decides whether Redis is asked, or null: it always is, as is
	 * a cluster
	 * @param counts counts what is sent
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
		// One primary of a cluster that is away must not keep requests from the others
		this.breaker = (circuitBreaker != null && !isCluster()) ? new Breaker(circuitBreaker, this::ping) : null;
	}

	/**
	 * Creates a sender with a connection of its own, for answers that are so large that
	 * they would delay others. What it sends says nothing about whether Redis answers
	 * requests, so that it has no circuit breaker.
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
	 * Returns a sender with a connection of its own, which is opened when it is first
	 * used. Over a pool each undertaking has its own connection in any case.
	 */
	public CallSender separate() {
		return new CallSender(this);
	}

	/** Closes the own connection, and opens none until {@link #allow()}. */
	public void close() {
		this.shared.close();
	}

	/**
	 * Lets an own connection be opened again after {@link #close()}, and Redis be probed
	 * again after {@link #drain()} if it was unavailable then.
	 */
	public void allow() {
		this.shared.allow();
		if (this.breaker != null) {
			this.breaker.allow();
		}
	}

	/**
	 * Closes the own connection, so that nothing has to wait for an answer which nobody
	 * reads any more. The next use opens another.
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
			throw new IllegalArgumentException("The session store works asynchronously and needs a"
					+ " LettuceConnectionFactory, but was given a " + connectionFactory.getClass().getName()
					+ ". Define a LettuceConnectionFactory annotated with @SpringSessionRedisConnectionFactory,"
					+ " or none, so that one is made");
		}
		return lettuce;
	}

	public Duration commandTimeout() {
		return this.commandTimeout;
	}

	public SessionCounts counts() {
		return this.counts;
	}

	/** Returns whether the sessions are kept by a cluster. */
	public boolean isCluster() {
		return this.connectionFactory.isClusterAware();
	}

	public LettuceConnectionFactory connectionFactory() {
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
		return await(stage, Duration.ZERO);
	}

	/**
	 * Waits for an answer, for the command timeout at most and the time for which the
	 * call is repeated.
	 * @param <T> the type of the answer
	 * @param stage the answer to come
	 * @param patience for how long the call may be repeated because its slot is moving
	 * @return the answer
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
	 * Lets a command continue that no caller waits for, and logs its failure.
	 * @param stage the reply to come
	 * @param purpose what the command is for, for the log
	 */
	public void background(CompletionStage<?> stage, String purpose) {
		this.background.add(stage, purpose);
	}

	/**
	 * Waits for the commands in the background, without blocking.
	 * @return a stage that completes when all of them that are in progress now have
	 * ended: with true if all have succeeded, else with false
	 */
	public CompletionStage<Boolean> backgroundDone() {
		return this.background.done().handle((done, failure) -> failure == null);
	}

	/**
	 * Waits for the commands in the background and for connections that are being opened,
	 * for the command timeout at most each, and stops the threads of the sender. Redis
	 * isn't probed any more until {@link #allow()}, even if commands that fail meanwhile
	 * open the circuit breaker.
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
	 * failover, and logs a warning once in a while.
	 * @param reason why Redis refused to record the access
	 */
	public void touchRefused(Reason reason) {
		this.failed.touchRefused(reason);
	}

	/**
	 * Sets whether threads that send calls may wait for a connection of a pool. If not,
	 * connections are borrowed on threads of the store. Applies to senders that were
	 * {@linkplain #separate() separated} from this one, too. Default: they may, unless
	 * they are threads of the client.
	 * @param mayBlock whether they may
	 */
	public void setCallersMayBlock(boolean mayBlock) {
		this.pool.callersMayBlock(mayBlock);
	}

	/**
	 * Sends one call, and never blocks on a thread of the client: without a connection it
	 * waits for one, for the command timeout at most. Over a pool, other threads may have
	 * to wait for a connection, unless that is {@linkplain #setCallersMayBlock(boolean)
	 * ruled out}.
	 * @param call the call
	 * @return its answer to come
	 */
	public CompletableFuture<Reply> send(Call call) {
		flush(List.of(call));
		return call.reply();
	}

	/**
	 * Sends several calls in the order given: to one server in one flush, to a cluster
	 * each to its node. Of more than {@value #FLUSH_SIZE} so many are sent when those
	 * before them are answered, and none any more when the store fails one.
	 * @param calls the calls
	 */
	public void send(Collection<Call> calls) {
		flushFrom(List.copyOf(calls), 0);
	}

	/**
	 * Sends calls and another one that must not be executed before them. One server
	 * executes them in that order from one flush; on a cluster, where the keys may lie on
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

	/** Sends calls together if Redis may be asked. */
	private void flush(List<Call> calls) {
		try {
			if (isPermitted(calls)) {
				route(calls);
			}
		}
		// Errors too: whatever is thrown, a call that was permitted must have an outcome
		catch (RuntimeException | Error ex) {
			calls.forEach((call) -> this.failed.fail(call, ex));
		}
	}

	/** Sends calls over the connection that there is, or when there is one. */
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

	/** Whether Redis may be asked; if not, the calls have failed. */
	private boolean isPermitted(List<Call> calls) {
		Breaker breaker = this.breaker;
		if (breaker == null) {
			return true;
		}
		for (Call call : calls) {
			if (!breaker.permits(call)) {
				// One flush is one undertaking
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

	/** Whether a call is sent again later, because its slot is being moved. */
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
