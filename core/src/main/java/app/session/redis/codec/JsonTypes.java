package app.session.redis.codec;

import java.lang.reflect.Modifier;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

import app.session.redis.OptionNames;
import app.session.redis.ThrowableStandIn;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * Determines which types JSON may name, and which it may contain without naming them: as
 * the declared type of a property, the element type of a collection, or a type parameter.
 */
final class JsonTypes {

	/** Not serializable, but harmless if an allowed type declares them. */
	private static final Set<Class<?>> DECLARED_ONLY = Set.of(Object.class, Class.class, Optional.class,
			OptionalInt.class, OptionalLong.class, OptionalDouble.class);

	private final AllowedTypes allowedTypes;

	private final OptionNames optionNames;

	JsonTypes(AllowedTypes allowedTypes, OptionNames optionNames) {
		this.allowedTypes = allowedTypes;
		this.optionNames = optionNames;
	}

	/**
	 * Returns the exception for a rejected type. Its message is the end of a sentence.
	 */
	TypeRefusedException refused(String name) {
		return new TypeRefusedException(refusal(name), List.of(AllowedTypes.printable(name)));
	}

	/** Returns why a type is rejected and what to do. */
	String refusal(String name) {
		return AllowedTypes.refusal(name, this.optionNames);
	}

	/**
	 * Returns whether a type is allowed, by its name in the form of
	 * {@link Class#getName()}, without loading the class.
	 */
	boolean allows(String name) {
		if (name.startsWith("[") && !name.matches("\\[+(?:[BCDFIJSZ]|L[^;\\[/<]+;)")) {
			return false;
		}
		return name.equals(ThrowableStandIn.class.getName()) || this.allowedTypes.allows(name);
	}

	boolean allows(Class<?> type) {
		return type == ThrowableStandIn.class || this.allowedTypes.allows(type);
	}

	/**
	 * Returns whether JSON may name a type, including all types that its name contains.
	 */
	boolean allowsNamed(JavaType type) {
		Class<?> raw = type.getRawClass();
		return allows(raw) && this.allowedTypes.isValue(raw) && allowsContained(type);
	}

	private boolean allowsContained(JavaType type) {
		for (int i = 0; i < type.containedTypeCount(); i++) {
			if (!allowsDeclared(type.containedType(i))) {
				return false;
			}
		}
		return isDeclarable(type.getContentType()) && isDeclarable(type.getKeyType());
	}

	private boolean isDeclarable(@Nullable JavaType type) {
		return type == null || allowsDeclared(type);
	}

	private boolean allowsDeclared(JavaType type) {
		Class<?> raw = type.getRawClass();
		return (mayDeclare(raw) && (raw.isPrimitive() || isAbstract(type) || DECLARED_ONLY.contains(raw)
				|| this.allowedTypes.isValue(raw))) && allowsContained(type);
	}

	/**
	 * Returns whether Jackson may create objects of a type that JSON doesn't name. It
	 * can't create objects of an abstract type, whose classes are named, except of those
	 * that Jackson supports itself.
	 */
	boolean mayDeclare(Class<?> type) {
		Class<?> element = type;
		while (element.isArray()) {
			element = element.getComponentType();
		}
		return element.isPrimitive() || DECLARED_ONLY.contains(element) || allows(element)
				|| (isAbstract(element) && !isCreatedByJackson(element));
	}

	private static boolean isAbstract(JavaType type) {
		return isAbstract(type.getRawClass());
	}

	private static boolean isAbstract(Class<?> type) {
		return (type.isInterface() || Modifier.isAbstract(type.getModifiers())) && !type.isEnum();
	}

	/**
	 * Returns whether Jackson creates objects of an abstract type from a string. Some of
	 * them open files, parse XML or load classes.
	 */
	private static boolean isCreatedByJackson(Class<?> type) {
		return JavaType.class.isAssignableFrom(type) || type == Path.class || type == Charset.class
				|| type.getName().startsWith("org.w3c.") || type.getName().startsWith("javax.xml.");
	}

}
