package app.session.redis.index;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import app.session.redis.SessionId;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.Reply;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of several sorted sets of handles in steps, one set after the other:
 * {@code ZSCAN}, which returns every member that exists from the first step to the last,
 * even if its score changes, and may return some of them twice.
 */
public final class SetScan {

	private final CallSender engine;

	private final List<byte[]> sets;

	SetScan(CallSender engine, List<byte[]> sets) {
		this.engine = engine;
		this.sets = sets;
	}

	/**
	 * Returns the position at which a scan begins.
	 * @return the position
	 */
	public static Position start() {
		return new Position(0, "0");
	}

	/**
	 * Returns the position that a cursor describes.
	 * @param cursor the cursor, or null for the start
	 * @return the position
	 * @throws IllegalArgumentException if the cursor is invalid
	 */
	Position position(@Nullable String cursor) {
		return (cursor != null) ? Position.parse(cursor, this.sets.size()) : start();
	}

	/**
	 * Reads the next members, in one round trip. Members that aren't handles are ignored.
	 * A damaged set must not hide the others, so it has no members.
	 * @param position where to continue
	 * @param count the approximate number of members to read; small sets are read as a
	 * whole
	 * @return the members, and the position after them
	 */
	public CompletableFuture<Step> read(Position position, int count) {
		Call scan = Call.of(CommandType.ZSCAN, this.sets.get(position.set()))
			.arg(position.cursor())
			.arg("COUNT")
			.arg(count);
		this.engine.send(List.of(scan));
		return Call.allButDamaged(List.of(scan)).thenApply((ignored) -> {
			if (scan.isDamaged()) {
				return step(List.of(), position.next("0"));
			}
			Reply reply = scan.received();
			List<String> handles = new ArrayList<>(reply.size() / 2);
			for (int i = 1; i < reply.size(); i += 2) {
				String handle = reply.text(i);
				if (SessionId.isHandle(handle)) {
					handles.add(handle);
				}
			}
			return step(handles, position.next(reply.text(0)));
		});
	}

	private Step step(List<String> handles, Position next) {
		return new Step(handles, (next.set() < this.sets.size()) ? next : null);
	}

	/**
	 * The members that were read in one step.
	 *
	 * @param handles the members
	 * @param next the position of the next step; null if this was the last
	 */
	public record Step(List<String> handles, @Nullable Position next) {
	}

	/**
	 * A position in a scan.
	 *
	 * @param set the number of the sorted set
	 * @param cursor Redis's cursor in it
	 */
	public record Position(int set, String cursor) {

		static Position parse(String text, int sets) {
			int dash = text.indexOf('-');
			try {
				int set = Integer.parseInt(text.substring(0, Math.max(dash, 0)));
				String cursor = text.substring(dash + 1);
				long number = Long.parseUnsignedLong(cursor);
				if (set >= 0 && set < sets) {
					return new Position(set, Long.toUnsignedString(number));
				}
			}
			catch (NumberFormatException ex) {
				throw invalid(ex);
			}
			throw invalid(null);
		}

		static IllegalArgumentException invalid(@Nullable Exception cause) {
			return new IllegalArgumentException("The cursor is not valid. Start without a cursor", cause);
		}

		/**
		 * Returns whether the scan of another set begins here.
		 * @return whether the scan of another set begins here
		 */
		public boolean isStartOfSet() {
			return this.cursor.equals("0");
		}

		Position next(String cursor) {
			return cursor.equals("0") ? new Position(this.set + 1, "0") : new Position(this.set, cursor);
		}

		@Override
		public String toString() {
			return this.set + "-" + this.cursor;
		}

	}

}
