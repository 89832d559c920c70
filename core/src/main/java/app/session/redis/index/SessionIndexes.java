package app.session.redis.index;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import app.session.redis.settings.AttributeIndexResolver;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.IndexResolver;
import org.springframework.session.MapSession;
import org.springframework.session.PrincipalNameIndexResolver;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.session.Session;

/**
 * Resolves the index entries of a session: its principal, the configured attributes, and
 * the entries of the application's own resolver.
 */
public final class SessionIndexes {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	/** The attribute of reactive applications for the name of the principal. */
	private static final String REACTIVE_PRINCIPAL = ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final String SECURITY_CONTEXT = "SPRING_SECURITY_CONTEXT";

	private final IndexResolver<Session> principal = new PrincipalNameIndexResolver<>();

	/** The maximum number of entries of a session. */
	public static final int MAX_ENTRIES = 5000;

	private final @Nullable IndexResolver<Session> custom;

	private final Set<String> attributes;

	private final List<AttributeIndexResolver> resolvers;

	private final IndexValues values;

	/**
	 * Creates an instance.
	 * @param custom the application's own resolver, or null; a principal that it resolves
	 * replaces that of Spring Session's resolver
	 * @param attributes the names of attributes to index; each element of a collection is
	 * indexed
	 * @param resolvers resolvers that depend on some attributes only
	 * @param values the form in which the values are stored
	 */
	public SessionIndexes(@Nullable IndexResolver<Session> custom, Collection<String> attributes,
			Collection<? extends AttributeIndexResolver> resolvers, IndexValues values) {
		this.custom = custom;
		this.attributes = new LinkedHashSet<>(attributes);
		this.resolvers = List.copyOf(resolvers);
		this.values = values;
	}

	/**
	 * Returns the form in which the values are stored.
	 * @return the form
	 */
	public IndexValues values() {
		return this.values;
	}

	/**
	 * Returns whether a change of an attribute can change the entries.
	 * @param attribute its name
	 * @return whether the entries depend on it
	 */
	public boolean dependOn(String attribute) {
		return this.custom != null || isIndexed(attribute);
	}

	/**
	 * Returns whether an attribute is known to be indexed.
	 * @param attribute its name
	 * @return whether it is indexed
	 */
	public boolean isIndexed(String attribute) {
		return index(attribute) != null || resolvers(attribute).findAny().isPresent();
	}

	/**
	 * Returns the indexes in which an attribute is known to be indexed.
	 * @param attribute its name
	 * @return the names of the indexes
	 */
	public Stream<String> indexes(String attribute) {
		return Stream.concat(Stream.ofNullable(index(attribute)),
				resolvers(attribute).flatMap((resolver) -> resolver.indexNames().stream()));
	}

	private Stream<AttributeIndexResolver> resolvers(String attribute) {
		return this.resolvers.stream().filter((resolver) -> resolver.attributeNames().contains(attribute));
	}

	/**
	 * Returns the index of principals, or the index of the same name, if an attribute is
	 * known to be indexed in it.
	 * @param attribute its name
	 * @return the name of the index, or null
	 */
	public @Nullable String index(String attribute) {
		if (attribute.equals(PRINCIPAL) || attribute.equals(REACTIVE_PRINCIPAL) || attribute.equals(SECURITY_CONTEXT)) {
			return PRINCIPAL;
		}
		return this.attributes.contains(attribute) ? attribute : null;
	}

	/**
	 * Returns whether the values of an index depend on the attributes that determine the
	 * principal.
	 * @param index the name of the index
	 * @return whether they do
	 */
	public boolean isOfPrincipal(String index) {
		return index.equals(PRINCIPAL)
				|| resolvers(SECURITY_CONTEXT).anyMatch((resolver) -> resolver.indexNames().contains(index));
	}

	/**
	 * Returns whether a session may lack entries because it was last written without one
	 * of the resolvers: it has a principal, but no entry of that resolver.
	 * @param entries its stored entries
	 * @return whether its entries must be resolved to find out
	 */
	public boolean mayBeMissingIn(Collection<IndexEntry> entries) {
		return !this.resolvers.isEmpty() && entries.stream().anyMatch((entry) -> entry.name().equals(PRINCIPAL))
				&& this.resolvers.stream()
					.anyMatch((resolver) -> entries.stream()
						.noneMatch((entry) -> resolver.indexNames().contains(entry.name())));
	}

	/**
	 * Returns the names of the indexes.
	 * @return the names; null if the application's own resolver may define others
	 */
	public @Nullable Set<String> names() {
		if (this.custom != null) {
			return null;
		}
		Set<String> names = new LinkedHashSet<>();
		names.add(PRINCIPAL);
		names.addAll(this.attributes);
		this.resolvers.forEach((resolver) -> names.addAll(resolver.indexNames()));
		return names;
	}

	/**
	 * Returns the entries of a session in the form in which they are stored.
	 * @param session the session
	 * @return its entries
	 */
	public Set<IndexEntry> resolve(Session session) {
		Set<IndexEntry> entries = new LinkedHashSet<>();
		Map<String, String> indexes = new LinkedHashMap<>();
		String principal = principal(session);
		if (principal != null) {
			indexes.put(PRINCIPAL, principal);
		}
		if (this.custom != null) {
			indexes.putAll(this.custom.resolveIndexesFor(session));
		}
		this.resolvers.forEach((resolver) -> indexes.putAll(resolver.resolveIndexesFor(session)));
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
	 * Returns the name of the principal of a session: that of the attribute for it, or
	 * else that of the {@code SecurityContext}.
	 * @param session the session
	 * @return the name, or null
	 */
	public @Nullable String principal(Session session) {
		Object reactive = session.getAttribute(REACTIVE_PRINCIPAL);
		return (reactive instanceof String name && session.getAttribute(PRINCIPAL) == null) ? name
				: this.principal.resolveIndexesFor(session).get(PRINCIPAL);
	}

	/**
	 * Checks that a session has at most {@value #MAX_ENTRIES} entries. Saving them blocks
	 * Redis, and each entry costs a command.
	 * @param entries the entries
	 * @return the entries
	 * @throws IllegalArgumentException if there are more
	 */
	public Set<IndexEntry> requireWithinLimit(Set<IndexEntry> entries) {
		if (entries.size() > MAX_ENTRIES) {
			Map<String, Integer> counts = new LinkedHashMap<>();
			entries.forEach((entry) -> counts.merge(entry.name(), 1, Integer::sum));
			Map.Entry<String, Integer> largest = Collections.max(counts.entrySet(), Map.Entry.comparingByValue());
			throw new IllegalArgumentException("The session has " + entries.size() + " index entries, "
					+ largest.getValue() + " of them in the index '" + largest.getKey() + "', but may have at most "
					+ MAX_ENTRIES + ". Index an attribute with fewer elements, or store the elements elsewhere "
					+ "and index what they have in common");
		}
		return entries;
	}

	/**
	 * Returns the principal that a session will have.
	 * @param session the current session, or null if only the attributes are known
	 * @param attributes the attributes that will be set
	 * @return its entries in the index of principals
	 */
	public Set<IndexEntry> principals(@Nullable Session session, Map<String, ?> attributes) {
		Session after = new MapSession();
		if (session != null) {
			Set<String> names = (this.custom != null) ? session.getAttributeNames()
					: Set.of(PRINCIPAL, REACTIVE_PRINCIPAL);
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
