package app.session.redis.operations;

/**
 * A repository whose sessions operators can see and end, as servlet and reactive
 * repositories are.
 */
public interface SessionOperationsProvider {

	/**
	 * Returns the operations for operators: counting, listing, describing and ending
	 * sessions. They wait for Redis on the calling thread.
	 * @return the operations
	 */
	SessionOperations operations();

}
