package app.session.redis.sample;

import java.util.List;

/**
 * A user of the demonstration. The passwords are shown on the log-in page.
 *
 * @param name the user's name
 * @param password the password, in plain text
 * @param role what the user may do: an {@code ADMIN} runs the shop, a {@code USER} buys
 */
record DemoUser(String name, String password, String role) {

	static final String ADMIN = "ADMIN";

	private static final String USER = "USER";

	static final List<DemoUser> ALL = List.of(new DemoUser("alice", "wonderland", USER),
			new DemoUser("bob", "builder", USER), new DemoUser("carol", "christmas", USER),
			new DemoUser("admin", "lighthouse", ADMIN));

}
