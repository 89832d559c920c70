package app.session.redis.reactive;

import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import org.springframework.web.server.session.DefaultWebSessionManager;

/**
 * The contract holds for Spring's own sessions.
 */
class InMemoryWebSessionTests extends WebSessionContract {

	private final DefaultWebSessionManager manager = new DefaultWebSessionManager();

	@Override
	WebHttpHandlerBuilder with(WebHttpHandlerBuilder builder) {
		return builder.sessionManager(this.manager);
	}

}
