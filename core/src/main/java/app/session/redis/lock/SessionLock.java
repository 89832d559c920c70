package app.session.redis.lock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Specifies whether requests to a Spring MVC or WebFlux handler take the lock of their
 * session, regardless of their HTTP method. An annotation on a method overrides the one
 * on its class. Can be used as a meta-annotation. Has an effect only if session locking
 * is enabled.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface SessionLock {

	/**
	 * Returns whether requests take the lock.
	 * @return false for a handler that needs no lock
	 */
	boolean value() default true;

}
