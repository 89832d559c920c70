package app.session.redis.autoconfigure.security;

import java.util.Map;
import java.util.function.Supplier;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.DelegatingSecurityContextRepository;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;

/**
 * Reserves a place within the session limit for a login, in the session in which it is
 * about to be stored. Does nothing if the login isn't stored in the session. If a custom
 * {@link SecurityContextRepository} stores it, the save reserves the place instead, as
 * for every login without one.
 */
final class LimitingSessionAuthenticationStrategy implements SessionAuthenticationStrategy {

	private static final Log logger = LogFactory.getLog(LimitingSessionAuthenticationStrategy.class);

	private final ObjectProvider<AtomicRedisSessionRepository> repository;

	private final Supplier<@Nullable SecurityContextRepository> contexts;

	private final AuthenticationTrustResolver trust = new AuthenticationTrustResolverImpl();

	/**
	 * Creates a strategy for a filter chain.
	 * @param repository the repository, which reserves the places
	 * @param contexts supplies the repository in which the chain stores logins, once the
	 * chain is built
	 */
	LimitingSessionAuthenticationStrategy(ObjectProvider<AtomicRedisSessionRepository> repository,
			Supplier<@Nullable SecurityContextRepository> contexts) {
		this.repository = repository;
		this.contexts = contexts;
	}

	@Override
	public void onAuthentication(Authentication authentication, HttpServletRequest request,
			HttpServletResponse response) {
		if (!this.trust.isAuthenticated(authentication) || !isKeptInSession()) {
			return;
		}
		HttpSession present = request.getSession(false);
		HttpSession session = (present != null) ? present : request.getSession();
		try {
			this.repository.getObject()
				.reserve(session.getId(), Map.of(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY,
						new SecurityContextImpl(authentication)));
		}
		catch (SessionLimitExceededException ex) {
			if (present == null) {
				session.invalidate();
			}
			logger.debug("Refusing a log-in", ex);
			throw SessionLimitRefusal.exception(ex.getMaximum());
		}
	}

	private boolean isKeptInSession() {
		SecurityContextRepository repository = this.contexts.get();
		return repository instanceof HttpSessionSecurityContextRepository
				|| repository instanceof DelegatingSecurityContextRepository;
	}

}
