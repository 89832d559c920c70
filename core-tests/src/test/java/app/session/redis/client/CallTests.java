package app.session.redis.client;

import java.time.Duration;
import java.util.stream.LongStream;

import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ReadOnlyCommands;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests how often a call is repeated, and where it is sent.
 */
class CallTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final Call call = Call.of(CommandType.PING);

	@Test
	void aCallWhoseSlotNoNodeServesIsRepeatedThreeTimesWithinAMoment() {
		long[] pauses = LongStream.generate(() -> this.call.nextPause(TIMEOUT, true)).limit(4).toArray();
		assertThat(pauses[3]).isEqualTo(-1);
		assertThat(pauses[0] + pauses[1] + pauses[2]).isBetween(1L, Duration.ofMillis(50).toNanos());
	}

	@Test
	void aCallWhoseSlotIsMovedIsRepeatedUntilTheTimeout() {
		assertThat(LongStream.generate(() -> this.call.nextPause(TIMEOUT, false)).limit(20))
			.allMatch((pause) -> pause > 0);
		assertThat(this.call.nextPause(TIMEOUT, true)).isPositive();
	}

	@Test
	void aReadOfAllFieldsIsSentToThePrimaryEvenIfReadsGoToReplicas() {
		var command = Call.fields(new byte[] { 'k' }).command(false);
		assertThat(command.getType()).hasToString("HGETALL");
		assertThat(command.getType().getBytes()).isEqualTo(CommandType.HGETALL.getBytes());
		assertThat(ReadOnlyCommands.isReadOnlyCommand(command.getType())).isFalse();
	}

}
