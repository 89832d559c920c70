package app.session.redis.sample;

import java.util.List;

/**
 * A user of the demonstration. The passwords are shown on the log-in page.
 *
 * @param name the user's name
 * @param password the password, in plain text
 */
record DemoUser(String name, String password) {

	static final List<DemoUser> ALL = List.of(new DemoUser("alice", "wonderland"), new DemoUser("bob", "builder"),
			new DemoUser("carol", "christmas"));

}
