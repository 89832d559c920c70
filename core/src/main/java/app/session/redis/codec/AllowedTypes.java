package app.session.redis.codec;

import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import org.jspecify.annotations.Nullable;

/**
 * The types that may be stored: value types of the JDK, types that Spring and widely used
 * libraries store in sessions, and types that the application adds. Other types are
 * neither written nor read, so that write access to Redis doesn't allow choosing the code
 * that runs when a session is read. Some types are never stored, even if they are added.
 * Immutable.
 *
 * @see <a href=
 * "https://cheatsheetseries.owasp.org/cheatsheets/Deserialization_Cheat_Sheet.html">OWASP,
 * Deserialization Cheat Sheet</a>
 */
public final class AllowedTypes {

	private static final Pattern PRINTABLE = Pattern.compile("[\\p{L}\\p{N}_$.;\\[]{1,300}");

	private static final Set<String> PRIMITIVES = Set.of("boolean", "byte", "char", "double", "float", "int", "long",
			"short", "void");

	private final Set<String> added;

	private final Set<String> lambdas;

	/**
	 * Receives types that are allowed although they are not listed; null to allow none.
	 */
	private final @Nullable Consumer<String> unlisted;

	private final ClassValue<Boolean> known = new ClassValue<>() {

		@Override
		protected Boolean computeValue(Class<?> type) {
			return isAllowed(type);
		}

	};

	/**
	 * Creates a list that allows no lambdas.
	 * @param added the names to add: packages, which include their subpackages, and
	 * classes, which include their nested classes
	 * @throws IllegalArgumentException if a name is not that of a package or a class
	 */
	public AllowedTypes(Collection<String> added) {
		this(added, List.of());
	}

	/**
	 * Creates the list.
	 * @param added the names to add: packages, which include their subpackages, and
	 * classes, which include their nested classes
	 * @param lambdas the names of the packages and classes whose serializable lambdas and
	 * method references may be stored
	 * @throws IllegalArgumentException if a name is not that of a package or a class
	 */
	public AllowedTypes(Collection<String> added, Collection<String> lambdas) {
		this(added, lambdas, null);
		added.forEach((name) -> requireName(name, "allowed types"));
		lambdas.forEach((name) -> requireName(name, "allowed lambdas"));
	}

	private AllowedTypes(Collection<String> added, Collection<String> lambdas, @Nullable Consumer<String> unlisted) {
		this.added = new LinkedHashSet<>(added);
		this.lambdas = new LinkedHashSet<>(lambdas);
		this.unlisted = unlisted;
	}

	/**
	 * Returns a list that allows all types except those that are never stored, for values
	 * that a key authenticates.
	 * @param unlisted receives the names of types that are not listed
	 */
	AllowedTypes lenient(Consumer<String> unlisted) {
		return new AllowedTypes(this.added, this.lambdas, unlisted);
	}

	private static void requireName(String name, String list) {
		if (!name.matches("[\\p{L}_$][\\p{L}\\p{N}_$]*(\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*")) {
			throw new IllegalArgumentException("'" + name + "' in the " + list + " is neither the name of a "
					+ "package nor that of a class. A package name such as 'com.acme.shop' includes subpackages");
		}
	}

	/**
	 * Returns whether objects of a type may be stored.
	 * @param type the type; an array is allowed if its elements are
	 */
	boolean allows(Class<?> type) {
		// Types that are not listed are reported each time
		return (this.unlisted != null) ? isAllowed(type) : this.known.get(type);
	}

	private boolean isAllowed(Class<?> type) {
		Class<?> element = element(type);
		return element.isPrimitive() || (!Proxy.isProxyClass(element) && allows(element.getName()));
	}

	private static Class<?> element(Class<?> type) {
		Class<?> element = type;
		while (element.isArray()) {
			element = element.getComponentType();
		}
		return element;
	}

	/**
	 * Returns whether objects of a type with this name may be stored, without loading the
	 * type.
	 * @param name the name in the form of {@link Class#getName()}
	 */
	boolean allows(String name) {
		if (name.startsWith("[")) {
			String element = name.substring(name.lastIndexOf('[') + 1);
			return !element.startsWith("L") || allows(element.substring(1, element.length() - 1));
		}
		return BuiltInTypes.contains(name) || isAdded(name) || isUnlisted(name);
	}

	private boolean isUnlisted(String name) {
		if (this.unlisted == null || NeverAllowedTypes.contains(name)) {
			return false;
		}
		this.unlisted.accept(name);
		return true;
	}

	private boolean isAdded(String name) {
		return covers(this.added, name) && !NeverAllowedTypes.contains(name);
	}

	private static boolean covers(Set<String> names, String name) {
		for (String each : names) {
			if (name.startsWith(each) && (name.length() == each.length() || name.charAt(each.length()) == '.'
					|| name.charAt(each.length()) == '$')) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether a {@code Class} object of this type, or an array with such
	 * elements, may be stored by Java serialization. A binding result, for example,
	 * contains the types of its fields. Types without serializable objects qualify: a
	 * stream can neither create such an object nor initialize the class. Others must be
	 * allowed themselves.
	 * @param type the type that the {@code Class} object stands for
	 */
	boolean allowsClassObject(Class<?> type) {
		Class<?> element = element(type);
		return allows(element) || element == Class.class || (hasNoSerializableObjects(element)
				&& !Proxy.isProxyClass(element) && !NeverAllowedTypes.contains(element.getName()));
	}

	/**
	 * Returns whether a type has no serializable objects. Serialization initializes a
	 * type if it reads one of these static fields.
	 */
	private static boolean hasNoSerializableObjects(Class<?> type) {
		return !Serializable.class.isAssignableFrom(type) || (type.isInterface() && Stream.of(type.getDeclaredFields())
			.map(Field::getName)
			.noneMatch((name) -> name.equals("serialVersionUID") || name.equals("serialPersistentFields")));
	}

	/**
	 * Returns whether the class of a name from a stream may be loaded to check its class
	 * object.
	 */
	static boolean mayBeClassObject(String name) {
		String element = name.substring(name.lastIndexOf('[') + 1);
		return PRIMITIVES.contains(name) || !NeverAllowedTypes
			.contains((name.startsWith("[") && element.startsWith("L")) ? element.substring(1) : element);
	}

	/**
	 * Returns whether lambdas and method references that are compiled into this class may
	 * be stored.
	 * @param capturingClass the name of the class whose code creates the lambda
	 */
	boolean allowsLambdasOf(String capturingClass) {
		return covers(this.lambdas, capturingClass) && !NeverAllowedTypes.contains(capturingClass);
	}

	/**
	 * Returns whether an allowed type is a value type rather than infrastructure, for a
	 * form that can create objects of any class. Spring's value types are all
	 * serializable; the application is responsible for the types that it adds.
	 * @param type an allowed type
	 */
	boolean isValue(Class<?> type) {
		return Serializable.class.isAssignableFrom(type) || type.isInterface() || isAdded(type.getName())
				|| (this.unlisted != null && !NeverAllowedTypes.contains(type.getName()));
	}

	/**
	 * Returns why a type is rejected and what to do. The text begins with the type and is
	 * the end of a sentence.
	 * @param name the name of the type, which may come from a stream
	 * @param optionNames the names of options in messages
	 */
	static String refusal(String name, OptionNames optionNames) {
		String type = printable(name);
		if (name.equals("java.lang.invoke.SerializedLambda") || name.contains("$$Lambda")) {
			return "a lambda, which is not stored. Keep it out of the session";
		}
		if (name.matches(".*\\$Proxy\\d*")) {
			return "a dynamic proxy, which is never stored. Keep it out of the session";
		}
		if (NeverAllowedTypes.contains(name)) {
			return type + ", which is never stored, regardless of " + optionNames.name(Option.ALLOWED_TYPES)
					+ ": reading it could run code chosen by the stored bytes. Keep it out of the session";
		}
		return type + ", which is not among the allowed types. Add it, or its package, to "
				+ optionNames.name(Option.ALLOWED_TYPES) + " if it belongs in the session";
	}

	/**
	 * Returns the name of a type, or a substitute if the text can't be the name of a
	 * type.
	 */
	static String printable(String name) {
		return PRINTABLE.matcher(name).matches() ? name : "a type with an invalid name";
	}

}
