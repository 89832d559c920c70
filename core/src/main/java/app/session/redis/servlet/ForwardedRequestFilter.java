package app.session.redis.servlet;

import java.io.IOException;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;

/**
 * Saves the session at the end of a forward, because containers commit the response
 * before control returns to the servlet that has forwarded the request. Must be
 * registered for the dispatcher type FORWARD, before other filters.
 */
public final class ForwardedRequestFilter implements Filter {

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		chain.doFilter(request, response);
		ServletRequest inner = request;
		while (inner instanceof ServletRequestWrapper wrapper && !(inner instanceof SessionRequest)) {
			inner = wrapper.getRequest();
		}
		if (inner instanceof SessionRequest sessionRequest && !response.isCommitted()) {
			sessionRequest.commitSession();
		}
	}

}
