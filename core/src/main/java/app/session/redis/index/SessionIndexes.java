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
import org.springframework.session.MapSession;
import org.springframework.session.PrincipalNameIndexResolver;
import org.springframework.session.Session;

/**
 * Tells under what a session can be found: its principal, the attributes that are
 * configured, and what the application's own resolver says.
 */
public final class SessionIndexes {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

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
		if (attribute.equals(PRINCIPAL) || attribute.equals(SECURITY_CONTEXT)) {
			return PRINCIPAL;
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

	/**
	 * Tells the principal that a session is going to have.
	 * @param session the session as it is, or null where only the attributes are known
	 * @param attributes what is going to be set
	 * @return its entries in the index of principals
	 */
	public Set<IndexEntry> principals(@Nullable Session session, Map<String, ?> attributes) {
		Session after = new MapSession();
		if (session != null) {
			Set<String> names = (this.custom != null) ? session.getAttributeNames() : Set.of(PRINCIPAL);
			for (String name : names) {
				Object value = session.getAttribute(name);
				if (value != null) {
					after.setAttribute(name, value);
				}
			}
		}
		attributes.forEach(after::setAttribute);
		Set<IndexEntry> entries = resolve(after);
		entries.removeIf((entry) -> !entry.name().equals(PRINCIPAL));
		return entries;
	}

	private void add(Set<IndexEntry> entries, String name, @Nullable Object value) {
		if (value != null) {
			entries.add(this.values.entry(name, value.toString()));
		}
	}

}
