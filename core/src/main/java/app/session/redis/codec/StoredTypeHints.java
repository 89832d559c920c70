package app.session.redis.codec;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.core.type.classreading.SimpleMetadataReaderFactory;
import org.springframework.util.ClassUtils;

/**
 * Registers for native images the types that may be stored, and the types by whose
 * presence the codec recognizes optional libraries. Runs only during AOT processing.
 */
public final class StoredTypeHints implements RuntimeHintsRegistrar {

	/** The types for which the codec asks whether they are present. */
	private static final List<String> MARKERS = List.of("java.sql.Timestamp", "net.jpountz.lz4.LZ4Factory",
			"com.github.luben.zstd.Zstd", "tools.jackson.databind.json.JsonMapper",
			"org.springframework.security.jackson.SecurityJacksonModules",
			"org.springframework.security.authentication.AuthenticationServiceException",
			"org.springframework.web.servlet.FlashMap", "org.springframework.validation.BeanPropertyBindingResult");

	/** Arrays that collections and values of the JDK write. */
	private static final List<Class<?>> ARRAYS = List.of(boolean[].class, byte[].class, char[].class, double[].class,
			float[].class, int[].class, long[].class, short[].class, Object[].class, String[].class, Enum[].class);

	/** The modules of the JDK that contain types that may be stored. */
	private static final List<String> MODULES = List.of("java.base", "java.sql");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		MARKERS.forEach((name) -> hints.reflection()
			.registerTypeIfPresent(classLoader, name,
					(type) -> type.onReachableType(TypeReference.of(ValueCodec.class))));
		Set<String> names = new LinkedHashSet<>(BuiltInTypes.names());
		BuiltInTypes.prefixesOfNested().forEach((prefix) -> names.addAll(nested(prefix, classLoader)));
		names.addAll(typesOfTheJdk());
		names.addAll(classesIn("org.springframework.security", classLoader));
		registerSerializable(hints.reflection(), names, classLoader);
		ARRAYS.forEach((type) -> registerSerializable(hints.reflection(), type));
	}

	/**
	 * Registers types that the application adds to the allowed ones.
	 * @param hints the hints
	 * @param names the names of packages, with their subpackages, and of classes, with
	 * their nested classes
	 * @param json whether the types are also stored as JSON
	 * @param classLoader the class loader of the application
	 */
	public static void register(ReflectionHints hints, Collection<String> names, boolean json,
			@Nullable ClassLoader classLoader) {
		Set<String> all = new LinkedHashSet<>();
		for (String name : names) {
			if (ClassUtils.isPresent(name, classLoader)) {
				all.add(name);
				all.addAll(nested(name + "$", classLoader));
			}
			else {
				all.addAll(classesIn(name, classLoader));
			}
		}
		all.removeIf(NeverAllowedTypes::contains);
		List<Class<?>> registered = registerSerializable(hints, all, classLoader);
		if (json) {
			BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();
			registered.forEach((type) -> binding.registerReflectionHints(hints, type));
		}
	}

	private static List<Class<?>> registerSerializable(ReflectionHints hints, Collection<String> names,
			@Nullable ClassLoader classLoader) {
		List<Class<?>> types = names.stream()
			.<Class<?>>mapMulti((name, consumer) -> load(name, classLoader, consumer))
			.filter(Serializable.class::isAssignableFrom)
			.filter((type) -> !type.isInterface())
			.toList();
		types.forEach((type) -> registerSerializable(hints, type));
		return types;
	}

	/**
	 * Registers a type by its name, because optional types can surround it. Its fields
	 * are read to compare values.
	 */
	private static void registerSerializable(ReflectionHints hints, Class<?> type) {
		TypeReference reference = type.isArray() ? TypeReference.of(type) : TypeReference.of(type.getName());
		hints.registerType(reference,
				(hint) -> hint.withJavaSerialization(true).withMembers(MemberCategory.ACCESS_DECLARED_FIELDS));
	}

	/** Loads a class without initializing it, if it and its supertypes are present. */
	private static void load(String name, @Nullable ClassLoader classLoader, Consumer<Class<?>> consumer) {
		try {
			consumer.accept(Class.forName(name, false, classLoader));
		}
		catch (ClassNotFoundException | LinkageError ex) {
			// Belongs to an optional library
		}
	}

	/** Returns the nested classes whose names begin with a prefix. */
	private static Set<String> nested(String prefix, @Nullable ClassLoader classLoader) {
		Set<String> names = new LinkedHashSet<>();
		load(prefix.substring(0, prefix.indexOf('$')), classLoader, (owner) -> addNested(owner, prefix, names));
		return names;
	}

	private static void addNested(Class<?> owner, String prefix, Set<String> names) {
		try {
			for (Class<?> type : owner.getDeclaredClasses()) {
				if (type.getName().startsWith(prefix) || prefix.startsWith(type.getName())) {
					names.add(type.getName());
					addNested(type, prefix, names);
				}
			}
		}
		catch (LinkageError ex) {
			// Belongs to an optional library
		}
	}

	/** Returns the classes of the JDK that are allowed by their packages. */
	private static Set<String> typesOfTheJdk() {
		FileSystem modules = FileSystems.getFileSystem(URI.create("jrt:/"));
		Set<String> names = new LinkedHashSet<>();
		for (String module : MODULES) {
			Path root = modules.getPath("/modules", module);
			try (Stream<Path> files = Files.walk(root.resolve("java"))) {
				files.map((file) -> root.relativize(file).toString())
					.filter((file) -> file.endsWith(".class"))
					.map((file) -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
					.filter(BuiltInTypes::contains)
					.forEach(names::add);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		return names;
	}

	/** Returns the names of the classes of a package and its subpackages. */
	private static Set<String> classesIn(String packageName, @Nullable ClassLoader classLoader) {
		PathMatchingResourcePatternResolver resolver = new PathMatchingResourcePatternResolver(classLoader);
		MetadataReaderFactory metadata = new SimpleMetadataReaderFactory(resolver);
		Set<String> names = new LinkedHashSet<>();
		try {
			for (Resource resource : resolver
				.getResources("classpath*:" + ClassUtils.convertClassNameToResourcePath(packageName) + "/**/*.class")) {
				names.add(metadata.getMetadataReader(resource).getClassMetadata().getClassName());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return names;
	}

}
