package app.session.redis.lock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Whether requests that a handler of Spring MVC answers take the lock of their session,
 * whatever their HTTP method is. On a method it wins over the one on its class; it may be
 * put on annotations of the application. Has an effect only where sessions are locked.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface SessionLock {

	/**
	 * Whether they take it.
	 * @return false for a handler that needs no lock
	 */
	boolean value() default true;

}
