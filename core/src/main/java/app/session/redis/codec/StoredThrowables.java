package app.session.redis.codec;

import java.io.ObjectStreamClass;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import app.session.redis.ThrowableStandIn;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.util.ClassUtils;

/**
 * Replaces exceptions that can't be stored with exceptions that can be stored. The
 * originals are not changed.
 */
final class StoredThrowables {

	private static final boolean SECURITY = ClassUtils.isPresent(
			"org.springframework.security.authentication.AuthenticationServiceException",
			StoredThrowables.class.getClassLoader());

	private final AllowedTypes allowedTypes;

	private final boolean onlyPlain;

	private int seen;

	private final Set<Class<?>> replaced = new LinkedHashSet<>();

	/**
	 * Creates an instance for one value.
	 * @param allowedTypes the types that may be stored
	 * @param onlyPlain whether to replace all exceptions that declare fields, because the
	 * value can't be stored with them
	 */
	StoredThrowables(AllowedTypes allowedTypes, boolean onlyPlain) {
		this.allowedTypes = allowedTypes;
		this.onlyPlain = onlyPlain;
	}

	boolean hasAny() {
		return this.seen > 0;
	}

	/** Returns the classes of the replaced exceptions. */
	Set<Class<?>> replaced() {
		return this.replaced;
	}

	/** Replaces an exception. Returns the same object if it can be stored. */
	Throwable replace(Throwable original) {
		this.seen++;
		if (original instanceof ThrowableStandIn || isStorable(original.getClass())) {
			return original;
		}
		this.replaced.add(original.getClass());
		Predicate<Class<?>> storable = (type) -> this.allowedTypes.allows(type);
		if (SECURITY && AuthenticationFailures.includes(original)) {
			boolean allowed = superclasses(original.getClass(), storable);
			Throwable cause = allowed ? original.getCause() : standIn(original);
			return copyOf(original, AuthenticationFailures.copy(original, message(original), cause, storable));
		}
		return standIn(original);
	}

	private boolean isStorable(Class<?> type) {
		return superclasses(type, (each) -> this.allowedTypes.allows(each) && (!this.onlyPlain || isPlain(each)));
	}

	private static boolean superclasses(Class<?> type, Predicate<Class<?>> condition) {
		for (Class<?> each = type; each != null && each != Throwable.class; each = each.getSuperclass()) {
			if (!condition.test(each)) {
				return false;
			}
		}
		return true;
	}

	private static boolean isPlain(Class<?> type) {
		return ObjectStreamClass.lookup(type).getFields().length == 0 && Stream.of(type.getDeclaredMethods())
			.noneMatch((method) -> method.getName().equals("writeObject") || method.getName().equals("writeReplace"));
	}

	private static ThrowableStandIn standIn(Throwable original) {
		return copyOf(original,
				new ThrowableStandIn(original.getClass().getName(), message(original), original.getCause()));
	}

	private static <T extends Throwable> T copyOf(Throwable original, T copy) {
		copy.setStackTrace(original.getStackTrace());
		for (Throwable suppressed : original.getSuppressed()) {
			copy.addSuppressed(suppressed);
		}
		if (original instanceof SQLException failure && failure.getNextException() != null) {
			copy.addSuppressed(failure.getNextException());
		}
		return copy;
	}

	/**
	 * Returns the message, or null if computing it fails in an exception of a library.
	 */
	private static @Nullable String message(Throwable original) {
		try {
			return original.getMessage();
		}
		catch (RuntimeException ex) {
			return null;
		}
	}

	/** Only used if Spring Security is present. */
	private static final class AuthenticationFailures {

		private AuthenticationFailures() {
		}

		static boolean includes(Throwable original) {
			return original instanceof AuthenticationException;
		}

		/**
		 * Creates an exception of the nearest class that can be stored. It is an
		 * {@code AuthenticationException}, because login pages look for one and show its
		 * message.
		 */
		static Throwable copy(Throwable original, @Nullable String message, @Nullable Throwable cause,
				Predicate<Class<?>> storable) {
			for (Class<?> type = original.getClass(); type != null && includes(type); type = type.getSuperclass()) {
				if (superclasses(type, storable)) {
					Throwable copy = create(type, message, cause);
					if (copy != null) {
						return copy;
					}
				}
			}
			AuthenticationServiceException copy = new AuthenticationServiceException(
					(message != null) ? message : original.getClass().getSimpleName());
			if (cause != null) {
				copy.initCause(cause);
			}
			return copy;
		}

		private static boolean includes(Class<?> type) {
			return AuthenticationException.class.isAssignableFrom(type);
		}

		private static @Nullable Throwable create(Class<?> type, @Nullable String message, @Nullable Throwable cause) {
			try {
				return (Throwable) type.getConstructor(String.class, Throwable.class).newInstance(message, cause);
			}
			catch (ReflectiveOperationException | RuntimeException ex) {
				return null;
			}
		}

	}

}
