package app.session.redis.engine;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that were found by an index, in the order in which they were found, with
 * {@link StoredSession#getId()} as their keys. Lookups accept the id, the alias and the
 * handle of a session, regardless of its key, because an application may look up a
 * session by a name from another node or an earlier request.
 */
public final class FoundSessions extends AbstractMap<String, StoredSession> {

	private final SessionNames names;

	private final Map<String, StoredSession> sessions = new LinkedHashMap<>();

	private final Map<String, String> keys = new HashMap<>();

	/**
	 * Creates an empty map.
	 * @param names parses names of sessions
	 */
	public FoundSessions(SessionNames names) {
		this.names = names;
	}

	/**
	 * Adds a session.
	 * @param session the session
	 */
	public void add(StoredSession session) {
		String key = session.getId();
		this.sessions.put(key, session);
		this.keys.put(session.getHandle(), key);
	}

	/** Returns the key of the session with a name, or null if it isn't in this map. */
	private @Nullable String key(@Nullable Object name) {
		if (!(name instanceof String text)) {
			return null;
		}
		if (this.sessions.containsKey(text)) {
			return text;
		}
		SessionName parsed = this.names.parse(text);
		String key = (parsed != null) ? this.keys.get(parsed.handle()) : null;
		StoredSession session = (key != null) ? this.sessions.get(key) : null;
		if (parsed == null || session == null) {
			return null;
		}
		return (parsed.id() == null || session.hasId(parsed.id().secret())) ? key : null;
	}

	@Override
	public @Nullable StoredSession get(@Nullable Object name) {
		String key = key(name);
		return (key != null) ? this.sessions.get(key) : null;
	}

	@Override
	public boolean containsKey(@Nullable Object name) {
		return key(name) != null;
	}

	@Override
	public @Nullable StoredSession put(String name, StoredSession session) {
		String key = key(name);
		return this.sessions.put((key != null) ? key : name, session);
	}

	@Override
	public @Nullable StoredSession remove(@Nullable Object name) {
		String key = key(name);
		return (key != null) ? this.sessions.remove(key) : null;
	}

	@Override
	public int size() {
		return this.sessions.size();
	}

	@Override
	public void clear() {
		this.sessions.clear();
	}

	@Override
	public Set<Entry<String, StoredSession>> entrySet() {
		return this.sessions.entrySet();
	}

	@Override
	public Set<String> keySet() {
		return new Keys();
	}

	private final class Keys extends AbstractSet<String> {

		@Override
		public Iterator<String> iterator() {
			return FoundSessions.this.sessions.keySet().iterator();
		}

		@Override
		public int size() {
			return FoundSessions.this.sessions.size();
		}

		@Override
		public boolean contains(@Nullable Object name) {
			return containsKey(name);
		}

		@Override
		public boolean remove(@Nullable Object name) {
			String key = key(name);
			return key != null && FoundSessions.this.sessions.keySet().remove(key);
		}

		@Override
		public boolean removeAll(Collection<?> names) {
			return FoundSessions.this.sessions.keySet().removeAll(keys(names));
		}

		@Override
		public boolean retainAll(Collection<?> names) {
			return FoundSessions.this.sessions.keySet().retainAll(keys(names));
		}

		private Set<String> keys(Collection<?> names) {
			Set<String> keys = new HashSet<>();
			for (Object name : names) {
				String key = key(name);
				if (key != null) {
					keys.add(key);
				}
			}
			return keys;
		}

	}

}
