package app.session.redis.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;

/**
 * Releases the locks of a request when it has ended, including its error page and
 * asynchronous processing. If this listener is not registered, the filter releases them
 * at the end of each dispatch, so that an error page is rendered without locks. This is
 * the case with Jetty, which reports the end of each dispatch but not whether others
 * follow.
 */
public final class RequestEnd implements ServletRequestListener {

	private static final String ATTRIBUTE = RequestEnd.class.getName();

	/** Returns whether this listener is notified of the request's end. */
	static boolean isToldOf(ServletRequest request) {
		return request.getAttribute(ATTRIBUTE) != null;
	}

	@Override
	public void requestInitialized(ServletRequestEvent event) {
		event.getServletRequest().setAttribute(ATTRIBUTE, Boolean.TRUE);
	}

	@Override
	public void requestDestroyed(ServletRequestEvent event) {
		RequestBinding binding = RequestBinding.of(event.getServletRequest());
		if (binding != null && !isGoingOn(event.getServletRequest())) {
			binding.scope().releaseLocks();
		}
	}

	/**
	 * Returns whether asynchronous processing continues: some containers report the end
	 * of each dispatch.
	 */
	private static boolean isGoingOn(ServletRequest request) {
		try {
			return request.isAsyncStarted();
		}
		catch (IllegalStateException ex) {
			// Asynchronous processing failed or timed out, so its state is unavailable
			return false;
		}
	}

}
