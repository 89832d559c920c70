package app.session.redis.sample;

import java.util.List;

/**
 * A demo user. The passwords are shown on the login page.
 *
 * @param name the user's name
 * @param password the password, in plain text
 * @param role the role: an {@code ADMIN} operates the shop, a {@code USER} buys from it
 */
record DemoUser(String name, String password, String role) {

	static final String ADMIN = "ADMIN";

	private static final String USER = "USER";

	static final List<DemoUser> ALL = List.of(new DemoUser("alice", "wonderland", USER),
			new DemoUser("bob", "builder", USER), new DemoUser("carol", "christmas", USER),
			new DemoUser("admin", "lighthouse", ADMIN));

}
