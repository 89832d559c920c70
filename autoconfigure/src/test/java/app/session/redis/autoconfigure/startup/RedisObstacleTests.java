package app.session.redis.autoconfigure.startup;

import java.util.concurrent.TimeoutException;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the classification of Redis errors and client failures at startup.
 */
class RedisObstacleTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					NOPERM User app has no permissions to run the 'hset' command              | NO_PERMISSION
					ERR Error running script: 1: The user executing the script can't run this command or subcommand | NO_PERMISSION
					READONLY You can't write against a read only replica.                     | READ_ONLY
					ERR Error running script: @user_script:5: -READONLY You can't write       | READ_ONLY
					LOADING Redis is loading the dataset in memory                            | LOADING
					BUSY Redis is busy running a script.                                      | LOADING
					NOAUTH Authentication required.                                           | PASSWORD_NEEDED
					WRONGPASS invalid username-password pair or user is disabled.             | PASSWORD_WRONG
					ERR invalid password                                                      | PASSWORD_WRONG
					MOVED 15495 127.0.0.1:7001                                                | IS_CLUSTER
					ERR This instance has cluster support disabled                            | NOT_A_CLUSTER
					ERR unknown command 'EVAL', with args beginning with: 'x'                 | IS_SENTINEL
					ERR unknown command 'SENTINEL', with args beginning with: 'masters'       | NOT_A_SENTINEL
					ERR DB index is out of range                                              | NO_SUCH_DATABASE
					ERR Error running script: Unknown Redis command called from script        | COMMAND_MISSING
					OOM command not allowed when used memory > 'maxmemory'.                   | OTHER
					ERR something else                                                        | OTHER
					""")
	void anErrorOfRedisHasItsMeaning(String error, RedisObstacle obstacle) {
		assertThat(RedisObstacle.ofRefusal(error)).isEqualTo(obstacle);
		assertThat(RedisObstacle.of(new IllegalStateException(
				new RedisConnectionException("Unable to connect", new RedisCommandExecutionException(error)))))
			.isEqualTo(obstacle);
	}

	@Test
	void aTimeoutMeansNoAnswer() {
		assertThat(RedisObstacle.of(new IllegalStateException(new TimeoutException("No answer in time"))))
			.isEqualTo(RedisObstacle.NO_ANSWER);
	}

	@Test
	void aSuppressedErrorCounts() {
		RedisConnectionException failure = new RedisConnectionException("Cannot connect to a Redis Sentinel");
		failure.addSuppressed(new RedisCommandExecutionException("WRONGPASS invalid username-password pair"));
		assertThat(RedisObstacle.of(failure)).isEqualTo(RedisObstacle.PASSWORD_WRONG);
	}

}
