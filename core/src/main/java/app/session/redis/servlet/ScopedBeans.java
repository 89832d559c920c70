package app.session.redis.servlet;

/**
 * Destroys session-scoped beans when their session has ended.
 */
public interface ScopedBeans {

	/**
	 * Destroys a bean. Returns immediately: the destroy methods run on another thread.
	 * @param name the name of the bean
	 * @param bean the bean as it was stored in the session
	 */
	void destroy(String name, Object bean);

	/**
	 * Runs the destruction callback of an object that isn't a bean, on another thread.
	 * @param callback the callback
	 */
	void run(Runnable callback);

}
