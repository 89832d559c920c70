package app.session.redis.store;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * The names of attributes and indexes as they are stored in Redis. The name of the
 * principal index has 86 characters and would by itself keep every small hash out of
 * Redis's compact encoding, which allows at most 64, so it is exchanged with the empty
 * name.
 */
final class StoredName {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private StoredName() {
	}

	/**
	 * Returns the stored name for the application's name, and vice versa.
	 */
	static String exchange(String name) {
		return name.isEmpty() ? PRINCIPAL : name.equals(PRINCIPAL) ? "" : name;
	}

}
