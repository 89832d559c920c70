package app.session.redis.codec;

import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which types may be stored: the JDK's types of values, what Spring keeps in sessions,
 * and what the application adds. What is not listed is neither written nor read, so that
 * who can write to Redis can't choose which code reading a session runs.
 *
 * @see <a href=
 * "https://cheatsheetseries.owasp.org/cheatsheets/Deserialization_Cheat_Sheet.html">OWASP,
 * Deserialization Cheat Sheet</a>
 */
public final class AllowedTypes {

	private static final Set<String> JDK_TYPES = jdkTypes();

	/** What the collections of these types, and the like, are made of. */
	private static final Set<String> JDK_OWNERS = Set.of("java.util.Collections", "java.util.ImmutableCollections",
			"java.util.Arrays", "java.util.EnumSet", "java.util.AbstractMap", "java.util.Comparators",
			"java.util.concurrent.ConcurrentHashMap", "java.util.concurrent.TimeUnit",
			"java.util.concurrent.ConcurrentSkipListMap", "java.util.concurrent.locks.ReentrantLock",
			"java.util.concurrent.locks.AbstractQueuedSynchronizer");

	private static final Set<String> PACKAGES_OF_EXCEPTIONS = Set.of("java.lang", "java.io", "java.net", "java.util",
			"java.util.concurrent");

	/** What Spring itself, and Kotlin for its own collections, put into sessions. */
	private static final Set<String> OTHER_TYPES = Set.of("jakarta.servlet.http.Cookie",
			"org.springframework.web.servlet.FlashMap", "org.springframework.web.util.HttpSessionMutexListener$Mutex",
			"org.springframework.util.LinkedMultiValueMap", "org.springframework.util.MultiValueMapAdapter",
			"org.springframework.util.LinkedCaseInsensitiveMap", "org.springframework.core.NestedRuntimeException",
			"org.springframework.validation.AbstractErrors", "org.springframework.validation.AbstractBindingResult",
			"org.springframework.validation.AbstractPropertyBindingResult",
			"org.springframework.validation.BeanPropertyBindingResult",
			"org.springframework.validation.MapBindingResult", "org.springframework.validation.ObjectError",
			"org.springframework.validation.FieldError", "org.springframework.validation.DefaultMessageCodesResolver",
			"org.springframework.validation.DefaultMessageCodesResolver$Format",
			"org.springframework.validation.beanvalidation.SpringValidatorAdapter$ViolationFieldError",
			"org.springframework.validation.beanvalidation.SpringValidatorAdapter$ViolationObjectError",
			"org.springframework.context.support.DefaultMessageSourceResolvable",
			"com.nimbusds.jose.shaded.gson.internal.LinkedTreeMap", "kotlin.Pair", "kotlin.Triple", "kotlin.Unit",
			"kotlin.collections.EmptyList", "kotlin.collections.EmptyMap", "kotlin.collections.EmptySet",
			"kotlin.collections.builders.SerializedCollection", "kotlin.collections.builders.SerializedMap");

	private static final String SPRING_SECURITY = "org.springframework.security.";

	/** These run code of the stream's choice, whatever package they claim to be in. */
	private static final String LAMBDA = "java.lang.invoke.SerializedLambda";

	private final Set<String> added;

	private final ClassValue<Boolean> known = new ClassValue<>() {

		@Override
		protected Boolean computeValue(Class<?> type) {
			return isAllowed(type);
		}

	};

	/**
	 * Creates the list.
	 * @param added what is added to it: names of packages, each with those below, and of
	 * classes, each with those inside
	 * @throws IllegalArgumentException if one is no such name
	 */
	public AllowedTypes(Collection<String> added) {
		for (String name : added) {
			if (!name.matches("[\\p{L}_$][\\p{L}\\p{N}_$]*(\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*")) {
				throw new IllegalArgumentException("'" + name + "' among the allowed types is neither the name of a"
						+ " package nor of a class. A package is named as 'com.acme.shop', which includes those below it");
			}
		}
		this.added = new LinkedHashSet<>(added);
	}

	private static Set<String> jdkTypes() {
		Stream<String> lang = Stream
			.of("Boolean", "Byte", "Character", "Double", "Enum", "Float", "Integer", "Long", "Number", "Object",
					"Short", "String", "String$CaseInsensitiveComparator", "StringBuffer", "StringBuilder", "Throwable",
					"StackTraceElement")
			.map("java.lang."::concat);
		Stream<String> util = Stream
			.of("ArrayDeque", "ArrayList", "BitSet", "Calendar", "CollSer", "Currency", "Date", "EnumMap", "EnumSet",
					"GregorianCalendar", "HashMap", "HashSet", "Hashtable", "IdentityHashMap", "JumboEnumSet",
					"LinkedHashMap", "LinkedHashSet", "LinkedList", "Locale", "Map$Entry", "PriorityQueue",
					"Properties", "RegularEnumSet", "SimpleTimeZone", "Stack", "TimeZone", "TreeMap", "TreeSet", "UUID",
					"Vector", "KeyValueHolder")
			.map("java.util."::concat);
		Stream<String> concurrent = Stream
			.of("ConcurrentHashMap", "ConcurrentLinkedDeque", "ConcurrentLinkedQueue", "ConcurrentSkipListMap",
					"ConcurrentSkipListSet", "CopyOnWriteArrayList", "CopyOnWriteArraySet", "LinkedBlockingDeque",
					"LinkedBlockingQueue", "TimeUnit", "atomic.AtomicBoolean", "atomic.AtomicInteger",
					"atomic.AtomicIntegerArray", "atomic.AtomicLong", "atomic.AtomicLongArray",
					"atomic.AtomicReference", "atomic.AtomicReferenceArray", "atomic.LongAdder",
					"atomic.LongAdder$SerializationProxy", "locks.AbstractOwnableSynchronizer",
					"locks.AbstractQueuedSynchronizer", "locks.ReentrantLock")
			.map("java.util.concurrent."::concat);
		Stream<String> other = Stream.of("java.math.BigDecimal", "java.math.BigInteger", "java.math.MathContext",
				"java.math.RoundingMode", "java.net.Inet4Address", "java.net.Inet6Address", "java.net.InetAddress",
				"java.net.InetSocketAddress", "java.net.SocketAddress", "java.net.URI", "java.net.URL",
				"java.security.cert.Certificate$CertificateRep", "javax.security.auth.x500.X500Principal",
				"sun.util.calendar.ZoneInfo");
		return Stream.of(lang, util, concurrent, other)
			.flatMap((names) -> names)
			.collect(Collectors.toUnmodifiableSet());
	}

	/**
	 * Whether objects of a type may be stored.
	 * @param type the type; an array is what its elements are
	 * @return true if so
	 */
	boolean allows(Class<?> type) {
		return this.known.get(type);
	}

	private boolean isAllowed(Class<?> type) {
		Class<?> element = type;
		while (element.isArray()) {
			element = element.getComponentType();
		}
		return element.isPrimitive() || (!Proxy.isProxyClass(element) && allows(element.getName()));
	}

	/**
	 * Whether objects of a type of that name may be stored, which can be told without
	 * loading it.
	 * @param name the name as {@link Class#getName()} has it
	 * @return true if so
	 */
	boolean allows(String name) {
		if (name.startsWith("[")) {
			String element = name.substring(name.lastIndexOf('[') + 1);
			return !element.startsWith("L") || allows(element.substring(1, element.length() - 1));
		}
		return isOfJdk(name) || OTHER_TYPES.contains(name) || name.startsWith(SPRING_SECURITY) || isAdded(name);
	}

	private static boolean isOfJdk(String name) {
		if (!name.startsWith("java.")) {
			return JDK_TYPES.contains(name);
		}
		int nested = name.indexOf('$');
		return JDK_TYPES.contains(name) || name.startsWith("java.time.")
				|| (nested > 0 && JDK_OWNERS.contains(name.substring(0, nested)))
				|| ((name.endsWith("Exception") || name.endsWith("Error"))
						&& PACKAGES_OF_EXCEPTIONS.contains(name.substring(0, name.lastIndexOf('.'))));
	}

	private boolean isAdded(String name) {
		if (name.equals(LAMBDA)) {
			return false;
		}
		for (String each : this.added) {
			if (name.startsWith(each) && (name.length() == each.length() || name.charAt(each.length()) == '.'
					|| name.charAt(each.length()) == '$')) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether an allowed type is one of values and not of machinery, for a form that can
	 * make objects of any class: Spring's values are all serializable, and what the
	 * application adds it answers for.
	 * @param type an allowed type
	 * @return true if so
	 */
	boolean isValue(Class<?> type) {
		return Serializable.class.isAssignableFrom(type) || type.isInterface() || isAdded(type.getName());
	}

	/**
	 * Why a type is refused, and what to do: the end of a sentence that begins with the
	 * type.
	 * @param name the name of the type, which may come from a stream
	 * @return the text
	 */
	static String refusal(String name) {
		String type = printable(name);
		if (name.equals(LAMBDA) || name.contains("$$Lambda")) {
			return "a lambda, which is never stored. Keep it out of the session";
		}
		if (name.matches(".*\\$Proxy\\d*")) {
			return "a dynamic proxy, which is never stored. Keep it out of the session";
		}
		return type + ", which is not among the allowed types. Add it, or its package, to"
				+ " app.session.redis.allowed-types (setAllowedTypes) if it belongs there";
	}

	/** A name of a type, unless what should be one holds something else. */
	static String printable(String name) {
		return name.matches("[\\p{L}\\p{N}_$.;\\[]{1,300}") ? name : "a type without a proper name";
	}

}
