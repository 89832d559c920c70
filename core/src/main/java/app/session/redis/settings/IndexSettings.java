package app.session.redis.settings;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.session.IndexResolver;
import org.springframework.session.Session;

/**
 * The settings of the indexes by which sessions can be found, in addition to their
 * principal.
 *
 * @param resolver resolves index values; null for none
 * @param attributeResolvers resolve index values that depend on some attributes only
 * @param attributes the attributes by whose values sessions can be found
 */
public record IndexSettings(@Nullable IndexResolver<Session> resolver, List<AttributeIndexResolver> attributeResolvers,
		List<String> attributes) {

	/**
	 * Copies the collections.
	 * @param resolver resolves index values; null for none
	 * @param attributeResolvers resolve index values that depend on some attributes only
	 * @param attributes the attributes by whose values sessions can be found
	 */
	public IndexSettings {
		attributeResolvers = List.copyOf(attributeResolvers);
		attributes = List.copyOf(attributes);
	}

}
