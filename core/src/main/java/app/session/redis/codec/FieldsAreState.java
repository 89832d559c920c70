package app.session.redis.codec;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.introspect.VisibilityChecker;

/**
 * Treats the fields of the application's objects as their state, as Java serialization
 * does, because getters may return computed values or immutable copies. Jackson's
 * annotations take precedence.
 */
final class FieldsAreState extends NopAnnotationIntrospector {

	private static final long serialVersionUID = 1L;

	@Override
	public VisibilityChecker findAutoDetectVisibility(MapperConfig<?> config, AnnotatedClass type,
			VisibilityChecker checker) {
		if (type.getRawType().isRecord() || !isOfApplication(type.getRawType())) {
			return checker;
		}
		return checker.withFieldVisibility(Visibility.ANY)
			.withGetterVisibility(Visibility.NONE)
			.withIsGetterVisibility(Visibility.NONE)
			.withSetterVisibility(Visibility.NONE);
	}

	static boolean isOfApplication(Class<?> type) {
		String name = type.getName();
		return !name.startsWith("java.") && !name.startsWith("javax.") && !name.startsWith("jakarta.")
				&& !name.startsWith("org.springframework.");
	}

}
