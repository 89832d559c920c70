package app.session.redis.autoconfigure.servlet;

import java.util.List;

import app.session.redis.lock.SessionLock;
import app.session.redis.servlet.SessionLockPolicy;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * A policy that determines the Spring MVC handler of a request before all filters and
 * applies its {@link SessionLock} annotation. If there is no annotation, or the handler
 * can't be determined, another policy decides. Handlers are not looked up if none of them
 * has the annotation.
 */
public final class HandlerLockPolicy implements SessionLockPolicy {

	private static final Log logger = LogFactory.getLog(HandlerLockPolicy.class);

	private final ApplicationContext context;

	private final SessionLockPolicy otherwise;

	private volatile @Nullable List<RequestMappingHandlerMapping> mappings;

	HandlerLockPolicy(ApplicationContext context, SessionLockPolicy otherwise) {
		this.context = context;
		this.otherwise = otherwise;
	}

	@Override
	public boolean locks(HttpServletRequest request) {
		HandlerMethod handler = handler(request);
		SessionLock annotation = (handler != null) ? annotation(handler) : null;
		return (annotation != null) ? annotation.value() : this.otherwise.locks(request);
	}

	private @Nullable HandlerMethod handler(HttpServletRequest request) {
		List<RequestMappingHandlerMapping> mappings = mappings();
		if (mappings.isEmpty()) {
			return null;
		}
		HttpServletRequest asked = new UntouchedRequest(request);
		try {
			ServletRequestPathUtils.parseAndCache(asked);
			for (RequestMappingHandlerMapping mapping : mappings) {
				HandlerExecutionChain chain = mapping.getHandler(asked);
				if (chain != null) {
					return (chain.getHandler() instanceof HandlerMethod handler) ? handler : null;
				}
			}
		}
		// Spring MVC will respond to it: unsupported method, unsupported media type, ...
		catch (Exception ex) {
			logger.debug("The handler of a request can't be determined before it is handled", ex);
		}
		return null;
	}

	/**
	 * Returns the handler mappings. They are looked up by the first request, since they
	 * don't exist yet when this bean is created.
	 */
	private List<RequestMappingHandlerMapping> mappings() {
		List<RequestMappingHandlerMapping> known = this.mappings;
		if (known == null) {
			List<RequestMappingHandlerMapping> all = this.context.getBeanProvider(RequestMappingHandlerMapping.class)
				.orderedStream()
				.toList();
			boolean annotated = all.stream()
				.flatMap((mapping) -> mapping.getHandlerMethods().values().stream())
				.anyMatch((handler) -> annotation(handler) != null);
			known = annotated ? all : List.of();
			this.mappings = known;
		}
		return known;
	}

	private static @Nullable SessionLock annotation(HandlerMethod handler) {
		SessionLock annotation = handler.getMethodAnnotation(SessionLock.class);
		return (annotation != null) ? annotation
				: AnnotatedElementUtils.findMergedAnnotation(handler.getBeanType(), SessionLock.class);
	}

}
