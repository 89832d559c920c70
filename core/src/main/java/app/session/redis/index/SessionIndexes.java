package app.session.redis.index;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.IndexResolver;
import org.springframework.session.PrincipalNameIndexResolver;
import org.springframework.session.Session;

/**
 * Tells under what a session can be found: its principal, the attributes that are
 * configured, and what the application's own resolver says.
 */
public final class SessionIndexes {

	private static final String SECURITY_CONTEXT = "SPRING_SECURITY_CONTEXT";

	private final IndexResolver<Session> principal = new PrincipalNameIndexResolver<>();

	private final @Nullable IndexResolver<Session> custom;

	private final Set<String> attributes;

	private final IndexValues values;

	/**
	 * Creates it.
	 * @param custom the application's own resolver, or null; where it tells the
	 * principal, Spring Session's doesn't
	 * @param attributes names of attributes to index; of a collection each element
	 * @param values in which form their values are stored
	 */
	public SessionIndexes(@Nullable IndexResolver<Session> custom, Collection<String> attributes, IndexValues values) {
		this.custom = custom;
		this.attributes = new LinkedHashSet<>(attributes);
		this.values = values;
	}

	/**
	 * In which form the values are stored.
	 * @return the form
	 */
	public IndexValues values() {
		return this.values;
	}

	/**
	 * Whether an attribute's change can change the entries.
	 * @param attribute its name
	 * @return true if so
	 */
	public boolean dependOn(String attribute) {
		return this.custom != null || isIndexed(attribute);
	}

	/**
	 * Whether an attribute is known to make entries.
	 * @param attribute its name
	 * @return true if so
	 */
	public boolean isIndexed(String attribute) {
		return index(attribute) != null;
	}

	/**
	 * Tells the index that an attribute is known to make entries of.
	 * @param attribute its name
	 * @return the name of the index, or null
	 */
	public @Nullable String index(String attribute) {
		if (attribute.equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME)
				|| attribute.equals(SECURITY_CONTEXT)) {
			return FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;
		}
		return this.attributes.contains(attribute) ? attribute : null;
	}

	/**
	 * Tells the entries of a session, as they are to be stored.
	 * @param session the session
	 * @return its entries
	 */
	public Set<IndexEntry> resolve(Session session) {
		Set<IndexEntry> entries = new LinkedHashSet<>();
		Map<String, String> indexes = new LinkedHashMap<>(this.principal.resolveIndexesFor(session));
		if (this.custom != null) {
			indexes.putAll(this.custom.resolveIndexesFor(session));
		}
		indexes.forEach((name, value) -> add(entries, name, value));
		for (String attribute : this.attributes) {
			Object value = session.getAttribute(attribute);
			if (value instanceof Iterable<?> elements) {
				elements.forEach((element) -> add(entries, attribute, element));
			}
			else {
				add(entries, attribute, value);
			}
		}
		return entries;
	}

	private void add(Set<IndexEntry> entries, String name, @Nullable Object value) {
		if (value != null) {
			entries.add(this.values.entry(name, value.toString()));
		}
	}

}
