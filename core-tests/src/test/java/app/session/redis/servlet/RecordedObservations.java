package app.session.redis.servlet;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * What was observed, in the order in which it ended.
 */
public final class RecordedObservations implements ObservationHandler<Observation.Context> {

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final List<Observation.Context> started = new CopyOnWriteArrayList<>();

	private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();

	public RecordedObservations() {
		this.registry.observationConfig().observationHandler(this);
	}

	public ObservationRegistry registry() {
		return this.registry;
	}

	public List<Observation.Context> stopped() {
		return this.stopped;
	}

	/** Their operations and outcomes; none must be under way. */
	public List<String> outcomes() {
		if (this.started.size() != this.stopped.size()) {
			throw new IllegalStateException("Not all have ended");
		}
		return this.stopped.stream().map(RecordedObservations::outcome).toList();
	}

	private static String outcome(Observation.Context context) {
		return tags(context).get("operation") + " " + tags(context).get("outcome");
	}

	/** All that an observation tells. */
	public static Map<String, @Nullable String> tags(Observation.Context context) {
		Map<String, @Nullable String> tags = new TreeMap<>();
		context.getAllKeyValues().forEach((tag) -> tags.put(tag.getKey(), tag.getValue()));
		return tags;
	}

	public void clear() {
		this.started.clear();
		this.stopped.clear();
	}

	@Override
	public void onStart(Observation.Context context) {
		this.started.add(context);
	}

	@Override
	public void onStop(Observation.Context context) {
		this.stopped.add(context);
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return true;
	}

}
