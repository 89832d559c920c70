package app.session.redis.codec;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.ClassIntrospector;

/**
 * The fields that make up the state of an object that JSON has to preserve. Static and
 * transient fields and those that Jackson's annotations exclude are omitted. Fields of
 * JDK classes can't be read.
 */
final class StateFields {

	private final SerializationConfig config;

	private final Map<Class<?>, List<Field>> known = new ConcurrentHashMap<>();

	StateFields(SerializationConfig config) {
		this.config = config;
	}

	List<Field> of(Class<?> type) {
		return this.known.computeIfAbsent(type, this::find);
	}

	private List<Field> find(Class<?> type) {
		List<Field> fields = new ArrayList<>();
		Set<String> excluded = null;
		for (Class<?> each = type; each != null && !isOfJdk(each); each = each.getSuperclass()) {
			for (Field field : each.getDeclaredFields()) {
				if (Modifier.isStatic(field.getModifiers()) || Modifier.isTransient(field.getModifiers())) {
					continue;
				}
				excluded = (excluded != null) ? excluded : excluded(type);
				if (!excluded.contains(field.getName()) && makeAccessible(field)) {
					fields.add(field);
				}
			}
		}
		return List.copyOf(fields);
	}

	/**
	 * Returns whether a field is accessible. A field in a module that isn't open is not
	 * compared, since Jackson can't read it either.
	 */
	private static boolean makeAccessible(Field field) {
		try {
			field.setAccessible(true);
			return true;
		}
		catch (InaccessibleObjectException ex) {
			return false;
		}
	}

	private Set<String> excluded(Class<?> type) {
		JavaType javaType = this.config.constructType(type);
		ClassIntrospector introspector = this.config.classIntrospectorInstance().forOperation(this.config);
		AnnotatedClass annotated = introspector.introspectClassAnnotations(javaType);
		Set<String> names = new HashSet<>();
		BeanDescription description = introspector.introspectForSerialization(javaType, annotated);
		addAll(names, description.getIgnoredPropertyNames());
		JsonIgnoreProperties.Value ignorals = this.config.getDefaultPropertyIgnorals(type, annotated);
		if (ignorals != null) {
			addAll(names, ignorals.getIgnored());
		}
		AnnotationIntrospector annotations = this.config.getAnnotationIntrospector();
		for (AnnotatedField field : annotated.fields()) {
			JsonProperty.Access access = annotations.findPropertyAccess(this.config, field);
			if (annotations.hasIgnoreMarker(this.config, field) || access == JsonProperty.Access.READ_ONLY
					|| access == JsonProperty.Access.WRITE_ONLY) {
				names.add(field.getName());
			}
		}
		return names;
	}

	private static void addAll(Set<String> names, @Nullable Set<String> added) {
		if (added != null) {
			names.addAll(added);
		}
	}

	static boolean isOfJdk(Class<?> type) {
		String name = type.getName();
		return name.startsWith("java.") || name.startsWith("javax.") || name.startsWith("jdk.")
				|| name.startsWith("sun.") || name.startsWith("com.sun.");
	}

}
