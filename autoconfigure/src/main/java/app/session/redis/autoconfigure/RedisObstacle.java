package app.session.redis.autoconfigure;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLException;

import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Why Redis doesn't answer as it should, and what to do about it.
 */
enum RedisObstacle {

	NOT_LISTENING("nothing listens there, the connection was refused", "Start Redis there, or correct the address.",
			true),

	UNKNOWN_HOST("the name of the host is not known", "Correct the name of the host, or see to its resolution.", true),

	NO_ANSWER("there was no answer in time", "Look for a firewall, a wrong address, or a server that hangs. "
			+ "If the network is slow, raise 'app.session.redis.connect-timeout' or 'app.session.redis.command-timeout'.",
			true),

	LOADING("Redis is still loading its data", "Wait until it has, or set 'app.session.redis.startup' to 'wait'.",
			true),

	PASSWORD_NEEDED("Redis listens there and demands a password",
			"Set 'app.session.redis.password', and 'app.session.redis.username' if the server has users.", false),

	PASSWORD_WRONG("Redis listens there and refuses the username or password",
			"Correct 'app.session.redis.username' and 'app.session.redis.password'.", false),

	NO_PERMISSION("Redis listens there and refuses the user a command",
			"Give the user the rights to the commands and keys that sessions need.", false),

	TLS("an encrypted connection could not be made",
			"If the server expects no encryption, remove 'app.session.redis.ssl' or use 'redis://' in 'app.session.redis.url'. "
					+ "Otherwise let 'app.session.redis.ssl.bundle' name an SSL bundle that trusts the server's certificate.",
			false),

	CLOSED("something listens there, and closed the connection or speaks another protocol",
			"If the server expects an encrypted connection, set 'app.session.redis.ssl.enabled' to true "
					+ "or use 'rediss://' in 'app.session.redis.url'. Otherwise check that the port is that of Redis.",
			true),

	OTHER("the connection failed", "Look at the cause.", true);

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
	 * Tell whether trying again may help.
	 * @return whether it may
	 */
	boolean isPassing() {
		return this.passing;
	}

	static RedisObstacle of(Throwable failure) {
		List<Throwable> causes = new ArrayList<>();
		for (@Nullable
		Throwable cause = failure; cause != null && !causes.contains(cause); cause = cause.getCause()) {
			causes.add(0, cause);
		}
		return causes.stream().map(RedisObstacle::ofOne).filter((found) -> found != OTHER).findFirst().orElse(OTHER);
	}

	private static RedisObstacle ofOne(Throwable cause) {
		String message = String.valueOf(cause.getMessage()).toUpperCase(Locale.ROOT);
		if (message.startsWith("NOAUTH")) {
			return PASSWORD_NEEDED;
		}
		if (message.startsWith("WRONGPASS") || message.startsWith("ERR INVALID PASSWORD")
				|| message.startsWith("ERR AUTH")) {
			return PASSWORD_WRONG;
		}
		if (message.startsWith("NOPERM")) {
			return NO_PERMISSION;
		}
		if (message.startsWith("LOADING") || message.startsWith("BUSY ")) {
			return LOADING;
		}
		if (cause instanceof UnknownHostException) {
			return UNKNOWN_HOST;
		}
		if (cause instanceof SSLException) {
			return TLS;
		}
		if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException
				|| cause instanceof RedisCommandTimeoutException) {
			return NO_ANSWER;
		}
		if (cause instanceof ConnectException) {
			return message.contains("REFUSED") ? NOT_LISTENING : NO_ANSWER;
		}
		if (message.contains("CLOSED") || message.contains("CONNECTION RESET") || message.contains("INVALID FIRST BYTE")
				|| message.contains("UNKNOWN COMMAND")) {
			return CLOSED;
		}
		return OTHER;
	}

}
