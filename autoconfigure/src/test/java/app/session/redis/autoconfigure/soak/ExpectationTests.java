package app.session.redis.autoconfigure.soak;

import java.util.List;

import app.session.redis.autoconfigure.soak.Disturbances.Effect;
import app.session.redis.autoconfigure.soak.Disturbances.Window;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests what the soak test accepts and what it reports.
 */
class ExpectationTests {

	private static final String HANDLE = "handlehandlehand";

	private final SoakRecord soakRecord = new SoakRecord();

	private final Disturbances disturbances = this.soakRecord.disturbances();

	private final Expectation expectation = new Expectation("anna", this.disturbances);

	/**
	 * All times are in the past by default, so that a fault of now doesn't excuse them.
	 */
	private final long start = System.currentTimeMillis() - 100_000;

	@BeforeEach
	void logIn() {
		this.expectation.loggedIn(at(0), at(1));
	}

	private long at(int second) {
		return this.start + second * 1000L;
	}

	private String mismatch(String state, int second) {
		return this.expectation.mismatch(state, at(second), at(second));
	}

	@Test
	void whatWasConfirmed_mustBeThere() {
		this.expectation.wrote(1, at(2), at(3), true);
		this.expectation.wrote(2, at(4), at(5), true);
		assertThat(mismatch("anna 2 null", 6)).isNull();
		assertThat(mismatch("anna 1 null", 6)).contains("the value is 1");
		assertThat(mismatch("anna 3 null", 6)).contains("nobody wrote");
		assertThat(mismatch("ben 2 null", 6)).contains("that of ben");
		assertThat(mismatch(SoakApplication.NONE, 6)).contains("lost");
	}

	@Test
	void writeWithoutAnAnswer_mayBeThereOrNot() {
		this.expectation.wrote(1, at(2), at(3), true);
		this.expectation.wrote(2, at(4), at(5), false);
		assertThat(mismatch("anna 1 null", 6)).isNull();
		assertThat(mismatch("anna 2 null", 6)).isNull();
		assertThat(mismatch("anna 0 null", 6)).contains("the value is 0");
	}

	@Test
	void updateUnderALock_isNotLost() {
		this.expectation.counted(at(2), at(3), true);
		this.expectation.counted(at(2), at(3), true);
		this.expectation.counted(at(4), at(5), false);
		assertThat(mismatch("anna 0 1", 6)).contains("the count is 1");
		assertThat(mismatch("anna 0 2", 6)).isNull();
		assertThat(mismatch("anna 0 3", 6)).isNull();
		assertThat(mismatch("anna 0 4", 6)).contains("nobody wrote");
	}

	@Test
	void failover_excusesOnlyWhatHappenedThen() {
		this.expectation.wrote(1, at(2), at(3), true);
		Window window = this.disturbances.open(Effect.DATA);
		long now = System.currentTimeMillis();
		this.expectation.wrote(2, now, now, true);
		this.disturbances.close(window);
		long later = now + 60_000;
		assertThat(this.expectation.mismatch("anna 1 null", later, later)).isNull();
		assertThat(this.expectation.mismatch("anna 2 null", later, later)).isNull();
		assertThat(this.expectation.mismatch("anna 0 null", later, later)).contains("the value is 0");
		assertThat(this.expectation.mismatch("anna 0 null", now, now)).isNull();
		assertThat(this.expectation.mismatch("ben 0 null", now, now)).contains("that of ben");
	}

	@Test
	void endOfASession_isPublishedOnce() {
		this.soakRecord.ended("deleted", HANDLE, at(2), at(3));
		assertThat(this.soakRecord.missing(List.of())).hasSize(1);
		this.soakRecord.checkEvents(List.of(event("deleted", 3)));
		assertThat(this.soakRecord.violations()).isEmpty();
		this.soakRecord.checkEvents(List.of(event("deleted", 3), event("deleted", 4)));
		assertThat(this.soakRecord.violations()).singleElement().asString().contains("2 times");
	}

	@Test
	void endThatIsNotPublished_orAsAnother_isReported() {
		this.soakRecord.ended("expired", HANDLE, at(2), at(3));
		this.soakRecord.checkEvents(List.of());
		assertThat(this.soakRecord.violations()).singleElement().asString().contains("never published");
		this.soakRecord.checkEvents(List.of(event("deleted", 4)));
		assertThat(this.soakRecord.violations()).hasSize(2).last().asString().contains("published: deleted");
	}

	@Test
	void aFaultOfANode_excusesARepeatedEvent_andNoLoss() {
		Window window = this.disturbances.open(Effect.EVENTS);
		long now = System.currentTimeMillis();
		this.soakRecord.ended("deleted", HANDLE, now, now);
		this.disturbances.close(window);
		this.soakRecord.checkEvents(
				List.of(new SoakNode.Ended("deleted", now, HANDLE), new SoakNode.Ended("deleted", now + 1, HANDLE)));
		assertThat(this.soakRecord.violations()).isEmpty();
		assertThat(this.soakRecord.missing(List.of())).hasSize(1);
	}

	private SoakNode.Ended event(String kind, int second) {
		return new SoakNode.Ended(kind, at(second), HANDLE);
	}

}
