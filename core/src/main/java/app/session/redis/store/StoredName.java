package app.session.redis.store;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * The names of attributes and indexes as Redis has them. The principal's name of 86
 * characters would by itself keep every small hash out of Redis's compact encoding, which
 * takes 64 at the most, so it changes places with the empty name.
 */
final class StoredName {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private StoredName() {
	}

	/**
	 * The name to store for the application's name, and the other way round.
	 */
	static String exchange(String name) {
		return name.isEmpty() ? PRINCIPAL : name.equals(PRINCIPAL) ? "" : name;
	}

}
