package app.session.redis.autoconfigure.servlet.contract;

import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The Servlet specification's statements about sessions. They run over the container's
 * own sessions, which are the reference, and over the sessions of this starter, with each
 * container. Where the implementations differ, a statement refers to a method of
 * {@link SessionContract} that names the difference.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class ServletSessionContract implements CommitStatements, ContentStatements, ListenerStatements,
		LifeCycleStatements, RequestedIdStatements, AccessorStatements, DispatchStatements, MvcStatements {

	private ContractServer server;

	private ContractClient client;

	/** Returns the properties of the server. */
	abstract List<String> properties();

	@BeforeAll
	void start() {
		this.server = ContractServer.start(properties());
	}

	@AfterAll
	void stop() {
		this.server.close();
	}

	@BeforeEach
	void begin() {
		this.client = newClient();
	}

	@AfterEach
	void reset() {
		this.server.behaviours().reset();
		ListenerCalls.reset();
	}

	@Override
	public ContractServer server() {
		return this.server;
	}

	@Override
	public ContractClient client() {
		return this.client;
	}

	@Override
	public ContractClient newClient() {
		return new ContractClient(this.server, cookieName());
	}

}
