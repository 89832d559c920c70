package app.session.redis.observation;

import java.util.Locale;

import app.session.redis.DeletionReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class SessionCounterTests {

	@ParameterizedTest
	@EnumSource
	void deleted_isTaggedWithTheReason(DeletionReason reason) {
		assertThat(SessionCounter.deleted(reason).getMeterName()).isEqualTo("redis.session.deleted");
		assertThat(SessionCounter.deleted(reason).getTag()).satisfies((tag) -> {
			assertThat(tag.getKey()).isEqualTo("reason");
			assertThat(tag.getValue()).isEqualTo(reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
		});
	}

	@Test
	void noTwoCounters_haveTheSameMeterAndTag() {
		assertThat(SessionCounter.values()).extracting((counter) -> counter.getMeterName() + " " + counter.getTag())
			.doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@EnumSource
	void increment_countsThatCounterAlone(SessionCounter counter) {
		SessionCounts counts = new SessionCounts();
		counts.increment(counter);
		assertThat(SessionCounter.values())
			.allSatisfy((each) -> assertThat(counts.get(each)).isEqualTo((each == counter) ? 1 : 0));
	}

	@Test
	void getDeleted_isTheSumOfAllReasons() {
		SessionCounts counts = new SessionCounts();
		for (DeletionReason reason : DeletionReason.values()) {
			counts.increment(SessionCounter.deleted(reason));
		}
		counts.increment(SessionCounter.EXPIRED);
		assertThat(counts.getDeleted()).isEqualTo(DeletionReason.values().length);
	}

}
