package app.session.redis.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;

import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions that this node has served. Redis doesn't hold them, but registries
 * on this node know sessions by their ids, so events name sessions by them where
 * possible.
 */
public final class KnownIds {

	private static final int MAX_SIZE = 10_000;

	/** How many ids of a session are remembered: more changes than a user makes. */
	private static final int MAX_REGISTERED = 1000;

	private final ConcurrentMap<String, Ids> ids;

	/** Whether sessions are known until they end, by each id of a log-in. */
	private final boolean untilTheEnd;

	private KnownIds(ConcurrentMap<String, Ids> ids, boolean untilTheEnd) {
		this.ids = ids;
		this.untilTheEnd = untilTheEnd;
	}

	/** Holds the last id of sessions that were served lately. */
	public static KnownIds latest() {
		return new KnownIds(
				Caffeine.newBuilder().maximumSize(MAX_SIZE).executor(Runnable::run).<String, Ids>build().asMap(),
				false);
	}

	/**
	 * Holds the last id of every session, and those under which a registry may know it,
	 * until the session is removed.
	 */
	public static KnownIds untilTheEnd() {
		return new KnownIds(new ConcurrentHashMap<>(), true);
	}

	/** Notes the id that a session has. */
	public void add(String handle, String secret) {
		Ids known = this.ids.get(handle);
		if (known == null || !known.last.equals(secret)) {
			update(handle, secret, (before) -> new Ids(secret, before.registered));
		}
	}

	/** Notes the id that a session has, and that somebody is logged in under it. */
	public void addLoggedIn(String handle, String secret) {
		add(handle, secret);
		register(handle, secret);
	}

	/**
	 * Notes an id that a session is given, as at a log-in: a registry may hear of it
	 * before it is saved, and also if it never is.
	 */
	public void register(String handle, String secret) {
		if (this.untilTheEnd) {
			update(handle, secret, (before) -> before.withRegistered(secret));
		}
	}

	/** Notes that an id never opened the session: the save that gave it failed. */
	public void unregister(String handle, String secret) {
		this.ids.computeIfPresent(handle, (key, before) -> before.without(secret));
	}

	private void update(String handle, String secret, UnaryOperator<Ids> change) {
		this.ids.compute(handle, (key, before) -> change.apply((before != null) ? before : new Ids(secret, List.of())));
	}

	/**
	 * The secret under which the node last served the session, be it outdated; or null.
	 */
	public @Nullable String last(String handle) {
		Ids known = this.ids.get(handle);
		return (known != null) ? known.last : null;
	}

	public boolean contains(String handle) {
		return this.ids.containsKey(handle);
	}

	/**
	 * Forgets a session.
	 * @return the secrets of the ids under which a registry may know it, and of its last
	 * one
	 */
	public List<String> remove(String handle) {
		Ids known = this.ids.remove(handle);
		return (known != null) ? known.withRegistered(known.last).registered : List.of();
	}

	public List<String> handles() {
		return List.copyOf(this.ids.keySet());
	}

	/**
	 * The ids of a session.
	 *
	 * @param last the secret of the last id
	 * @param registered the secrets of ids under which a registry may know the session
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
