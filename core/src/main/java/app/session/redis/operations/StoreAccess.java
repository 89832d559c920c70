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
 * Checks at startup whether the store can use this version of Redis and has the
 * permissions that it needs. Must be closed.
 */
public final class StoreAccess implements AutoCloseable {

	private static final List<CommandType> READS = List.of(CommandType.EXISTS, CommandType.ZCARD);

	private final CallSender engine;

	private final RedisKeys keys;

	/**
	 * Creates a check.
	 * @param connectionFactory the source of connections
	 * @param namespace the prefix of the keys
	 * @param commandTimeout the timeout for replies
	 * @throws IllegalArgumentException if the connection factory is not a
	 * {@code LettuceConnectionFactory}
	 */
	public StoreAccess(RedisConnectionFactory connectionFactory, String namespace, Duration commandTimeout) {
		this(new CallSender(connectionFactory, commandTimeout, null), namespace);
	}

	/** Creates a check that uses a sender and closes it. */
	StoreAccess(CallSender engine, String namespace) {
		this.engine = engine;
		this.keys = new RedisKeys(namespace);
	}

	/**
	 * Returns the permissions that a Redis user needs, as arguments of
	 * {@code ACL SETUSER}.
	 * @param namespace the prefix of the keys
	 * @return the keys, channels and commands
	 */
	public static String aclRule(String namespace) {
		return "~" + namespace + ":* &" + namespace + ":events &" + namespace + ":changes &" + namespace
				+ ":wake:* +ping +hello +auth +select +client +info +role +readonly"
				+ " +cluster +eval +evalsha +exists +del +unlink +rename +get +set +time +pttl +pexpire +persist"
				+ " +hset +hget +hgetall +hdel +hkeys +hstrlen"
				+ " +zadd +zrem +zscore +zcard +zrange +zrangebyscore +zscan +rpush +lpop +lrem +llen +lpos"
				+ " +publish +subscribe +unsubscribe +wait";
	}

	/**
	 * Tries the commands of the store: {@code EVAL} on a temporary key, and
	 * {@code EXISTS} and {@code ZCARD} on the keys of the expiry hints; one flush.
	 * @param locks whether to try the commands for locking sessions
	 * @param broadcast whether to try the commands for events on every node, for which
	 * ended sessions are kept for a while
	 * @param changes whether to try the publication of changes, for nodes that trust
	 * copies
	 * @return the commands that Redis refused, in lower case, with its error messages
	 * @throws SessionStoreUnavailableException if Redis refuses the script, redirects to
	 * another server, or doesn't reply
	 */
	public Map<String, String> refused(boolean locks, boolean broadcast, boolean changes) {
		String handle = SessionId.newHandle();
		Call probe = Call.of(LuaScript.PROBE, this.keys.session(handle))
			.arg(locks ? this.keys.wake("nobody") : new byte[0])
			.arg(changes ? this.keys.changes() : "");
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
	 * Returns the version of Redis that the server reports: {@code INFO server}. Valkey
	 * reports the version of Redis with which it is compatible.
	 * @return the version, or null if the server doesn't report it
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
	 * Stops the threads of this check, after waiting at most the command timeout for
	 * connections that are being opened. The connection factory stays open.
	 */
	@Override
	public void close() {
		this.engine.close();
		this.engine.drain();
	}

}
