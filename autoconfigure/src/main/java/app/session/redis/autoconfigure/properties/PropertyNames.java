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
		if (option == Option.COLLECTOR_LEASE) {
			// Has no property; only a SessionSettingsCustomizer changes it
			return OptionNames.METHODS.render(option, values);
		}
		String name = PREFIX + property(option);
		return values.isEmpty() ? name
				: values.stream().map(PropertyNames::text).collect(Collectors.joining(",", name + "=", ""));
	}

	private static String property(Option option) {
		return switch (option) {
			case ACCEPT_PLAIN_UNTIL -> "encryption.accept-plain-until";
			case CLIENT_BINDING_IPV4_PREFIX -> "client-binding.ipv4-prefix";
			case CLIENT_BINDING_IPV6_PREFIX -> "client-binding.ipv6-prefix";
			case LIMIT_PER_PRINCIPAL -> "limits.per-principal";
			case LIMIT_TOTAL -> "limits.total";
			case NEAR_CACHE_MAX_AGE -> "near-cache.max-age";
			case NEAR_CACHE_SIZE -> "near-cache.max-size";
			// The first word is the group
			case BOT_FIRST_TIMEOUT, BOT_TIMEOUT, COLLECTOR_BATCH_SIZE, COLLECTOR_ENABLED, COLLECTOR_INTERVAL,
					COMPRESSION_THRESHOLD, ENCRYPTION_ENABLED, ENCRYPTION_KEYS, LOCK_ENABLED, LOCK_LEASE,
					LOCK_MAX_WAITERS, LOCK_WAIT ->
				text(option).replaceFirst("-", ".");
			default -> text(option);
		};
	}

	private static String text(Object value) {
		return (value instanceof Enum<?> constant) ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
				: String.valueOf(value);
	}

}
