package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.CommandType;

/**
 * Determines whether a connection leads to a primary.
 */
final class Primary {

	private static final byte FIRST_OF_MASTER = 'm';

	private Primary() {
	}

	/**
	 * Sends {@code ROLE} to the server and waits for the reply.
	 * @param connection the connection
	 * @param timeout the timeout for the reply
	 * @return whether the server is a primary, or doesn't permit the command
	 */
	static boolean isPrimary(StatefulConnection<byte[], byte[]> connection, Duration timeout) {
		AsyncCommand<byte[], byte[], Reply> command = Call.of(CommandType.ROLE).command(false);
		try {
			connection.dispatch(command);
			Reply reply = command.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
			return reply.isBytes(0) && reply.bytes(0)[0] == FIRST_OF_MASTER;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		catch (ExecutionException ex) {
			return ex.getCause() instanceof RedisCommandExecutionException;
		}
		catch (TimeoutException ex) {
			return false;
		}
	}

}
