package app.session.redis.servlet;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;

/**
 * Releases the locks of a request when it is over, error page and asynchronous processing
 * included. Where this listener is not registered the filter releases them at the end of
 * each dispatch, so that an error page is rendered without; so it is with Jetty, which
 * tells the end of each dispatch and nothing of what follows.
 */
public final class RequestEnd implements ServletRequestListener {

	private static final String ATTRIBUTE = RequestEnd.class.getName();

	/** Whether this listener hears of the request's end. */
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

	/** Some containers tell the end of each dispatch. */
	private static boolean isGoingOn(ServletRequest request) {
		try {
			return request.isAsyncStarted();
		}
		catch (IllegalStateException ex) {
			// Asynchronous processing failed or timed out, and may not be asked for then
			return false;
		}
	}

}
