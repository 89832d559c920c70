package app.session.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions that this node has served. Redis doesn't hold them, but registries
 * on this node know sessions by their ids, so events name sessions by them where
 * possible.
 */
final class KnownIds {

	private static final int MAX_SIZE = 10_000;

	/** The secrets of each session, that of its last known id at the end. */
	private final ConcurrentMap<String, List<String>> secrets;

	/** Whether the ids that a session had before are kept, too. */
	private final boolean all;

	private KnownIds(ConcurrentMap<String, List<String>> secrets, boolean all) {
		this.secrets = secrets;
		this.all = all;
	}

	/** Holds the last id of sessions that were served lately. */
	static KnownIds latest() {
		return new KnownIds(Caffeine.newBuilder().maximumSize(MAX_SIZE).<String, List<String>>build().asMap(), false);
	}

	/** Holds each id of every session until it is removed. */
	static KnownIds all() {
		return new KnownIds(new ConcurrentHashMap<>(), true);
	}

	/** Notes the id that a session has. */
	void add(String handle, String secret) {
		List<String> known = this.secrets.get(handle);
		if (known != null && secret.equals(last(known))) {
			return;
		}
		if (!this.all) {
			this.secrets.put(handle, List.of(secret));
			return;
		}
		this.secrets.merge(handle, List.of(secret), (before, added) -> {
			List<String> merged = new ArrayList<>(before);
			merged.remove(secret);
			merged.add(secret);
			return List.copyOf(merged);
		});
	}

	/**
	 * Notes an id that a session is given: a registry may hear of it before it is saved,
	 * and also if it never is.
	 */
	void addUnsaved(String handle, String secret) {
		if (!this.all) {
			return;
		}
		this.secrets.merge(handle, List.of(secret), (before, added) -> {
			List<String> merged = new ArrayList<>(added);
			merged.addAll(before);
			return List.copyOf(merged);
		});
	}

	/**
	 * The secret under which the node last served the session, be it outdated; or null.
	 */
	@Nullable String last(String handle) {
		List<String> known = this.secrets.get(handle);
		return (known != null) ? last(known) : null;
	}

	private static String last(List<String> secrets) {
		return secrets.get(secrets.size() - 1);
	}

	boolean contains(String handle) {
		return this.secrets.containsKey(handle);
	}

	/** Forgets a session, and returns the secrets of the ids that it had here. */
	List<String> remove(String handle) {
		List<String> known = this.secrets.remove(handle);
		return (known != null) ? known : List.of();
	}

	List<String> handles() {
		return List.copyOf(this.secrets.keySet());
	}

}
