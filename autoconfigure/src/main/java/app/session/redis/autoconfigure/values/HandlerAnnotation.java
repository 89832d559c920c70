package app.session.redis.autoconfigure.values;

import java.lang.annotation.Annotation;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
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

	/**
	 * Returns the handler mappings, if one of their handlers has the annotation.
	 * @param mappings the handler mappings
	 * @param handlers returns the handlers of a mapping
	 * @param <M> the type of the handler mappings
	 * @return all mappings in their order; empty if no handler has the annotation
	 */
	public <M> List<M> mappings(ObjectProvider<M> mappings, Function<M, Collection<HandlerMethod>> handlers) {
		List<M> all = mappings.orderedStream().toList();
		boolean annotated = all.stream()
			.flatMap((mapping) -> handlers.apply(mapping).stream())
			.anyMatch((handler) -> of(handler) != null);
		return annotated ? all : List.of();
	}

}
