package app.session.redis.client;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.SessionStoreUnavailableException.Reason;

/**
 * An error with which a Redis server, a cluster node or a sentinel refuses a command. No
 * other class depends on the wording of these errors.
 */
public enum RedisError {

	/** The username or the password is wrong. */
	PASSWORD_WRONG(Reason.NOT_PERMITTED, List.of("WRONGPASS"), "ERR invalid password", "ERR AUTH"),

	/** A password is required. */
	PASSWORD_NEEDED(Reason.NOT_PERMITTED, List.of("NOAUTH")),

	/**
	 * The user lacks a permission. Redis 6 gives no code if the user running a script
	 * lacks it.
	 */
	NO_PERMISSION(Reason.NOT_PERMITTED, List.of("NOPERM"), "The user executing the script can't"),

	/** The server is not a node of a cluster. */
	CLUSTER_DISABLED(Reason.FAILED, List.of(), "cluster support disabled"),

	/** Another node of the cluster serves the slot. */
	MOVED(Reason.SLOT_MOVING, List.of("MOVED")),

	/** The slot is being moved to another node of the cluster. */
	SLOT_MIGRATING(Reason.SLOT_MOVING, List.of("ASK", "TRYAGAIN")),

	/** The server is not a sentinel. */
	NO_SENTINEL_COMMAND(Reason.FAILED, List.of(), "unknown command 'SENTINEL'", "unknown command `SENTINEL`"),

	/** The server runs no scripts, as sentinels do. */
	NO_EVAL_COMMAND(Reason.FAILED, List.of(), "unknown command 'EVAL", "unknown command `EVAL"),

	/** The sentinels monitor no primary of the requested name. */
	NO_SUCH_MASTER(Reason.FAILED, List.of(), "Cannot provide RedisAddress using Sentinel", "No such master"),

	/** The server has no database of the requested number. */
	NO_SUCH_DATABASE(Reason.FAILED, List.of(), "DB index is out of range"),

	/** A script calls a command that the server lacks. */
	NO_SUCH_COMMAND_IN_SCRIPT(Reason.FAILED, List.of(), "Unknown Redis command"),

	/** The server lacks a command. */
	NO_SUCH_COMMAND(Reason.FAILED, List.of(), "unknown command"),

	/** The data set is being read from disk. */
	LOADING(Reason.LOADING, List.of("LOADING")),

	/** Memory is used up. */
	OUT_OF_MEMORY(Reason.OUT_OF_MEMORY, List.of("OOM")),

	/** The last snapshot or append failed. */
	PERSISTENCE_FAILED(Reason.PERSISTENCE_FAILED, List.of("MISCONF")),

	/** Too few replicas are connected. */
	NO_REPLICAS(Reason.NO_REPLICAS, List.of("NOREPLICAS")),

	/** The server is a replica, which can't be written to or has lost its primary. */
	READ_ONLY(Reason.READ_ONLY, List.of("READONLY", "MASTERDOWN")),

	/** The cluster doesn't serve the slot. */
	CLUSTER_DOWN(Reason.CLUSTER_DOWN, List.of("CLUSTERDOWN")),

	/** A script or function blocks the server. */
	BUSY(Reason.BUSY, List.of("BUSY")),

	/** A key holds data of another type. */
	WRONG_TYPE(Reason.DAMAGED, List.of("WRONGTYPE")),

	/** Any other error. */
	OTHER(Reason.FAILED, List.of());

	private static final Map<String, RedisError> BY_CODE = Stream.of(values())
		.flatMap((error) -> error.codes.stream().map((code) -> Map.entry(code, error)))
		.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

	private final Reason reason;

	@SuppressWarnings("ImmutableEnumChecker") // never modified
	private final List<String> codes;

	/** In lower case. */
	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final List<String> texts;

	RedisError(Reason reason, List<String> codes, String... texts) {
		this.reason = reason;
		this.codes = codes;
		this.texts = Arrays.stream(texts).map((text) -> text.toLowerCase(Locale.ROOT)).toList();
	}

	/**
	 * Returns why the store is unavailable if Redis replies with this error.
	 * @return the reason
	 */
	public Reason reason() {
		return this.reason;
	}

	/**
	 * Returns the meaning of an error. Redis 7 begins an error raised in a script with
	 * its code; Redis 6 puts the code in the middle, after a minus sign.
	 * @param message the error message of Redis
	 * @return the error, or {@link #OTHER} if it isn't known
	 */
	public static RedisError of(String message) {
		String lowerCase = message.toLowerCase(Locale.ROOT);
		for (RedisError error : values()) {
			if (error.texts.stream().anyMatch(lowerCase::contains)) {
				return error;
			}
		}
		return Stream.of(message.split("[^A-Za-z]+"))
			.map(BY_CODE::get)
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(OTHER);
	}

}
