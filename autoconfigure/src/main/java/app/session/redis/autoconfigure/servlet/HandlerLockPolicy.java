package app.session.redis.autoconfigure.servlet;

import app.session.redis.lock.SessionLock;
import app.session.redis.servlet.SessionLockPolicy;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.context.ApplicationContext;

/**
 * A policy that applies the {@link SessionLock} annotation of the Spring MVC handler of a
 * request. If there is no annotation, or the handler can't be determined, another policy
 * decides.
 */
public final class HandlerLockPolicy implements SessionLockPolicy {

	private final HandlerAnnotations<SessionLock> annotations;

	private final SessionLockPolicy otherwise;

	HandlerLockPolicy(ApplicationContext context, SessionLockPolicy otherwise) {
		this.annotations = new HandlerAnnotations<>(context, SessionLock.class);
		this.otherwise = otherwise;
	}

	@Override
	public boolean locks(HttpServletRequest request) {
		SessionLock annotation = this.annotations.find(request);
		return (annotation != null) ? annotation.value() : this.otherwise.locks(request);
	}

}
