package app.session.redis.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;

import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions that this node has served. They aren't stored in Redis, but
 * registries on this node use them, so events contain them where possible.
 */
public final class KnownIds {

	private static final int MAX_SIZE = 10_000;

	/**
	 * The maximum number of ids that are kept for a session, which is more than normal
	 * use requires.
	 */
	private static final int MAX_REGISTERED = 1000;

	private final ConcurrentMap<String, Ids> ids;

	/** Whether sessions are kept until they end, with each id of a log-in. */
	private final boolean untilEnd;

	private KnownIds(ConcurrentMap<String, Ids> ids, boolean untilEnd) {
		this.ids = ids;
		this.untilEnd = untilEnd;
	}

	/**
	 * Creates a cache of the last ids of recently served sessions.
	 * @return a cache of the last ids of recently served sessions
	 */
	public static KnownIds latest() {
		return new KnownIds(
				Caffeine.newBuilder().maximumSize(MAX_SIZE).executor(Runnable::run).<String, Ids>build().asMap(),
				false);
	}

	/**
	 * Creates a registry that keeps the last id of every session, and the ids under which
	 * a registry may have registered it, until the session is removed.
	 * @return a registry that keeps the last id of every session, and the ids under which
	 * a registry may have registered it, until the session is removed
	 */
	public static KnownIds untilEnd() {
		return new KnownIds(new ConcurrentHashMap<>(), true);
	}

	/**
	 * Records the current id of a session.
	 * @param handle the handle of the session
	 * @param secret the secret of the id
	 */
	public void add(String handle, String secret) {
		Ids known = this.ids.get(handle);
		if (known == null || !known.last.equals(secret)) {
			update(handle, secret, (before) -> new Ids(secret, before.registered));
		}
	}

	/**
	 * Records the current id of a session with a logged-in user.
	 * @param handle the handle of the session
	 * @param secret the secret of the id
	 */
	public void addLoggedIn(String handle, String secret) {
		add(handle, secret);
		register(handle, secret);
	}

	/**
	 * Records a new id of a session, for example at log-in. A registry may use it before
	 * it is saved, and even if it is never saved.
	 * @param handle the handle of the session
	 * @param secret the secret of the id
	 */
	public void register(String handle, String secret) {
		if (this.untilEnd) {
			update(handle, secret, (before) -> before.withRegistered(secret));
		}
	}

	/**
	 * Removes an id that never became valid, because the save that assigned it failed.
	 * @param handle the handle of the session
	 * @param secret the secret of the id
	 */
	public void unregister(String handle, String secret) {
		this.ids.computeIfPresent(handle, (key, before) -> before.without(secret));
	}

	private void update(String handle, String secret, UnaryOperator<Ids> change) {
		this.ids.compute(handle, (key, before) -> change.apply((before != null) ? before : new Ids(secret, List.of())));
	}

	/**
	 * Returns the secret of the id under which this node last served the session, which
	 * may be outdated, or null.
	 * @param handle the handle of the session
	 * @return the secret of the id under which this node last served the session, which
	 * may be outdated, or null
	 */
	public @Nullable String last(String handle) {
		Ids known = this.ids.get(handle);
		return (known != null) ? known.last : null;
	}

	/**
	 * Returns whether this node has served a session.
	 * @param handle the handle of the session
	 * @return whether an id of the session is known
	 */
	public boolean contains(String handle) {
		return this.ids.containsKey(handle);
	}

	/**
	 * Removes a session.
	 * @param handle the handle of the session
	 * @return the secrets of the ids under which a registry may have registered it, and
	 * of its last id
	 */
	public List<String> remove(String handle) {
		Ids known = this.ids.remove(handle);
		return (known != null) ? known.withRegistered(known.last).registered : List.of();
	}

	/**
	 * Returns the sessions with known ids.
	 * @return a copy of the handles
	 */
	public List<String> handles() {
		return List.copyOf(this.ids.keySet());
	}

	/**
	 * The ids of a session.
	 *
	 * @param last the secret of the last id
	 * @param registered the secrets of ids under which a registry may have registered the
	 * session
	 */
	private record Ids(String last, List<String> registered) {

		Ids withRegistered(String secret) {
			if (this.registered.contains(secret)) {
				return this;
			}
			List<String> all = new ArrayList<>(this.registered);
			all.add(secret);
			if (all.size() > MAX_REGISTERED) {
				all.remove(0);
			}
			return new Ids(this.last, List.copyOf(all));
		}

		@Nullable Ids without(String secret) {
			List<String> rest = this.registered.stream().filter((each) -> !each.equals(secret)).toList();
			return (rest.isEmpty() && this.last.equals(secret)) ? null : new Ids(this.last, rest);
		}

	}

}
