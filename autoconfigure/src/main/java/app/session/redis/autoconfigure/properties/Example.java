package app.session.redis.autoconfigure.properties;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An example value of a property for {@code docs/configuration.md}, for properties whose
 * type and default don't suggest one.
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
