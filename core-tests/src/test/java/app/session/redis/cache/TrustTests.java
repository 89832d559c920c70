package app.session.redis.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests when validations hold, by a clock that the test sets.
 */
class TrustTests {

	private static final Duration MAX_AGE = Duration.ofSeconds(2);

	private static final String HANDLE = "N57_ydQ9_ofsJC5P";

	/** A monotonic clock may overflow at any time. */
	private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);

	private final Trust trust = new Trust(MAX_AGE, this.clock::get);

	@BeforeEach
	void subscribe() {
		this.trust.subscribed();
	}

	private boolean holds(Validation validation) {
		return this.trust.holds(HANDLE, validation, this.trust.now());
	}

	@Test
	void validation_holdsUntilItsAge() {
		Validation validation = this.trust.prepare(HANDLE);
		assertThat(holds(validation)).isTrue();
		this.clock.addAndGet(MAX_AGE.toNanos() - 1);
		assertThat(holds(validation)).isTrue();
		this.clock.incrementAndGet();
		assertThat(holds(validation)).isFalse();
	}

	@Test
	void change_voidsValidationsFromBeforeIt_whetherOrNotTheirRepliesHaveArrived() {
		Validation validation = this.trust.prepare(HANDLE);
		this.trust.changed(HANDLE);
		assertThat(holds(validation)).isFalse();
		assertThat(holds(this.trust.prepare(HANDLE))).isTrue();
	}

	@Test
	void changeOfAnotherSession_voidsNothing() {
		Validation validation = this.trust.prepare(HANDLE);
		this.trust.changed("another session.");
		assertThat(holds(validation)).isTrue();
	}

	@Test
	void onlyOneOfTwoLookups_supersedesTheOthers() {
		Validation earlier = this.trust.prepare(HANDLE);
		Validation first = this.trust.prepare(HANDLE);
		Validation second = this.trust.prepare(HANDLE);
		Validation kept = this.trust.supersede(HANDLE, first);
		assertThat(holds(kept)).isTrue();
		assertThat(kept.sentAt()).isEqualTo(first.sentAt());
		assertThat(holds(earlier)).isFalse();
		assertThat(this.trust.supersede(HANDLE, second)).isNull();
		assertThat(holds(kept)).as("their order is not known").isFalse();
	}

	@Test
	void lookupWithoutAValidation_voidsOthers() {
		Validation validation = this.trust.prepare(HANDLE);
		assertThat(this.trust.supersede(HANDLE, null)).isNull();
		assertThat(holds(validation)).isFalse();
	}

	@Test
	void interruption_suspendsTrustAndVoidsValidations() {
		Validation before = this.trust.prepare(HANDLE);
		this.trust.interrupted();
		assertThat(this.trust.isActive()).isFalse();
		assertThat(holds(before)).isFalse();
		assertThat(this.trust.prepare(HANDLE)).isNull();
		this.trust.subscribed();
		assertThat(holds(before)).isFalse();
		assertThat(holds(this.trust.prepare(HANDLE))).isTrue();
	}

	@Test
	void repeatedSubscription_voidsValidations() {
		Validation before = this.trust.prepare(HANDLE);
		this.trust.subscribed();
		assertThat(holds(before)).isFalse();
	}

	@Test
	void refusedPublication_suspendsTrust_andVoidsValidationsWhenItEnds() {
		Validation before = this.trust.prepare(HANDLE);
		assertThat(this.trust.published(false)).isTrue();
		assertThat(this.trust.published(false)).as("has changed").isFalse();
		assertThat(this.trust.isActive()).isFalse();
		assertThat(holds(before)).isFalse();
		assertThat(this.trust.published(true)).isTrue();
		assertThat(holds(before)).as("changes of other nodes may not have been published").isFalse();
		assertThat(holds(this.trust.prepare(HANDLE))).isTrue();
	}

	@Test
	void sessionsBelowTenTimesTheAge_areShort() {
		assertThat(this.trust.isShort(MAX_AGE.multipliedBy(10))).isFalse();
		assertThat(this.trust.isShort(MAX_AGE.multipliedBy(10).minusMillis(1))).isTrue();
		assertThat(this.trust.isShort(Duration.ZERO)).as("never expires").isFalse();
		assertThat(this.trust.isShort(Duration.ofSeconds(-1))).as("never expires").isFalse();
	}

	@Test
	void withoutAnAge_nothingIsTrusted() {
		Trust none = new Trust(Duration.ZERO, this.clock::get);
		none.subscribed();
		none.changed(HANDLE);
		assertThat(none.isActive()).isFalse();
		assertThat(none.prepare(HANDLE)).isNull();
		assertThat(none.supersede(HANDLE, null)).isNull();
	}

}
