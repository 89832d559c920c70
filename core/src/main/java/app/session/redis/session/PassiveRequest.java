package app.session.redis.session;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Specifies whether requests to a Spring MVC or WebFlux handler are passive: they find
 * their session, but don't extend its lifetime. An annotation on a method overrides the
 * one on its class. Can be used as a meta-annotation.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface PassiveRequest {

	/**
	 * Returns whether requests are passive.
	 * @return false for a handler whose requests extend the lifetime of the session
	 */
	boolean value() default true;

}
