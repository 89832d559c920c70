package app.session.redis.session;

import java.time.Instant;
import java.util.List;

import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SessionSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests what remains to be saved if a session changes while a save is in progress.
 */
class PendingSavesTests {

	private final SessionSettings settings = SessionSettings.builder().build();

	private final SessionSeals seals = SessionSeals.none("app:session");

	private final PendingSaves pendingSaves = new PendingSaves(
			new SessionIndexes(null, List.of(), List.of(), new IndexValues(null)), this.settings.lifetimes(),
			this.settings.ids(), this.seals);

	private final StoredSession session = new StoredSessions(
			new SessionRules(this.settings.clock(), this.settings.ids(), this.settings.lifetimes(),
					new SessionNames("app:session"), KnownIds.latest()),
			this.settings, this.seals, ValueCodec.builder().build(),
			new UnreadableAttributes(OnUnreadable.DROP_ATTRIBUTE, new SessionCounts(), this.settings.optionNames()))
		.create(SessionScope.none());

	private PendingSave pending() {
		return this.pendingSaves.of(this.session, true, false);
	}

	@Test
	void accessThatIsSetBackWhileASaveIsOnItsWayIsStillToBeSaved() {
		this.session.saved(pending(), null);
		Instant access = this.session.getLastAccessedTime();
		this.session.setLastAccessedTime(access.minusSeconds(10));
		PendingSave first = pending();
		this.session.setLastAccessedTime(access.minusSeconds(20));
		this.session.saved(first, null);
		assertThat(pending()).isNotNull();
		this.session.saved(pending(), null);
		assertThat(pending()).isNull();
	}

	@Test
	void attributeThatIsSetWhileASaveIsOnItsWayIsStillToBeSaved() {
		this.session.setAttribute("name", "first");
		PendingSave first = pending();
		this.session.setAttribute("name", "second");
		this.session.saved(first, null);
		assertThat(pending()).isNotNull();
	}

}
