package app.session.redis.autoconfigure.properties;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A value of a property as an example for {@code docs/configuration.md}, where neither
 * the type nor the default suggests one.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@interface Example {

	/**
	 * The value in the notation of properties files.
	 */
	String value();

}
