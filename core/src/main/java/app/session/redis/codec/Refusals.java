package app.session.redis.codec;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import app.session.redis.Option;
import app.session.redis.OptionNames;

/**
 * Collects all reasons why a value can't be stored, so that the error names all of them
 * at once.
 */
final class Refusals {

	/** Enough to identify the problem. */
	private static final int MAX_NAMED = 50;

	/**
	 * Packages of the JDK and Spring also contain infrastructure, so their classes are
	 * suggested individually.
	 */
	private static final List<String> NEVER_AS_A_PACKAGE = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.",
			"jakarta.", "org.springframework.");

	/** Types that the application can allow. */
	private final Set<String> types = new LinkedHashSet<>();

	/** Types that the application can't allow. */
	private final Set<String> neverAllowed = new LinkedHashSet<>();

	private final Set<String> notSerializable = new LinkedHashSet<>();

	private final Set<String> lambdas = new LinkedHashSet<>();

	private boolean proxy;

	private final OptionNames optionNames;

	Refusals(OptionNames optionNames) {
		this.optionNames = optionNames;
	}

	boolean isEmpty() {
		return this.types.isEmpty() && this.neverAllowed.isEmpty() && this.notSerializable.isEmpty()
				&& this.lambdas.isEmpty() && !this.proxy;
	}

	/**
	 * Adds a type.
	 * @return whether the application can allow it, in which case its content is also
	 * checked
	 */
	boolean add(Class<?> type) {
		Class<?> element = type;
		while (element.isArray()) {
			element = element.getComponentType();
		}
		if (Proxy.isProxyClass(element)) {
			this.proxy = true;
			return false;
		}
		String name = element.getName();
		if (NeverAllowedTypes.contains(name)) {
			this.neverAllowed.add(name);
			return false;
		}
		this.types.add(name);
		return true;
	}

	void addNotSerializable(Class<?> type) {
		this.notSerializable.add(type.getName());
	}

	void addLambda(String capturingClass) {
		this.lambdas.add(capturingClass);
	}

	IllegalArgumentException toException(Object value) {
		String beginning = "A session attribute of type " + AllowedTypes.printable(value.getClass().getName())
				+ " can't be stored, because ";
		String message = beginning + String.join(". Also, ", reasons());
		if (this.types.isEmpty() && this.neverAllowed.isEmpty() && this.lambdas.isEmpty() && !this.proxy) {
			return new IllegalArgumentException(message);
		}
		List<String> names = new ArrayList<>(this.types);
		names.addAll(this.neverAllowed);
		return new TypeRefusedException(message, names);
	}

	private List<String> reasons() {
		List<String> reasons = new ArrayList<>();
		if (!this.types.isEmpty()) {
			boolean one = this.types.size() == 1;
			reasons.add("it is or holds " + list(this.types) + ", which " + (one ? "is" : "are")
					+ " not among the allowed types. If " + (one ? "it belongs" : "they belong")
					+ " in the session, allow " + (one ? "it" : "them") + " with "
					+ this.optionNames.render(Option.ALLOWED_TYPES, suggestions()));
		}
		if (!this.neverAllowed.isEmpty()) {
			reasons.add("it is or holds " + list(this.neverAllowed) + ", which "
					+ ((this.neverAllowed.size() == 1) ? "is" : "are") + " never stored, regardless of "
					+ this.optionNames.name(Option.ALLOWED_TYPES)
					+ ": reading it could run code chosen by the stored bytes. Keep it out of the session");
		}
		if (!this.lambdas.isEmpty()) {
			reasons.add("it is or holds a lambda or method reference of " + list(this.lambdas)
					+ ", which is not stored. Keep it out of the session, or use a class instead");
		}
		if (this.proxy) {
			reasons.add("it is or holds a dynamic proxy, which is never stored. Keep it out of the session");
		}
		if (!this.notSerializable.isEmpty()) {
			reasons.add(list(this.notSerializable) + ((this.notSerializable.size() == 1) ? " is" : " are")
					+ " not Serializable. Implement Serializable, or keep it out of the session");
		}
		return reasons;
	}

	private static String list(Set<String> names) {
		List<String> shown = names.stream().limit(MAX_NAMED).map(AllowedTypes::printable).toList();
		int more = names.size() - shown.size();
		return String.join(", ", shown) + ((more > 0) ? " and " + more + " more" : "");
	}

	/** Returns the package if several types share one, otherwise the type. */
	private Set<String> suggestions() {
		Map<String, List<String>> byPackage = new LinkedHashMap<>();
		for (String type : this.types) {
			byPackage.computeIfAbsent(packageName(type), (name) -> new ArrayList<>()).add(topLevel(type));
		}
		Set<String> suggestions = new TreeSet<>();
		byPackage.forEach((name, members) -> {
			Set<String> classes = new LinkedHashSet<>(members);
			boolean asPackage = classes.size() > 1 && !name.isEmpty()
					&& NEVER_AS_A_PACKAGE.stream().noneMatch((name + ".")::startsWith);
			if (asPackage) {
				suggestions.add(name);
			}
			else {
				suggestions.addAll(classes);
			}
		});
		return suggestions;
	}

	private static String packageName(String type) {
		return type.substring(0, Math.max(0, type.lastIndexOf('.')));
	}

	/**
	 * Returns the enclosing class if several types share it, since allowing a class also
	 * allows its nested classes.
	 */
	private String topLevel(String type) {
		int nested = type.indexOf('$', packageName(type).length() + 2);
		if (nested < 0) {
			return type;
		}
		String owner = type.substring(0, nested);
		boolean shared = this.types.stream()
			.filter((other) -> other.equals(owner) || other.startsWith(owner + "$"))
			.count() > 1;
		boolean whole = shared && NEVER_AS_A_PACKAGE.stream().noneMatch(type::startsWith);
		return whole ? owner : type;
	}

}
