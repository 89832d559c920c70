package app.session.redis.autoconfigure.servlet;

import java.lang.annotation.Annotation;
import java.util.List;

import app.session.redis.autoconfigure.values.HandlerAnnotation;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Determines the Spring MVC handler of a request before all filters, and finds an
 * annotation of it. Handlers are not looked up if none of them has the annotation.
 *
 * @param <A> the annotation
 */
final class HandlerAnnotations<A extends Annotation> {

	private static final Log logger = LogFactory.getLog(HandlerAnnotations.class);

	private final ApplicationContext context;

	private final HandlerAnnotation<A> annotation;

	private volatile @Nullable List<RequestMappingHandlerMapping> mappings;

	HandlerAnnotations(ApplicationContext context, Class<A> type) {
		this.context = context;
		this.annotation = new HandlerAnnotation<>(type);
	}

	/**
	 * Returns the annotation of the handler of a request.
	 * @param request the request, which is not changed
	 * @return the annotation of the method, or else of its class; null if there is none,
	 * or if the handler can't be determined
	 */
	@Nullable A find(HttpServletRequest request) {
		HandlerMethod handler = handler(request);
		return (handler != null) ? this.annotation.of(handler) : null;
	}

	private @Nullable HandlerMethod handler(HttpServletRequest request) {
		List<RequestMappingHandlerMapping> mappings = mappings();
		if (mappings.isEmpty()) {
			return null;
		}
		HttpServletRequest untouched = new UntouchedRequest(request);
		try {
			ServletRequestPathUtils.parseAndCache(untouched);
			for (RequestMappingHandlerMapping mapping : mappings) {
				HandlerExecutionChain chain = mapping.getHandler(untouched);
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
	 * don't exist yet when the filter is created.
	 */
	private List<RequestMappingHandlerMapping> mappings() {
		List<RequestMappingHandlerMapping> known = this.mappings;
		if (known == null) {
			known = this.annotation.mappings(this.context.getBeanProvider(RequestMappingHandlerMapping.class),
					(mapping) -> mapping.getHandlerMethods().values());
			this.mappings = known;
		}
		return known;
	}

}
