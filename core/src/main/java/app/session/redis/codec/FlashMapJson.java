package app.session.redis.codec;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import app.session.redis.codec.PropertiesJson.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.module.SimpleModule;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.servlet.FlashMap;

/**
 * Flash attributes as JSON. Jackson treats a {@link FlashMap} as a map and would lose its
 * target request and its expiration time.
 */
final class FlashMapJson {

	private static final String ATTRIBUTES = "attributes";

	private static final String PATH = "targetRequestPath";

	private static final String PARAMETERS = "targetRequestParams";

	private static final String EXPIRATION = "expirationTime";

	private FlashMapJson() {
	}

	static JacksonModule module() {
		return new SimpleModule("app.session.redis.flash")
			.addSerializer(FlashMap.class, new PropertiesJson.Serializer<>((value, context) -> properties(value)))
			.addDeserializer(FlashMap.class,
					new PropertiesJson.Deserializer<>((properties, context) -> flashMap(properties)));
	}

	private static Properties properties(FlashMap value) {
		Map<String, @Nullable Object> properties = new LinkedHashMap<>();
		properties.put(ATTRIBUTES, new HashMap<>(value));
		properties.put(PATH, value.getTargetRequestPath());
		properties.put(PARAMETERS, new LinkedHashMap<>(value.getTargetRequestParams()));
		properties.put(EXPIRATION, value.getExpirationTime());
		return new Properties(value.getClass(), properties);
	}

	@SuppressWarnings("unchecked") // as they were written
	private static FlashMap flashMap(Map<String, @Nullable Object> properties) {
		FlashMap value = new FlashMap();
		value.putAll((Map<String, Object>) Objects.requireNonNull(properties.get(ATTRIBUTES)));
		value.setTargetRequestPath((String) properties.get(PATH));
		value.addTargetRequestParams(new LinkedMultiValueMap<>(
				(Map<String, List<String>>) Objects.requireNonNull(properties.get(PARAMETERS))));
		value.setExpirationTime((Long) Objects.requireNonNull(properties.get(EXPIRATION)));
		return value;
	}

}
