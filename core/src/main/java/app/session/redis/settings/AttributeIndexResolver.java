package app.session.redis.settings;

import java.util.Set;

import org.springframework.session.IndexResolver;
import org.springframework.session.Session;

/**
 * An index resolver that depends on some attributes only. Saves of other attributes don't
 * call it. It must not throw: the save of a session whose indexes can't be resolved is
 * refused.
 */
public interface AttributeIndexResolver extends IndexResolver<Session> {

	/**
	 * Returns the attributes on which the index values depend.
	 * @return the names of the attributes
	 */
	Set<String> attributeNames();

	/**
	 * Returns the indexes for which this resolver resolves values.
	 * @return the names of the indexes
	 */
	Set<String> indexNames();

}
