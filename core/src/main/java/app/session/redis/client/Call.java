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
import org.jspecify.annotations.Nullable;

/**
 * One command, on one key if on any, and its answer to come. A script is sent by its
 * digest, and with its source when Redis doesn't know it; it may have further keys, on a
 * cluster all of one slot.
 */
public final class Call {

	/**
	 * How often a call is repeated because no node serves its slot, which may last for a
	 * moment, or until an operator assigns the slot.
	 */
	private static final int UNSERVED_REPETITIONS = 3;

	private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(5).toNanos();

	private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(50).toNanos();

	private final CommandType type;

	private final @Nullable LuaScript script;

	private final byte @Nullable [] key;

	private List<byte[]> moreKeys = List.of();

	private boolean keysOptional;

	private final List<Object> args = new ArrayList<>();

	private final CompletableFuture<Reply> reply = new CompletableFuture<>();

	/** How long it is repeated while its slot is being moved, if longer than usual. */
	private Duration patience = Duration.ZERO;

	/** When Redis first answered that the slot is being moved. */
	private long movingSince;

	private int repetitions;

	/** How often it was repeated because no node served its slot. */
	private int unserved;

	/**
	 * How many answers had come in time before the circuit breaker permitted the call.
	 */
	private long answersBefore;

	private Call(CommandType type, @Nullable LuaScript script, byte @Nullable [] key) {
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

	/** Adds keys to that of a script. */
	public Call also(byte[]... keys) {
		return also(List.of(keys));
	}

	public Call also(List<byte[]> keys) {
		this.moreKeys = List.copyOf(keys);
		return this;
	}

	/**
	 * Adds a key that the script can do without. It is left out when the call is repeated
	 * because the slot is being moved: a script on two keys, of which one doesn't exist,
	 * would have to wait until that is over.
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
	 * Returns the reply that has come. Never waits.
	 * @return the reply
	 * @throws CompletionException if the call has failed
	 * @throws IllegalStateException if it has not ended
	 */
	public Reply received() {
		Reply received = this.reply.getNow(null);
		if (received == null) {
			throw new IllegalStateException("The call has no reply yet");
		}
		return received;
	}

	/**
	 * Repeats the call for so long while the slot of its keys is being moved, if that is
	 * longer than the command timeout.
	 */
	public Call patience(Duration patience) {
		this.patience = patience;
		return this;
	}

	/**
	 * Returns after how long the call is repeated whose slot is being moved: after 5 ms,
	 * then after twice the time before, up to 50 ms.
	 * @param usual how long a call is repeated in any case
	 * @param unservedSlot whether no node serves the slot; then it is repeated
	 * {@value #UNSERVED_REPETITIONS} times at most
	 * @return the pause in nanoseconds, or -1 when it has been repeated for long enough
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
	 * Returns whether the call failed because of what is stored under its key. Any other
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
	 * Creates the calls that run a script on many keys. On a cluster, where no two keys
	 * lie in the same slot, each call has one key.
	 * @param script the script
	 * @param keys the keys
	 * @param atOnce the maximum number of keys of a call
	 * @param cluster whether they are sent to a cluster
	 * @return the calls, in the order of the keys
	 */
	public static List<Call> onAll(LuaScript script, List<byte[]> keys, int atOnce, boolean cluster) {
		int step = cluster ? 1 : atOnce;
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
	 * Waits for all, of which some may be damaged: one that can't be read must not hide
	 * the others.
	 */
	public static CompletableFuture<Void> allButDamaged(Collection<Call> calls) {
		return CompletableFuture.allOf(calls.stream().map((call) -> call.reply().handle((reply, failure) -> {
			if (failure != null && !call.isDamaged()) {
				throw Failures.translate(failure);
			}
			return reply;
		})).toArray(CompletableFuture[]::new));
	}

	/** The script to run; null for a command. */
	@Nullable LuaScript script() {
		return this.script;
	}

	/**
	 * Makes the command to send.
	 * @param withSource whether a script is sent with its source
	 */
	AsyncCommand<byte[], byte[], Reply> command(boolean withSource) {
		CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE);
		CommandType type = this.type;
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

}
