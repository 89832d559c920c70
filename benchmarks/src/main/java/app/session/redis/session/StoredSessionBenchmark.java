package app.session.redis.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.index.IndexValues;
import app.session.redis.index.SessionIndexes;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.AttributeConversion;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionRecords;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Measures the work of a request on a session that was read.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoredSessionBenchmark {

	private final ValueCodec codec = ValueCodec.builder().build();

	private final AttributeValues values = new AttributeValues(this.codec, AttributeConversion.NONE);

	private final SessionSettings settings = SessionSettings.builder().build();

	private final SessionRules rules = new SessionRules(this.settings.clock(), this.settings.ids(),
			this.settings.lifetimes(), new SessionNames("app:session"), KnownIds.latest());

	private final UnreadableAttributes unreadable = new UnreadableAttributes(OnUnreadable.DROP_ATTRIBUTE,
			new SessionCounts(), this.settings.optionNames());

	private final PendingSaves pendingSaves = new PendingSaves(
			new SessionIndexes(null, List.of(), List.of(), new IndexValues(null)), this.settings.lifetimes(),
			this.settings.ids(), SessionSeals.none("app:session"));

	private final SessionRecord texts = texts();

	private final SessionRecord mutable = mutable();

	private SessionRecord texts() {
		Map<String, byte[]> attributes = new HashMap<>();
		for (int i = 0; i < 8; i++) {
			attributes.put("a" + i, this.codec.serialize("x".repeat(128)));
		}
		return SessionRecords.of(attributes);
	}

	private SessionRecord mutable() {
		List<String> cart = new ArrayList<>(List.of("one", "two", "three", "four", "five"));
		return SessionRecords.of(Map.of("cart", this.codec.serialize(cart)));
	}

	private StoredSession session(SessionRecord record) {
		return new StoredSession(this.rules,
				new SessionAttributes(record.seal(), this.values, SaveMode.ON_CHANGE, this.unreadable), record,
				"secret", true, true, Instant.EPOCH);
	}

	/**
	 * Reads one attribute of eight.
	 * @return the attribute
	 */
	@Benchmark
	public @Nullable Object readOneOfEight() {
		return session(this.texts).getAttribute("a0");
	}

	/**
	 * Reads an attribute that could have been changed in place, but was not.
	 * @return null, because nothing has to be saved
	 */
	@Benchmark
	public @Nullable Object findNoChangeInPlace() {
		StoredSession session = session(this.mutable);
		session.getAttribute("cart");
		return this.pendingSaves.of(session, true, true);
	}

}
