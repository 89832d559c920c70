package app.session.redis.codec;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * The types that this node has stored although they are not allowed, for
 * {@link TypeCheck#WARN}. No data in it comes from Redis. Thread-safe.
 */
public final class UnlistedTypes {

	private static final Log logger = LogFactory.getLog(UnlistedTypes.class);

	/** More than any application has; attribute names may be generated. */
	private static final int MAX_SIZE = 1000;

	private final Set<Unlisted> found = ConcurrentHashMap.newKeySet();

	private final OptionNames optionNames;

	UnlistedTypes(OptionNames optionNames) {
		this.optionNames = optionNames;
	}

	/** Logs each attribute and type once. */
	void add(String attribute, Collection<String> types) {
		List<String> added = types.stream()
			.filter((type) -> this.found.size() < MAX_SIZE && this.found.add(new Unlisted(attribute, type)))
			.toList();
		if (!added.isEmpty()) {
			logger.warn("The session attribute '" + attribute + "' contains " + String.join(", ", added)
					+ ", which would be refused with " + this.optionNames.setting(Option.TYPE_CHECK, TypeCheck.ENFORCE)
					+ ". If they belong in the session, allow them with "
					+ this.optionNames.render(Option.ALLOWED_TYPES, added));
		}
	}

	/**
	 * Returns the types found since the node started.
	 * @return the attributes and types, in the order of their names
	 */
	public List<Unlisted> list() {
		return this.found.stream().collect(Collectors.toCollection(TreeSet::new)).stream().toList();
	}

	/**
	 * A type that is not allowed.
	 *
	 * @param attribute the name of an attribute that contains it
	 * @param type the name of the class
	 */
	public record Unlisted(String attribute, String type) implements Comparable<Unlisted> {

		@Override
		public int compareTo(Unlisted other) {
			int order = this.attribute.compareTo(other.attribute);
			return (order != 0) ? order : this.type.compareTo(other.type);
		}

	}

}
