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
			case BOT_FIRST_TIMEOUT -> "bot.first-timeout";
			case BOT_TIMEOUT -> "bot.timeout";
			case COLLECTOR_BATCH_SIZE -> "collector.batch-size";
			case COLLECTOR_ENABLED -> "collector.enabled";
			case COLLECTOR_INTERVAL -> "collector.interval";
			case COMPRESSION_THRESHOLD -> "compression.threshold";
			case ENCRYPTION_ENABLED -> "encryption.enabled";
			case ENCRYPTION_KEYS -> "encryption.keys";
			case LIMIT_PER_PRINCIPAL -> "limits.per-principal";
			case LIMIT_TOTAL -> "limits.total";
			case LOCK_ENABLED -> "lock.enabled";
			case LOCK_LEASE -> "lock.lease";
			case LOCK_MAX_WAITERS -> "lock.max-waiters";
			case LOCK_WAIT -> "lock.wait";
			default -> text(option);
		};
	}

	private static String text(Object value) {
		return (value instanceof Enum<?> constant) ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
				: String.valueOf(value);
	}

}
