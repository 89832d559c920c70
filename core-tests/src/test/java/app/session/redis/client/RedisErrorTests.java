package app.session.redis.client;

import app.session.redis.SessionStoreUnavailableException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the classification of Redis errors, and the reasons of unavailability that follow
 * from them.
 */
class RedisErrorTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					NOPERM User app has no permissions to run the 'hset' command              | NO_PERMISSION | NOT_PERMITTED
					ERR Error running script: 1: The user executing the script can't run this command or subcommand | NO_PERMISSION | NOT_PERMITTED
					NOAUTH Authentication required.                                           | PASSWORD_NEEDED | NOT_PERMITTED
					WRONGPASS invalid username-password pair or user is disabled.             | PASSWORD_WRONG | NOT_PERMITTED
					ERR invalid password                                                      | PASSWORD_WRONG | NOT_PERMITTED
					ERR AUTH <password> called without any password configured for the default user. | PASSWORD_WRONG | NOT_PERMITTED
					READONLY You can't write against a read only replica.                     | READ_ONLY | READ_ONLY
					ERR Error running script: @user_script:5: -READONLY You can't write       | READ_ONLY | READ_ONLY
					MASTERDOWN Link with MASTER is down                                       | READ_ONLY | READ_ONLY
					LOADING Redis is loading the dataset in memory                            | LOADING | LOADING
					BUSY Redis is busy running a script.                                      | BUSY | BUSY
					OOM command not allowed when used memory > 'maxmemory'.                   | OUT_OF_MEMORY | OUT_OF_MEMORY
					MISCONF Redis is configured to save RDB snapshots                         | PERSISTENCE_FAILED | PERSISTENCE_FAILED
					NOREPLICAS Not enough good replicas to write.                             | NO_REPLICAS | NO_REPLICAS
					CLUSTERDOWN Hash slot not served                                          | CLUSTER_DOWN | CLUSTER_DOWN
					MOVED 15495 127.0.0.1:7001                                                | MOVED | SLOT_MOVING
					ASK 15495 127.0.0.1:7001                                                  | SLOT_MIGRATING | SLOT_MOVING
					TRYAGAIN Multiple keys request during rehashing of slot                   | SLOT_MIGRATING | SLOT_MOVING
					WRONGTYPE Operation against a key holding the wrong kind of value         | WRONG_TYPE | DAMAGED
					ERR This instance has cluster support disabled                            | CLUSTER_DISABLED | FAILED
					ERR unknown command 'EVAL', with args beginning with: 'x'                 | NO_EVAL_COMMAND | FAILED
					ERR unknown command `SENTINEL`, with args beginning with: `masters`       | NO_SENTINEL_COMMAND | FAILED
					ERR unknown command 'PING', with args beginning with:                     | NO_SUCH_COMMAND | FAILED
					ERR Error running script: Unknown Redis command called from script        | NO_SUCH_COMMAND_IN_SCRIPT | FAILED
					ERR No such master with that name                                         | NO_SUCH_MASTER | FAILED
					ERR DB index is out of range                                              | NO_SUCH_DATABASE | FAILED
					ERR something else                                                        | OTHER | FAILED
					the key was removed while it was loading                                  | OTHER | FAILED
					""")
	void anErrorHasItsMeaningAndReason(String message, RedisError error, Reason reason) {
		assertThat(RedisError.of(message)).isEqualTo(error);
		RedisCommandExecutionException failure = new RedisCommandExecutionException(message);
		assertThat(Failures.translate(failure).getReason()).isEqualTo(reason);
		assertThat(Failures.translate(new RedisConnectionException("Unable to connect", failure)).getReason())
			.isEqualTo(reason);
	}

	@Test
	void anErrorWithoutAMessageIsAnyOther() {
		assertThat(Failures.translate(new RedisCommandExecutionException((String) null)).getReason())
			.isEqualTo(Reason.FAILED);
	}

}
