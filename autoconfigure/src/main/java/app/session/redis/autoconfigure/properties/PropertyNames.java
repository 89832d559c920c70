package app.session.redis.autoconfigure.properties;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

import app.session.redis.Option;
import app.session.redis.OptionNames;

/**
 * Refers to options in messages by their properties:
 * {@code app.session.redis.allowed-types=com.acme.Cart,com.acme.Order}.
 */
public final class PropertyNames implements OptionNames {

	/** The names of the properties of {@link RedisSessionProperties}. */
	public static final OptionNames INSTANCE = new PropertyNames();

	private static final String PREFIX = "app.session.redis.";

	private PropertyNames() {
	}

	@Override
	public String render(Option option, Collection<?> values) {
		String name = PREFIX + property(option);
		return values.isEmpty() ? name
				: values.stream().map(PropertyNames::text).collect(Collectors.joining(",", name + "=", ""));
	}

	private static String property(Option option) {
		return switch (option) {
			case ABSOLUTE_TIMEOUT -> "absolute-timeout";
			case ACCEPT_PLAIN_UNTIL -> "encryption.accept-plain-until";
			case ALLOWED_TYPES -> "allowed-types";
			case COLLECTOR_ENABLED -> "collector.enabled";
			case CONFIRM_REPLICAS -> "confirm-replicas";
			case DATABASE -> "database";
			case ENCRYPTION_KEYS -> "encryption.keys";
			case HOSTS -> "hosts";
			case LIMIT_PER_PRINCIPAL -> "limits.per-principal";
			case LIMIT_TOTAL -> "limits.total";
			case LOCK_ENABLED -> "lock.enabled";
			case ON_UNREADABLE -> "on-unreadable";
			case READ_FORMS -> "read-forms";
			case SERIALIZER -> "serializer";
			case TIMEOUT -> "timeout";
			case TYPE_CHECK -> "type-check";
		};
	}

	private static String text(Object value) {
		return (value instanceof Enum<?> constant) ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
				: String.valueOf(value);
	}

}
