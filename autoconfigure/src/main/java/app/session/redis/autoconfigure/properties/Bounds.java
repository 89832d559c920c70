package app.session.redis.autoconfigure.properties;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The bounds of a number, a {@link java.time.Duration} or a
 * {@link org.springframework.util.unit.DataSize}, in the notation of properties files.
 * {@link PropertyBounds} checks them at start, and {@code docs/configuration.md} lists
 * them.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@interface Bounds {

	/**
	 * The minimum; empty for none.
	 */
	String min() default "";

	/**
	 * The maximum; empty for none.
	 */
	String max() default "";

}
