package app.session.redis.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import org.jspecify.annotations.Nullable;

/**
 * One command, on at most one key, and the future of its reply. A script is sent by its
 * digest, and with its source if Redis doesn't know it. It may have further keys, which
 * must be in the same slot of a cluster.
 */
public final class Call {

	/**
	 * The maximum number of times that a call is repeated because no node serves its
	 * slot. This can last for a moment, or until an operator assigns the slot.
	 */
	private static final int UNSERVED_REPETITIONS = 3;

	/**
	 * The maximum number of keys of a script, so that it doesn't delay other commands.
	 */
	private static final int MOST_KEYS = 50;

	private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(5).toNanos();

	private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(50).toNanos();

	private static final ProtocolKeyword ALL_FIELDS = new PrimaryRead(CommandType.HGETALL);

	private final ProtocolKeyword type;

	private final @Nullable LuaScript script;

	private final byte @Nullable [] key;

	private List<byte[]> moreKeys = List.of();

	private boolean keysOptional;

	private final List<Object> args = new ArrayList<>();

	private final CompletableFuture<Reply> reply = new CompletableFuture<>();

	/**
	 * How long the call is repeated while its slot is being moved, if longer than usual.
	 */
	private Duration patience = Duration.ZERO;

	/** When Redis first replied that the slot is being moved. */
	private long movingSince;

	private int repetitions;

	/** How often the call was repeated because no node served its slot. */
	private int unserved;

	/**
	 * The number of replies received in time before the circuit breaker permitted the
	 * call.
	 */
	private long answersBefore;

	private Call(ProtocolKeyword type, @Nullable LuaScript script, byte @Nullable [] key) {
		this.type = type;
		this.script = script;
		this.key = key;
	}

	public static Call of(LuaScript script, byte[] key) {
		return new Call(CommandType.EVALSHA, script, key);
	}

	public static Call of(CommandType type, byte[] key) {
		return new Call(type, null, key);
	}

	public static Call of(CommandType type) {
		return new Call(type, null, null);
	}

	/**
	 * Creates a call that returns all fields and values of a hash: {@code HGETALL}, sent
	 * to the primary even if the client reads from replicas.
	 */
	public static Call fields(byte[] key) {
		return new Call(ALL_FIELDS, null, key);
	}

	/** Adds further keys of a script. */
	public Call also(byte[]... keys) {
		return also(List.of(keys));
	}

	public Call also(List<byte[]> keys) {
		this.moreKeys = List.copyOf(keys);
		return this;
	}

	/**
	 * Adds an optional key of a script. It is left out when the call is repeated because
	 * the slot is being moved: a script on two keys, of which one doesn't exist, would
	 * have to wait until the slot has moved.
	 */
	public Call alsoUnlessMoving(byte[] key) {
		this.keysOptional = true;
		return also(key);
	}

	public Call arg(byte[] arg) {
		this.args.add(arg);
		return this;
	}

	public Call arg(String arg) {
		this.args.add(arg);
		return this;
	}

	public Call arg(long arg) {
		this.args.add(arg);
		return this;
	}

	public Call args(Collection<byte[]> args) {
		this.args.addAll(args);
		return this;
	}

	public CompletableFuture<Reply> reply() {
		return this.reply;
	}

	/**
	 * Returns the received reply. Never waits.
	 * @return the reply
	 * @throws CompletionException if the call has failed
	 * @throws IllegalStateException if the call has not ended
	 */
	public Reply received() {
		Reply received = this.reply.getNow(null);
		if (received == null) {
			throw new IllegalStateException("The call has no reply yet");
		}
		return received;
	}

	/**
	 * Sets how long the call is repeated while the slot of its keys is being moved, if
	 * longer than the command timeout.
	 */
	public Call patience(Duration patience) {
		this.patience = patience;
		return this;
	}

	/**
	 * Returns the pause before the next repetition of a call whose slot is being moved: 5
	 * ms at first, doubled each time, up to 50 ms.
	 * @param usual how long a call is repeated in any case
	 * @param unservedSlot whether no node serves the slot; if so, the call is repeated at
	 * most {@value #UNSERVED_REPETITIONS} times
	 * @return the pause in nanoseconds, or -1 if the call must not be repeated any more
	 */
	long nextPause(Duration usual, boolean unservedSlot) {
		if (unservedSlot && ++this.unserved > UNSERVED_REPETITIONS) {
			return -1;
		}
		if (this.keysOptional) {
			this.moreKeys = List.of();
		}
		long now = System.nanoTime();
		if (this.repetitions == 0) {
			this.movingSince = now;
		}
		long pause = Math.min(FIRST_PAUSE_NANOS << Math.min(this.repetitions++, 5), LONGEST_PAUSE_NANOS);
		long limit = Math.max(usual.toNanos(), this.patience.toNanos());
		return (now - this.movingSince + pause < limit) ? pause : -1;
	}

	void answersBefore(long answersBefore) {
		this.answersBefore = answersBefore;
	}

	long answersBefore() {
		return this.answersBefore;
	}

	/**
	 * Returns whether the call failed because of the data stored under its key. Any other
	 * failure is one of the store.
	 */
	public boolean isDamaged() {
		if (!this.reply.isCompletedExceptionally()) {
			return false;
		}
		try {
			received();
			return false;
		}
		catch (CompletionException ex) {
			Reason reason = Failures.translate(ex).getReason();
			return reason == Reason.DAMAGED || reason == Reason.FAILED;
		}
	}

	/**
	 * Creates the calls that run a script on many keys, at most 50 each. On a cluster,
	 * where no two keys lie in the same slot, each call has one key.
	 * @param script the script
	 * @param keys the keys
	 * @param cluster whether the calls are sent to a cluster
	 * @return the calls, in the order of the keys
	 */
	public static List<Call> onAll(LuaScript script, List<byte[]> keys, boolean cluster) {
		int step = cluster ? 1 : MOST_KEYS;
		List<Call> calls = new ArrayList<>((keys.size() + step - 1) / step);
		for (int from = 0; from < keys.size(); from += step) {
			List<byte[]> some = keys.subList(from, Math.min(from + step, keys.size()));
			calls.add(of(script, some.get(0)).also(some.subList(1, some.size())));
		}
		return calls;
	}

	/**
	 * Waits for the replies to several calls.
	 * @param calls the calls
	 * @return a future that completes when all are answered, and fails if one of them
	 * does
	 */
	public static CompletableFuture<Void> all(Collection<Call> calls) {
		return CompletableFuture.allOf(calls.stream().map(Call::reply).toArray(CompletableFuture[]::new));
	}

	/**
	 * Waits for all calls, of which some may be damaged: one that can't be read must not
	 * hide the others.
	 */
	public static CompletableFuture<Void> allButDamaged(Collection<Call> calls) {
		return CompletableFuture.allOf(calls.stream().map((call) -> call.reply().handle((reply, failure) -> {
			if (failure != null && !call.isDamaged()) {
				throw Failures.translate(failure);
			}
			return reply;
		})).toArray(CompletableFuture[]::new));
	}

	/** Returns the script to run, or null for a command. */
	@Nullable LuaScript script() {
		return this.script;
	}

	/**
	 * Creates the command to send.
	 * @param withSource whether a script is sent with its source
	 */
	AsyncCommand<byte[], byte[], Reply> command(boolean withSource) {
		CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE);
		ProtocolKeyword type = this.type;
		if (this.script != null) {
			if (withSource) {
				type = CommandType.EVAL;
				args.add(this.script.source());
			}
			else {
				args.add(this.script.digest());
			}
			args.add(1 + this.moreKeys.size());
		}
		if (this.key != null) {
			args.addKey(this.key);
		}
		args.addKeys(this.moreKeys);
		for (Object arg : this.args) {
			if (arg instanceof byte[] bytes) {
				args.add(bytes);
			}
			else if (arg instanceof Long number) {
				args.add(number);
			}
			else {
				args.add((String) arg);
			}
		}
		return new AsyncCommand<>(new Command<>(type, new Reply.Output(), args));
	}

	/**
	 * A read that Lettuce doesn't know as such, so that it always sends it to the
	 * primary.
	 *
	 * @param command the command
	 */
	private record PrimaryRead(CommandType command) implements ProtocolKeyword {

		@Override
		public byte[] getBytes() {
			return this.command.getBytes();
		}

		@Override
		public String toString() {
			return this.command.toString();
		}

	}

}
