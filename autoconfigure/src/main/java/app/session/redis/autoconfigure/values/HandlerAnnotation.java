package app.session.redis.autoconfigure.values;

import java.lang.annotation.Annotation;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;

/**
 * An annotation of the handler of a request.
 *
 * @param <A> the annotation
 * @param type its type
 */
public record HandlerAnnotation<A extends Annotation>(Class<A> type) {

	/**
	 * Returns the annotation of a handler.
	 * @param handler the handler
	 * @return the annotation of the method, or else of its class; null if there is none
	 */
	public @Nullable A of(HandlerMethod handler) {
		A annotation = handler.getMethodAnnotation(this.type);
		return (annotation != null) ? annotation
				: AnnotatedElementUtils.findMergedAnnotation(handler.getBeanType(), this.type);
	}

}
