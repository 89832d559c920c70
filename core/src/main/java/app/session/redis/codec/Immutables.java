package app.session.redis.codec;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.time.ZoneId;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAmount;
import java.util.Currency;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/**
 * Types whose objects never change, so that they need not be checked for changes.
 */
public final class Immutables {

	private static final Set<Class<?>> TYPES = Set.of(String.class, Boolean.class, Character.class, Byte.class,
			Short.class, Integer.class, Long.class, Float.class, Double.class, BigDecimal.class, BigInteger.class,
			UUID.class, URI.class, URL.class, Locale.class, Currency.class, Class.class, File.class);

	private Immutables() {
	}

	/**
	 * Returns whether a value is known to be immutable.
	 * @param value the value
	 * @return whether the value can never change
	 */
	public static boolean isImmutable(Object value) {
		Class<?> type = value.getClass();
		return TYPES.contains(type) || value instanceof Enum<?> || value instanceof InetAddress
				|| (type.getName().startsWith("java.time.")
						&& (value instanceof Temporal || value instanceof TemporalAmount || value instanceof ZoneId));
	}

}
