package app.session.redis.servlet;

import java.time.Duration;

import app.session.redis.session.StoredSession;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;

import org.springframework.session.events.SessionExpiredEvent;

/**
 * A node in a process of its own that writes each expiry that it tells to a list in
 * another Redis.
 */
final class ExpiryNode {

	/** The list, of lines: name of the node, handle and value of an attribute. */
	static final String RECORDS = "records";

	private ExpiryNode() {
	}

	public static void main(String[] args) throws InterruptedException {
		String name = args[0];
		String host = args[1];
		RedisCommands<String, String> records = RedisClient.create(RedisURI.create(host, Integer.parseInt(args[3])))
			.connect()
			.sync();
		TestRepositories.on(host, Integer.parseInt(args[2])).node((settings) -> {
			settings.collectorLease(Duration.ofSeconds(2));
			settings.commandTimeout(Duration.ofSeconds(5));
		}, (engine) -> engine.setApplicationEventPublisher((event) -> {
			if (event instanceof SessionExpiredEvent expired) {
				records.rpush(RECORDS, name + " " + expired.<StoredSession>getSession().getHandle() + " "
						+ expired.getSession().getAttribute("value"));
			}
		}));
		System.out.println("started");
		Thread.currentThread().join();
	}

}
