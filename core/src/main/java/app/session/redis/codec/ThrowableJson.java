package app.session.redis.codec;

import java.io.ObjectStreamClass;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import app.session.redis.ThrowableStandIn;
import app.session.redis.codec.PropertiesJson.Properties;
import com.fasterxml.jackson.annotation.JsonFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.Deserializers;
import tools.jackson.databind.ser.Serializers;

/**
 * Exceptions as JSON. An exception keeps its class if the class is allowed and can
 * recreate it from message and cause; otherwise it becomes a {@link ThrowableStandIn}.
 * For a failed login, which Spring Security keeps in the session, only the message is
 * stored, without the credentials, the stack trace and the causes.
 */
final class ThrowableJson {

	private static final String TYPE = "typeName";

	private static final String MESSAGE = "message";

	private static final String CAUSE = "cause";

	private static final String SUPPRESSED = "suppressed";

	private static final String TRACE = "trace";

	/** The maximum nesting depth of exceptions; deeper ones are cut off. */
	private static final int MAX_DEPTH = 50;

	private ThrowableJson() {
	}

	/** Returns whether an exception represents a failed login. */
	static boolean isLogIn(Class<?> type) {
		for (Class<?> each = type; each != null; each = each.getSuperclass()) {
			if (each.getName().equals("org.springframework.security.core.AuthenticationException")) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether Jackson writes and reads a class itself, for example with a mixin
	 * of Spring Security.
	 */
	private static boolean isHandledByJackson(Class<?> type, MapperConfig<?> config) {
		return !Throwable.class.isAssignableFrom(type) || (isLogIn(type) && !Modifier.isAbstract(type.getModifiers())
				&& config.findMixInClassFor(type) != null);
	}

	static final class Writing implements Serializers {

		private final JsonTypes types;

		Writing(JsonTypes types) {
			this.types = types;
		}

		@Override
		public @Nullable ValueSerializer<?> findSerializer(SerializationConfig config, JavaType type,
				BeanDescription.Supplier description, JsonFormat.@Nullable Value format) {
			return isHandledByJackson(type.getRawClass(), config) ? null
					: new PropertiesJson.Serializer<>(this::properties);
		}

		private Properties properties(Throwable throwable, SerializationContext context) {
			Set<Throwable> open = open(context);
			boolean cut = open.size() >= MAX_DEPTH || !open.add(throwable);
			Map<String, @Nullable Object> values = new LinkedHashMap<>();
			boolean classStored = !cut && isClassStored(throwable, context.getConfig());
			if (!classStored || throwable instanceof ThrowableStandIn) {
				values.put(TYPE, (throwable instanceof ThrowableStandIn standIn) ? standIn.getTypeName()
						: throwable.getClass().getName());
			}
			values.put(MESSAGE, throwable.getMessage());
			if (!isLogIn(throwable.getClass())) {
				values.put(TRACE, trace(throwable.getStackTrace()));
				if (!cut && throwable.getCause() != null) {
					values.put(CAUSE, throwable.getCause());
				}
				if (!cut && throwable.getSuppressed().length > 0) {
					values.put(SUPPRESSED, throwable.getSuppressed());
				}
			}
			return new Properties(classStored ? throwable.getClass() : ThrowableStandIn.class, values, () -> {
				if (!cut) {
					open.remove(throwable);
				}
			});
		}

		/** Returns the exceptions that are being written and enclose the current one. */
		@SuppressWarnings("unchecked") // as it was set
		private static Set<Throwable> open(SerializationContext context) {
			Set<Throwable> open = (Set<Throwable>) context.getAttribute(ThrowableJson.class);
			if (open == null) {
				open = Collections.newSetFromMap(new IdentityHashMap<>());
				context.setAttribute(ThrowableJson.class, open);
			}
			return open;
		}

		private boolean isClassStored(Throwable throwable, SerializationConfig config) {
			Class<?> type = throwable.getClass();
			if (type == ThrowableStandIn.class) {
				return true;
			}
			if (!this.types.allows(type) || hasStateOfJdk(type)) {
				return false;
			}
			Throwable cause = isLogIn(type) ? null : throwable.getCause();
			Throwable created = create(type, throwable.getMessage(), cause);
			if (created == null || (!isLogIn(type) && !created.toString().equals(throwable.toString()))) {
				return false;
			}
			return ValueComparison.haveSameFields(throwable, created, new StateFields(config));
		}

	}

	/**
	 * Returns whether a JDK class in the hierarchy has fields, such as the state of a
	 * SQLException.
	 */
	private static boolean hasStateOfJdk(Class<?> type) {
		for (Class<?> each = type; each != null && each != Throwable.class; each = each.getSuperclass()) {
			if (each.getName().startsWith("java") && ObjectStreamClass.lookup(each).getFields().length > 0) {
				return true;
			}
		}
		return false;
	}

	static final class Reading extends Deserializers.Base {

		@Override
		public @Nullable ValueDeserializer<?> findBeanDeserializer(JavaType type, DeserializationConfig config,
				BeanDescription.Supplier description) {
			Class<?> raw = type.getRawClass();
			return isHandledByJackson(raw, config) ? null : new PropertiesJson.Deserializer<>(
					(properties, context) -> throwable(raw, properties, JsonReading.of(context)));
		}

		@Override
		public boolean hasDeserializerFor(DeserializationConfig config, Class<?> type) {
			return !isHandledByJackson(type, config);
		}

	}

	private static Throwable throwable(Class<?> type, Map<String, @Nullable Object> properties, JsonReading reading) {
		reading.countThrowable();
		String message = (String) properties.get(MESSAGE);
		Throwable cause = (Throwable) properties.get(CAUSE);
		Throwable throwable = (type == ThrowableStandIn.class)
				? new ThrowableStandIn(String.valueOf(properties.get(TYPE)), message, cause)
				: create(type, message, cause);
		if (throwable == null) {
			throw new UnstorableValueException("a " + type.getName() + " can't be created from its message and cause");
		}
		String[] trace = (String[]) properties.get(TRACE);
		throwable.setStackTrace(
				(trace != null) ? Stream.of(trace).map(ThrowableJson::element).toArray(StackTraceElement[]::new)
						: new StackTraceElement[0]);
		Throwable[] suppressed = (Throwable[]) properties.get(SUPPRESSED);
		if (suppressed != null) {
			for (Throwable each : suppressed) {
				throwable.addSuppressed(each);
			}
		}
		return throwable;
	}

	/**
	 * Creates an exception, or returns null if no constructor creates one with this
	 * message and cause.
	 */
	private static @Nullable Throwable create(Class<?> type, @Nullable String message, @Nullable Throwable cause) {
		if (Modifier.isAbstract(type.getModifiers())) {
			return null;
		}
		List<Object[]> arguments = new ArrayList<>();
		List<Constructor<?>> constructors = new ArrayList<>();
		for (Constructor<?> constructor : type.getDeclaredConstructors()) {
			Object[] suiting = arguments(constructor.getParameterTypes(), message, cause);
			if (suiting != null) {
				constructors.add(constructor);
				arguments.add(suiting);
			}
		}
		for (int i = 0; i < constructors.size(); i++) {
			Throwable created = create(constructors.get(i), arguments.get(i), message, cause);
			if (created != null) {
				return created;
			}
		}
		return null;
	}

	private static Object @Nullable [] arguments(Class<?>[] parameters, @Nullable String message,
			@Nullable Throwable cause) {
		return switch (parameters.length) {
			case 0 -> new Object[0];
			case 1 -> isMessage(parameters[0]) ? new @Nullable Object[] { message }
					: (isCause(parameters[0], cause) ? new @Nullable Object[] { cause } : null);
			case 2 -> (isMessage(parameters[0]) && isCause(parameters[1], cause))
					? new @Nullable Object[] { message, cause } : null;
			default -> null;
		};
	}

	private static boolean isMessage(Class<?> parameter) {
		return parameter == String.class || parameter == Object.class;
	}

	private static boolean isCause(Class<?> parameter, @Nullable Throwable cause) {
		return Throwable.class.isAssignableFrom(parameter) && (cause == null || parameter.isInstance(cause));
	}

	private static @Nullable Throwable create(Constructor<?> constructor, Object[] arguments, @Nullable String message,
			@Nullable Throwable cause) {
		try {
			if (!Modifier.isPublic(constructor.getModifiers())
					|| !Modifier.isPublic(constructor.getDeclaringClass().getModifiers())) {
				constructor.setAccessible(true);
			}
			Throwable created = (Throwable) constructor.newInstance(arguments);
			if (created.getCause() != cause && created.getCause() == null) {
				created.initCause(cause);
			}
			return (created.getCause() == cause && Objects.equals(created.getMessage(), message)) ? created : null;
		}
		catch (InstantiationException | IllegalAccessException | InvocationTargetException | InaccessibleObjectException
				| IllegalStateException ex) {
			return null;
		}
	}

	private static String[] trace(StackTraceElement[] elements) {
		return Stream.of(elements).map(ThrowableJson::text).toArray(String[]::new);
	}

	/** Joins the parts by line breaks, which none of the names contains. */
	static String text(StackTraceElement element) {
		return String.join("\n", text(element.getClassLoaderName()), text(element.getModuleName()),
				text(element.getModuleVersion()), element.getClassName(), element.getMethodName(),
				text(element.getFileName()), Integer.toString(element.getLineNumber()));
	}

	private static String text(@Nullable String name) {
		return (name != null) ? name : "";
	}

	static StackTraceElement element(String text) {
		String[] parts = text.split("\n", -1);
		return new StackTraceElement(name(parts[0]), name(parts[1]), name(parts[2]), parts[3], parts[4], name(parts[5]),
				Integer.parseInt(parts[6]));
	}

	private static @Nullable String name(String text) {
		return text.isEmpty() ? null : text;
	}

}
