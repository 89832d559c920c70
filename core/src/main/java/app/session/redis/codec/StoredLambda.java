package app.session.redis.codec;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The stored form of a lambda or method reference. {@link SerializedLambda} resolves
 * itself when it is read; this class is resolved only after the class that created the
 * lambda has been checked.
 */
final class StoredLambda implements Serializable {

	static final String NAME = StoredLambda.class.getName();

	private static final long serialVersionUID = 1L;

	private final String capturingClass;

	private final String functionalInterfaceClass;

	private final String functionalInterfaceMethodName;

	private final String functionalInterfaceMethodSignature;

	private final int implMethodKind;

	private final String implClass;

	private final String implMethodName;

	private final String implMethodSignature;

	private final String instantiatedMethodType;

	@SuppressWarnings("serial") // checked when they are written
	private final Object[] capturedArguments;

	StoredLambda(SerializedLambda lambda) {
		this.capturingClass = capturingClass(lambda);
		this.functionalInterfaceClass = lambda.getFunctionalInterfaceClass();
		this.functionalInterfaceMethodName = lambda.getFunctionalInterfaceMethodName();
		this.functionalInterfaceMethodSignature = lambda.getFunctionalInterfaceMethodSignature();
		this.implMethodKind = lambda.getImplMethodKind();
		this.implClass = lambda.getImplClass();
		this.implMethodName = lambda.getImplMethodName();
		this.implMethodSignature = lambda.getImplMethodSignature();
		this.instantiatedMethodType = lambda.getInstantiatedMethodType();
		this.capturedArguments = new Object[lambda.getCapturedArgCount()];
		for (int i = 0; i < this.capturedArguments.length; i++) {
			this.capturedArguments[i] = lambda.getCapturedArg(i);
		}
	}

	/** Returns the name of the class whose code creates the lambda. */
	static String capturingClass(SerializedLambda lambda) {
		return lambda.getCapturingClass().replace('/', '.');
	}

	/**
	 * Returns the capturing class, which is null only if the stream was tampered with.
	 */
	@Nullable String capturingClass() {
		return this.capturingClass;
	}

	/**
	 * Creates the lambda through the method that the compiler has added to the capturing
	 * class. It succeeds only if interface, implementation and signatures are exactly
	 * those of a serializable lambda in that class.
	 */
	Object resolve(@Nullable ClassLoader classLoader) throws IOException, ClassNotFoundException {
		Class<?> type = ClassUtils.forName(this.capturingClass, classLoader);
		try {
			Method resolver = type.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
			resolver.setAccessible(true);
			Object lambda = resolver.invoke(null,
					new SerializedLambda(type, this.functionalInterfaceClass, this.functionalInterfaceMethodName,
							this.functionalInterfaceMethodSignature, this.implMethodKind, this.implClass,
							this.implMethodName, this.implMethodSignature, this.instantiatedMethodType,
							this.capturedArguments));
			if (lambda != null) {
				return lambda;
			}
			throw new InvalidObjectException("No lambda");
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			InvalidObjectException failure = new InvalidObjectException("Not a lambda of that class");
			failure.initCause(ex);
			throw failure;
		}
	}

}
