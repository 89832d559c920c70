package app.session.redis.autoconfigure.soak;

import java.util.ArrayList;
import java.util.List;

/**
 * The times at which a fault allows what is otherwise forbidden. All times are in
 * milliseconds.
 */
final class Disturbances {

	/** Redis may lose what it has confirmed within this time before a failover. */
	private static final long BEFORE = 1000;

	/** Time for all nodes to notice that a fault is over. */
	private static final long AFTER = 3000;

	private final List<Window> windows = new ArrayList<>();

	/** What a fault may cause. */
	enum Effect {

		/** A primary may lose what it has confirmed, or return what was replaced. */
		DATA,

		/** A node may repeat an event. */
		EVENTS

	}

	/** Opens a window, until {@link #close(Window)}. */
	synchronized Window open(Effect effect) {
		Window window = new Window(effect, System.currentTimeMillis() - BEFORE);
		this.windows.add(window);
		return window;
	}

	synchronized void close(Window window) {
		window.end = System.currentTimeMillis() + AFTER;
	}

	/** Whether Redis kept everything that it confirmed then, and returned the newest. */
	synchronized boolean isCertain(long from, long to) {
		return this.windows.stream().noneMatch((window) -> window.effect == Effect.DATA && window.overlaps(from, to));
	}

	/** Whether no event of that time can have been repeated. */
	synchronized boolean isOnce(long from, long to) {
		return this.windows.stream().noneMatch((window) -> window.overlaps(from, to));
	}

	/** A period with a fault. */
	static final class Window {

		private final Effect effect;

		private final long start;

		private long end = Long.MAX_VALUE;

		private Window(Effect effect, long start) {
			this.effect = effect;
			this.start = start;
		}

		private boolean overlaps(long from, long to) {
			return from <= this.end && to >= this.start;
		}

	}

}
