package app.session.redis.operations;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.client.ServerInfo;
import app.session.redis.store.RedisKeys;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Finds out, before sessions depend on it, whether Redis is one that the store can use
 * and lets it do what it does. Must be closed.
 */
public final class StoreAccess implements AutoCloseable {

	private static final List<CommandType> READS = List.of(CommandType.EXISTS, CommandType.ZCARD);

	private final CallSender engine;

	private final RedisKeys keys;

	/**
	 * Creates a check.
	 * @param connectionFactory where connections come from
	 * @param namespace what the keys begin with
	 * @param commandTimeout how long an answer is waited for
	 * @throws IllegalArgumentException if it is no {@code LettuceConnectionFactory}
	 */
	public StoreAccess(RedisConnectionFactory connectionFactory, String namespace, Duration commandTimeout) {
		this(new CallSender(connectionFactory, commandTimeout, null), namespace);
	}

	/** Creates a check that sends its calls by a sender which it closes. */
	StoreAccess(CallSender engine, String namespace) {
		this.engine = engine;
		this.keys = new RedisKeys(namespace);
	}

	/**
	 * The rights that a Redis user needs, as {@code ACL SETUSER} takes them.
	 * @param namespace what the keys begin with
	 * @return keys, channel and commands
	 */
	public static String aclRule(String namespace) {
		return "~" + namespace + ":* &" + namespace + ":events &" + namespace
				+ ":wake:* +ping +hello +auth +select +client +info +role +readonly"
				+ " +cluster +eval +evalsha +exists +del +unlink +rename +get +set +time +pttl +pexpire +persist"
				+ " +hset +hget +hgetall +hdel +hkeys +hstrlen"
				+ " +zadd +zrem +zscore +zcard +zrange +zrangebyscore +zscan +rpush +lpop +lrem +llen +lpos"
				+ " +publish +subscribe +unsubscribe +wait";
	}

	/**
	 * Tries the commands of the store, like {@link #refused(boolean, boolean)}, where
	 * events don't reach every node.
	 * @param locks whether sessions are to be locked
	 * @return the commands that Redis refused, in lower case, with what it said
	 */
	Map<String, String> refused(boolean locks) {
		return refused(locks, false);
	}

	/**
	 * Tries the commands of the store: {@code EVAL} on a key of its own, which is removed
	 * again, and {@code EXISTS} and {@code ZCARD} on the keys of the expiry hints; one
	 * flush.
	 * @param locks whether sessions are to be locked, so that those commands are tried
	 * too
	 * @param broadcast whether events reach every node, so that ended sessions are kept
	 * for a while, likewise
	 * @return the commands that Redis refused, in lower case, with what it said
	 * @throws SessionStoreUnavailableException if it refuses the script, sends to another
	 * server, or doesn't answer
	 */
	public Map<String, String> refused(boolean locks, boolean broadcast) {
		String handle = SessionId.newHandle();
		Call probe = Call.of(LuaScript.PROBE, this.keys.session(handle))
			.arg(locks ? this.keys.wake("nobody") : new byte[0]);
		if (broadcast) {
			probe.also(this.keys.ended(handle));
		}
		List<Call> calls = new ArrayList<>();
		calls.add(probe);
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			calls.add(Call.of(READS.get(part % READS.size()), this.keys.hints(part)));
		}
		this.engine.send(calls);
		Reply reply = this.engine.await(probe.reply());
		Map<String, String> refused = new LinkedHashMap<>();
		for (int i = 0; i + 1 < reply.size(); i += 2) {
			refused.put(reply.text(i).toLowerCase(Locale.ROOT), reply.text(i + 1));
		}
		for (int part = 0; part < RedisKeys.HINT_PARTS; part++) {
			String refusal = refusal(calls.get(part + 1));
			if (refusal != null) {
				refused.put(READS.get(part % READS.size()).name().toLowerCase(Locale.ROOT), refusal);
			}
		}
		return refused;
	}

	private @Nullable String refusal(Call call) {
		try {
			this.engine.await(call.reply());
			return null;
		}
		catch (SessionStoreUnavailableException ex) {
			if (ex.getReason() != Reason.NOT_PERMITTED) {
				throw ex;
			}
			return String.valueOf((ex.getCause() != null) ? ex.getCause().getMessage() : ex.getMessage());
		}
	}

	/**
	 * The version of Redis's interface that the server says it has: {@code INFO server}.
	 * Valkey tells that of the Redis it is compatible with.
	 * @return the version, or null when the server doesn't tell
	 */
	public @Nullable String version() {
		try {
			Reply reply = this.engine.await(this.engine.send(Call.of(CommandType.INFO).arg("server")));
			return ServerInfo.parse(reply.text(0)).redisVersion();
		}
		catch (SessionStoreUnavailableException ex) {
			return null;
		}
	}

	/**
	 * Ends the threads of this check, after waiting for connections that are being
	 * opened, for the command timeout at most. The connection factory stays open.
	 */
	@Override
	public void close() {
		this.engine.close();
		this.engine.drain();
	}

}
