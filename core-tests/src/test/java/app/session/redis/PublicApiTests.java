package app.session.redis;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.UnlistedTypes;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueForm;
import app.session.redis.engine.SessionEngine;
import app.session.redis.event.SessionEndListener;
import app.session.redis.event.SocketSessions;
import app.session.redis.index.IndexCounts;
import app.session.redis.index.SessionDescription;
import app.session.redis.index.SessionPage;
import app.session.redis.lock.SessionLock;
import app.session.redis.oauth2.OidcIndexResolver;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionObservation;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.observation.StoreOperation;
import app.session.redis.observation.StoreOperationContext;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.StoreAccess;
import app.session.redis.reactive.ReactiveCaller;
import app.session.redis.session.ClientDetails;
import app.session.redis.session.CookieRenewal;
import app.session.redis.session.PassiveRequest;
import app.session.redis.session.StoredSession;
import app.session.redis.session.UserAgentMatcher;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the public API, which consists of the types for applications and their
 * members, with {@code public-api.txt}.
 */
class PublicApiTests {

	private static final String ROOT = PublicApiTests.class.getPackageName();

	private static final Path FILE = Path.of("src", "test", "resources", "public-api.txt");

	private static final Path MODULE = Path.of("..", "core", "src", "main", "module", "module-info.java");

	private static final Pattern COMPARED = Pattern.compile("<include>(app\\.session\\.redis[\\w.$]*)</include>");

	private static final Pattern NOT_COMPARED = Pattern.compile("<exclude>(app\\.session\\.redis[\\w.$]*)</exclude>");

	private static final Pattern EXPORT = Pattern.compile("exports ([a-z0-9.]+);");

	/** Packages whose public types are for applications. */
	private static final Set<String> PACKAGES = Set.of(ROOT, ROOT + ".operations", ROOT + ".reactive",
			ROOT + ".servlet", ROOT + ".settings");

	/** Types in these packages that are public for auto-configuration only. */
	private static final Set<Class<?>> INTERNAL = Set.of(ReactiveCaller.class, StoreAccess.class);

	/** Types in these packages that only the core creates. */
	private static final Set<Class<?>> INTERNAL_CONSTRUCTORS = Set.of(SessionOperations.class);

	/** Types for applications in other packages. */
	private static final Set<Class<?>> OTHERS = Set.of(ClientDetails.class, CompressionAlgorithm.class,
			CookieRenewal.class, EncryptionKeys.class, IndexCounts.class, OidcIndexResolver.class, PassiveRequest.class,
			SessionCounter.class, SessionDescription.class, SessionEndListener.class, SessionEngine.class,
			SessionLock.class, SessionObservation.class, SessionPage.class, SessionStatistics.class,
			SocketSessions.class, StoreOperation.class, StoreOperationContext.class, StoredSession.class,
			TypeCheck.class, TypeRefusedException.class, UnlistedTypes.Unlisted.class, UnreadableValueException.class,
			UserAgentMatcher.class, ValueForm.class);

	private static final Set<Class<?>> TYPES = new HashSet<>();

	@BeforeAll
	static void findTypes() {
		new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages(PACKAGES)
			.stream()
			.filter((type) -> PACKAGES.contains(type.getPackageName()))
			.map(JavaClass::reflect)
			.filter((type) -> isPublic(type) && !INTERNAL.contains(type))
			.forEach(TYPES::add);
		OTHERS.forEach((type) -> {
			TYPES.add(type);
			Arrays.stream(type.getDeclaredClasses()).filter(PublicApiTests::isPublic).forEach(TYPES::add);
		});
	}

	@Test
	void isAsListed() throws IOException {
		Set<String> lines = new TreeSet<>();
		for (Class<?> type : TYPES) {
			lines.add(describe(type));
			members(type).forEach((member) -> lines.add(describe(member)));
		}
		if (Boolean.getBoolean("public-api.write")) {
			Files.write(FILE, lines);
		}
		List<String> listed = Files.readAllLines(FILE);
		List<String> differences = new ArrayList<>();
		listed.stream().filter((line) -> !lines.contains(line)).map("- "::concat).forEach(differences::add);
		lines.stream().filter((line) -> !listed.contains(line)).map("+ "::concat).forEach(differences::add);
		assertThat(differences)
			.as("Differences from %s. If they are intended, run this test with -Dpublic-api.write=true, which writes "
					+ "the file, and commit it", FILE)
			.isEmpty();
		assertThat(listed).containsExactlyElementsOf(lines);
	}

	@Test
	void refersToListedTypesOnly() {
		List<String> unlisted = new ArrayList<>();
		for (Class<?> type : TYPES) {
			unlisted(supertypes(type)).forEach((other) -> unlisted.add(describe(type) + ": " + other.getName()));
			members(type).forEach((member) -> unlisted(types(member))
				.forEach((other) -> unlisted.add(describe(member) + ": " + other.getName())));
		}
		assertThat(unlisted).isEmpty();
	}

	@Test
	void isWhatIsComparedWithEarlierReleases() throws IOException {
		Set<String> included = new TreeSet<>(PACKAGES);
		OTHERS.forEach((type) -> included.add(type.getName()));
		String pom = Files.readString(Path.of("..", "core", "pom.xml"));
		assertThat(COMPARED.matcher(pom).results().map((result) -> result.group(1)))
			.containsExactlyInAnyOrderElementsOf(included);
		assertThat(NOT_COMPARED.matcher(pom).results().map((result) -> result.group(1)))
			.containsExactlyInAnyOrderElementsOf(INTERNAL.stream().map(Class::getName).toList());
	}

	@Test
	void isInThePackagesThatTheModuleExports() throws IOException {
		assertThat(EXPORT.matcher(Files.readString(MODULE)).results().map((result) -> result.group(1)))
			.containsExactlyInAnyOrderElementsOf(
					TYPES.stream().map(Class::getPackageName).collect(Collectors.toCollection(TreeSet::new)));
	}

	/**
	 * Members for applications. Types of other packages also have members for the core,
	 * whose signatures contain types that are not listed.
	 */
	private static Stream<Member> members(Class<?> type) {
		Stream<Member> members = Stream
			.<Member[]>of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
			.flatMap(Arrays::stream)
			.filter((member) -> !member.isSynthetic() && isVisible(member) && !isImplied(member));
		return PACKAGES.contains(type.getPackageName()) ? members.filter((member) -> !isInternal(member))
				: members.filter((member) -> unlisted(types(member)).findAny().isEmpty());
	}

	private static boolean isPublic(Class<?> type) {
		return Modifier.isPublic(type.getModifiers())
				&& (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
	}

	private static boolean isVisible(Member member) {
		return Modifier.isPublic(member.getModifiers()) || (Modifier.isProtected(member.getModifiers())
				&& !Modifier.isFinal(member.getDeclaringClass().getModifiers()));
	}

	private static boolean isImplied(Member member) {
		if (!(member instanceof Method method)) {
			return false;
		}
		return switch (method.getName()) {
			case "equals" -> method.getParameterCount() == 1;
			case "hashCode", "toString" -> method.getParameterCount() == 0;
			case "values", "valueOf" -> method.getDeclaringClass().isEnum();
			default -> false;
		};
	}

	private static boolean isInternal(Member member) {
		return member instanceof Constructor<?> && INTERNAL_CONSTRUCTORS.contains(member.getDeclaringClass());
	}

	private static Set<Type> supertypes(Class<?> type) {
		return Stream.concat(Stream.ofNullable(type.getGenericSuperclass()), Arrays.stream(type.getGenericInterfaces()))
			.collect(Collectors.toSet());
	}

	/** The types in the signature of a member. */
	private static Set<Type> types(Member member) {
		if (member instanceof Field field) {
			return Set.of(field.getGenericType());
		}
		Executable executable = (Executable) member;
		Set<Type> types = parameters(executable).map(AnnotatedType::getType).collect(Collectors.toSet());
		types.addAll(List.of(executable.getGenericExceptionTypes()));
		types.addAll(List.of(executable.getTypeParameters()));
		if (member instanceof Method method) {
			types.add(method.getGenericReturnType());
		}
		return types;
	}

	/**
	 * Java 17 doesn't read everything that Java 25 writes about constructors of records.
	 */
	private static Stream<AnnotatedType> parameters(Executable executable) {
		RecordComponent[] components = executable.getDeclaringClass().getRecordComponents();
		boolean canonical = executable instanceof Constructor<?> && components != null && Arrays
			.equals(executable.getParameterTypes(), Arrays.stream(components).map(RecordComponent::getType).toArray());
		return canonical ? Arrays.stream(components).map(RecordComponent::getAnnotatedType)
				: Arrays.stream(executable.getAnnotatedParameterTypes());
	}

	/** The types of this project in others that are not listed. */
	private static Stream<Class<?>> unlisted(Set<Type> types) {
		Set<Class<?>> classes = new HashSet<>();
		Set<Type> seen = new HashSet<>();
		types.forEach((type) -> addClasses(type, classes, seen));
		return classes.stream().filter((type) -> type.getName().startsWith(ROOT + ".") && !TYPES.contains(type));
	}

	private static void addClasses(Type type, Set<Class<?>> classes, Set<Type> seen) {
		if (!seen.add(type)) {
			return;
		}
		List<Type> parts = new ArrayList<>();
		if (type instanceof Class<?> found) {
			if (found.isArray()) {
				parts.add(found.getComponentType());
			}
			else {
				classes.add(found);
			}
		}
		else if (type instanceof ParameterizedType parameterized) {
			parts.add(parameterized.getRawType());
			parts.addAll(List.of(parameterized.getActualTypeArguments()));
		}
		else if (type instanceof GenericArrayType array) {
			parts.add(array.getGenericComponentType());
		}
		else if (type instanceof WildcardType wildcard) {
			parts.addAll(List.of(wildcard.getLowerBounds()));
			parts.addAll(List.of(wildcard.getUpperBounds()));
		}
		else if (type instanceof TypeVariable<?> variable) {
			parts.addAll(List.of(variable.getBounds()));
		}
		parts.forEach((part) -> addClasses(part, classes, seen));
	}

	private static String describe(Class<?> type) {
		StringBuilder line = new StringBuilder(type.getName()).append(typeParameters(type.getTypeParameters()));
		String kind = kind(type);
		if (kind.equals("class")) {
			appendModifiers(line, type.getModifiers(), "abstract", "final");
		}
		line.append(" ").append(kind);
		(kind.equals("class") ? supertypes(type).stream() : Arrays.stream(type.getGenericInterfaces()))
			.filter((supertype) -> supertype != Object.class && supertype != Annotation.class)
			.map(Type::getTypeName)
			.sorted()
			.forEach((supertype) -> line.append(" ").append(supertype));
		return line.toString();
	}

	private static String kind(Class<?> type) {
		if (type.isAnnotation()) {
			return "annotation";
		}
		if (type.isInterface()) {
			return "interface";
		}
		if (type.isEnum()) {
			return "enum";
		}
		return type.isRecord() ? "record" : "class";
	}

	private static String describe(Member member) {
		String name = (member instanceof Constructor<?>) ? "<init>" : member.getName();
		StringBuilder line = new StringBuilder(member.getDeclaringClass().getName()).append('#').append(name);
		if (member instanceof Field field) {
			line.append(": ").append(describe(field.getAnnotatedType()));
		}
		if (member instanceof Executable executable) {
			line.append(typeParameters(executable.getTypeParameters()))
				.append(parameters(executable).map(PublicApiTests::describe)
					.collect(Collectors.joining(", ", "(", ")")));
		}
		if (member instanceof Method method) {
			line.append(": ").append(describe(method.getAnnotatedReturnType()));
			if (method.getDefaultValue() != null) {
				line.append(" = ").append(method.getDefaultValue());
			}
		}
		appendModifiers(line, member.getModifiers(), "protected", "static", "abstract");
		return line.toString();
	}

	private static void appendModifiers(StringBuilder line, int modifiers, String... names) {
		List<String> present = List.of(Modifier.toString(modifiers).split(" "));
		Arrays.stream(names).filter(present::contains).forEach((name) -> line.append(" ").append(name));
	}

	private static String describe(AnnotatedType type) {
		return (type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "") + type.getType().getTypeName();
	}

	private static String typeParameters(TypeVariable<?>[] parameters) {
		return (parameters.length == 0) ? ""
				: Arrays.stream(parameters)
					.map((parameter) -> parameter + Arrays.stream(parameter.getBounds())
						.filter((bound) -> bound != Object.class)
						.map((bound) -> " extends " + bound.getTypeName())
						.collect(Collectors.joining()))
					.collect(Collectors.joining(", ", "<", ">"));
	}

}
