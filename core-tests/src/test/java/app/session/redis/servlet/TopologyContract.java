package app.session.redis.servlet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * What holds wherever Redis runs, and begins with an empty one.
 */
interface TopologyContract {

	String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	/** Where Redis runs. */
	Topology topology();

	/** The nodes of one test. */
	TestRepositories repositories();

	@BeforeEach
	default void empty() {
		topology().flushAll();
	}

	@AfterEach
	default void close() {
		repositories().close();
	}

}
