package app.session.redis.index;

import java.util.Collection;
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

	private final IndexResolver<Session> resolver;

	private final boolean custom;

	private final Set<String> attributes;

	/**
	 * Creates it.
	 * @param resolver the application's own resolver, which then answers for the
	 * principal too; null for Spring Session's of the principal
	 * @param attributes names of attributes to index; of a collection each element
	 */
	public SessionIndexes(@Nullable IndexResolver<Session> resolver, Collection<String> attributes) {
		this.custom = resolver != null;
		this.resolver = (resolver != null) ? resolver : new PrincipalNameIndexResolver<>();
		this.attributes = new LinkedHashSet<>(attributes);
	}

	/**
	 * Whether an attribute's change can change the entries.
	 * @param attribute its name
	 * @return true if so
	 */
	public boolean dependOn(String attribute) {
		return this.custom || attribute.equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME)
				|| attribute.equals(SECURITY_CONTEXT) || this.attributes.contains(attribute);
	}

	/**
	 * Tells the entries of a session.
	 * @param session the session
	 * @return its entries
	 */
	public Set<IndexEntry> resolve(Session session) {
		Set<IndexEntry> entries = new LinkedHashSet<>();
		for (Map.Entry<String, String> index : this.resolver.resolveIndexesFor(session).entrySet()) {
			add(entries, index.getKey(), index.getValue());
		}
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

	private static void add(Set<IndexEntry> entries, String name, @Nullable Object value) {
		if (value != null) {
			entries.add(new IndexEntry(name, value.toString()));
		}
	}

}
