package app.session.redis.autoconfigure.startup;

import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Failures;
import app.session.redis.client.RedisError;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.NotSslRecordException;
import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLException;

/**
 * A reason why Redis can't be used at start, and the action that resolves it.
 */
enum RedisObstacle {

	NOT_LISTENING("the connection was refused, because no server listens there",
			"Start Redis there, or correct the address.", true),

	UNKNOWN_HOST("the host name can't be resolved", "Correct the host name, or the configuration of name resolution.",
			true),

	NO_ANSWER("the server did not answer in time",
			"Check for a firewall, a wrong address, or a server that hangs. "
					+ "If the network is slow, raise 'app.session.redis.connect-timeout' or "
					+ "'app.session.redis.command-timeout'.",
			true),

	LOADING("Redis is still loading its data",
			"Wait until it has finished, or set 'app.session.redis.startup' to 'wait'.", true),

	PASSWORD_NEEDED("the server requires a password",
			"Set 'app.session.redis.password', and 'app.session.redis.username' if the server has users. "
					+ "Sentinels have a separate password: 'app.session.redis.sentinel.password'.",
			false),

	PASSWORD_WRONG("the server rejects the username or password",
			"Correct 'app.session.redis.username' and 'app.session.redis.password', "
					+ "or 'app.session.redis.sentinel.username' and 'app.session.redis.sentinel.password' "
					+ "if the sentinels reject them.",
			false),

	NO_PERMISSION("the server denies the user a command, a key or a channel",
			"Grant the user the commands and keys that sessions need.", false),

	COMMAND_MISSING("Redis lacks commands that sessions need",
			"Use Redis 6.2 or later, or Valkey, and don't rename or disable any of these commands in its "
					+ "configuration.",
			false),

	TOO_OLD("this version of Redis is too old", "Use Redis 6.2 or later, or Valkey.", false),

	READ_ONLY("the server is a replica and rejects writes",
			"Specify the primary. To have it discovered, specify all servers in 'app.session.redis.hosts', or "
					+ "use Sentinel.",
			true),

	IS_CLUSTER("the server is a node of a Redis Cluster and redirects to other nodes for most keys",
			"Set 'app.session.redis.mode' to 'cluster' and specify some of its nodes in "
					+ "'app.session.redis.hosts'.",
			false),

	NOT_A_CLUSTER("the server is not a node of a Redis Cluster",
			"Remove 'app.session.redis.mode' or set it to 'standalone', or specify nodes of the cluster.", false),

	IS_SENTINEL("the server is a sentinel and stores no data",
			"Set 'app.session.redis.mode' to 'sentinel', or specify the Redis server itself.", false),

	NOT_A_SENTINEL("the server is not a sentinel",
			"Specify the sentinels, whose default port is 26379, or remove 'app.session.redis.mode' and "
					+ "'app.session.redis.sentinel'.",
			false),

	NO_SUCH_MASTER("the sentinels monitor no primary of that name",
			"Correct 'app.session.redis.sentinel.master'. SENTINEL MASTERS lists the names that they know.", true),

	NO_SUCH_DATABASE("Redis has no database with that number",
			"Lower 'app.session.redis.database', or raise 'databases' in the Redis configuration.", false),

	CERTIFICATE_UNTRUSTED("the server's certificate was not issued by a trusted authority",
			"Set 'app.session.redis.ssl.bundle' to an SSL bundle whose trust store contains the issuer's certificate.",
			false),

	CERTIFICATE_OF_ANOTHER("the server's certificate is for another host name",
			"Connect with a name that the certificate contains, set 'app.session.redis.ssl.host' to such a "
					+ "name, or, if that is not possible, set 'app.session.redis.ssl.verify-peer' to 'ca'.",
			false),

	CERTIFICATE_NEEDED("the server requires a client certificate, or rejects the certificate of this application",
			"Set 'app.session.redis.ssl.bundle' to an SSL bundle whose key store contains a certificate that "
					+ "the server trusts.",
			false),

	NOT_ENCRYPTED("the server does not expect encryption",
			"Remove 'app.session.redis.ssl' or use 'redis://' in 'app.session.redis.url', or specify the "
					+ "server's TLS port.",
			false),

	TLS("an encrypted connection could not be established",
			"If the server does not expect encryption, remove 'app.session.redis.ssl' or use 'redis://' in "
					+ "'app.session.redis.url'. "
					+ "Otherwise, set 'app.session.redis.ssl.bundle' to an SSL bundle that trusts the server's "
					+ "certificate.",
			false),

	CLOSED("the server closed the connection or speaks another protocol",
			"If the server expects an encrypted connection, set 'app.session.redis.ssl.enabled' to true "
					+ "or use 'rediss://' in 'app.session.redis.url'. Otherwise, check that the port is that of Redis.",
			true),

	OTHER("the connection failed", "Check the cause.", true);

	/** Errors of Redis or a sentinel that have a specific meaning at start. */
	private static final Map<RedisError, RedisObstacle> ERRORS = Map.ofEntries(
			Map.entry(RedisError.PASSWORD_WRONG, PASSWORD_WRONG),
			Map.entry(RedisError.PASSWORD_NEEDED, PASSWORD_NEEDED),
			Map.entry(RedisError.CLUSTER_DISABLED, NOT_A_CLUSTER), Map.entry(RedisError.MOVED, IS_CLUSTER),
			Map.entry(RedisError.NO_SENTINEL_COMMAND, NOT_A_SENTINEL),
			Map.entry(RedisError.NO_EVAL_COMMAND, IS_SENTINEL), Map.entry(RedisError.NO_SUCH_MASTER, NO_SUCH_MASTER),
			Map.entry(RedisError.NO_SUCH_DATABASE, NO_SUCH_DATABASE),
			Map.entry(RedisError.NO_SUCH_COMMAND_IN_SCRIPT, COMMAND_MISSING),
			Map.entry(RedisError.NO_SUCH_COMMAND, CLOSED));

	/** Failures that have the same meaning at start as at any other time. */
	private static final Map<Reason, RedisObstacle> REASONS = Map.of(Reason.NOT_PERMITTED, NO_PERMISSION,
			Reason.READ_ONLY, READ_ONLY, Reason.LOADING, LOADING, Reason.BUSY, LOADING, Reason.TIMEOUT, NO_ANSWER);

	private final String description;

	private final String action;

	private final boolean passing;

	RedisObstacle(String description, String action, boolean passing) {
		this.description = description;
		this.action = action;
		this.passing = passing;
	}

	String description() {
		return this.description;
	}

	String action() {
		return this.action;
	}

	/**
	 * Returns whether a retry may succeed.
	 */
	boolean isPassing() {
		return this.passing;
	}

	static RedisObstacle of(Throwable failure) {
		List<Throwable> causes = new ArrayList<>();
		collect(failure, causes);
		return causes.stream().map(RedisObstacle::ofOne).filter((found) -> found != OTHER).findFirst().orElse(OTHER);
	}

	/**
	 * Returns the obstacle for an error with which Redis rejects a command.
	 * @param error the error message from Redis
	 * @return the obstacle, or {@link #OTHER} if the error is unknown
	 */
	static RedisObstacle ofRefusal(String error) {
		RedisError known = RedisError.of(error);
		RedisObstacle atStart = ERRORS.get(known);
		return (atStart != null) ? atStart : REASONS.getOrDefault(known.reason(), OTHER);
	}

	/**
	 * Collects the causes, innermost first, including suppressed exceptions: Lettuce
	 * reports every error of a sentinel as a timeout and adds the error itself as a
	 * suppressed exception.
	 */
	private static void collect(Throwable failure, List<Throwable> causes) {
		for (@Nullable
		Throwable cause = failure; cause != null && !causes.contains(cause); cause = cause.getCause()) {
			causes.add(0, cause);
			for (Throwable suppressed : cause.getSuppressed()) {
				collect(suppressed, causes);
			}
		}
	}

	private static RedisObstacle ofOne(Throwable cause) {
		RedisObstacle atStart = ERRORS.get(RedisError.of(String.valueOf(cause.getMessage())));
		if (atStart != null) {
			return atStart;
		}
		String message = String.valueOf(cause.getMessage()).toUpperCase(Locale.ROOT);
		if (cause instanceof UnknownHostException) {
			return UNKNOWN_HOST;
		}
		if (cause instanceof FileNotFoundException) {
			// A Unix domain socket
			return NOT_LISTENING;
		}
		if (cause instanceof CertificateException || cause instanceof CertPathBuilderException) {
			return message.contains("NO SUBJECT ALTERNATIVE") || message.contains("NO NAME MATCHING")
					? CERTIFICATE_OF_ANOTHER : CERTIFICATE_UNTRUSTED;
		}
		if (cause instanceof SSLException) {
			return ofTls((SSLException) cause, message);
		}
		if (cause instanceof ConnectTimeoutException) {
			return NO_ANSWER;
		}
		if (cause instanceof ConnectException) {
			return message.contains("REFUSED") ? NOT_LISTENING : NO_ANSWER;
		}
		RedisObstacle general = REASONS.get(Failures.translate(cause).getReason());
		if (general != null) {
			return general;
		}
		return Failures.isClosed(cause) ? CLOSED : OTHER;
	}

	private static RedisObstacle ofTls(SSLException failure, String message) {
		if (failure instanceof NotSslRecordException) {
			return NOT_ENCRYPTED;
		}
		if (message.contains("CERTIFICATE_REQUIRED") || message.contains("BAD_CERTIFICATE")
				|| message.contains("UNKNOWN_CA")) {
			return CERTIFICATE_NEEDED;
		}
		return TLS;
	}

}
