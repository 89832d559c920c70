package app.session.redis.autoconfigure.properties;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The reference of all properties, {@code docs/configuration.md}, is generated from the
 * records that declare them: {@code -Dtest=ConfigurationReferenceTests
 * -Dconfiguration-reference.write=true} writes it.
 */
class ConfigurationReferenceTests {

	private static final String PREFIX = "app.session.redis";

	private static final Path PAGE = Path.of("../docs/configuration.md");

	private final Map<String, JsonNode> properties = new LinkedHashMap<>();

	private final Map<String, List<String>> choices = new LinkedHashMap<>();

	private final StringBuilder page = new StringBuilder();

	ConfigurationReferenceTests() {
		ConfigurationMetadataTests.metadata.get("properties")
			.forEach((property) -> this.properties.put(property.get("name").asString(), property));
		ConfigurationMetadataTests.metadata.get("hints")
			.forEach((hint) -> this.choices.put(hint.get("name").asString(),
					StreamSupport.stream(hint.get("values").spliterator(), false)
						.map((value) -> value.get("value").asString())
						.toList()));
	}

	@Test
	void page_isThatOfTheDeclarations() throws IOException {
		write();
		if (Boolean.getBoolean("configuration-reference.write")) {
			Files.writeString(PAGE, this.page);
		}
		assertThat(Files.readString(PAGE)).isEqualTo(this.page.toString());
	}

	private void write() {
		this.page
			.append("""
					# Configuration properties

					All properties start with `app.session.redis`. A value that is out of its bounds, or that contradicts another
					property, fails the start with a message that names the property. Durations take a unit (`ms`, `s`, `m`, `h`,
					`d`); the unit in the table applies if none is given.

					This page is generated from the declarations of the properties.
					""");
		section("Sessions", PREFIX, RedisSessionProperties.class);
		section("Connection", PREFIX, RedisSessionConnectionProperties.class);
	}

	private void section(String title, String prefix, Class<?> record) {
		List<Parameter> groups = new ArrayList<>();
		this.page.append("\n## ").append(title).append("\n\n");
		this.page.append("| Property | Default | Values | Example | Description |\n| --- | --- | --- | --- | --- |\n");
		for (Parameter parameter : PropertyBounds.parameters(record)) {
			if (parameter.getType().isRecord()) {
				groups.add(parameter);
			}
			else {
				row(prefix + "." + PropertyBounds.name(parameter), parameter);
			}
		}
		for (Parameter group : groups) {
			String name = prefix + "." + PropertyBounds.name(group);
			section("`" + shortName(name) + "`", name, group.getType());
		}
	}

	private void row(String name, Parameter parameter) {
		JsonNode property = this.properties.get(name);
		assertThat(property).as(name).isNotNull();
		String defaultValue = defaultValue(property);
		this.page.append("| `%s` | %s | %s | `%s` | %s |\n".formatted(shortName(name), code(defaultValue),
				values(name, parameter), example(name, parameter, defaultValue),
				property.get("description").asString()));
	}

	private static String shortName(String name) {
		return name.substring(PREFIX.length() + 1);
	}

	private static @Nullable String defaultValue(JsonNode property) {
		JsonNode value = property.path("defaultValue");
		if (value.isArray()) {
			return StreamSupport.stream(value.spliterator(), false)
				.map(JsonNode::asString)
				.collect(Collectors.joining(","));
		}
		return value.isMissingNode() ? null : value.asString();
	}

	private static String code(@Nullable String value) {
		return (value == null || value.isEmpty()) ? "" : "`" + value + "`";
	}

	private String values(String name, Parameter parameter) {
		Class<?> type = parameter.getType();
		List<String> values = new ArrayList<>();
		if (type == Duration.class) {
			values.add(parameter.isAnnotationPresent(DurationUnit.class) ? "duration in `s`" : "duration in `ms`");
		}
		else if (type == DataSize.class) {
			values.add("size in `B`");
		}
		else if (type == int.class || type == Integer.class) {
			values.add("number");
		}
		else if (type.isEnum()) {
			values.add(choices(name, type).stream()
				.map(ConfigurationReferenceTests::code)
				.collect(Collectors.joining(", ")));
		}
		else if (type == List.class) {
			values.add("list");
		}
		Bounds bounds = parameter.getAnnotation(Bounds.class);
		if (bounds != null) {
			if (!bounds.min().isEmpty()) {
				values.add("at least `" + bounds.min() + "`");
			}
			if (!bounds.max().isEmpty()) {
				values.add("at most `" + bounds.max() + "`");
			}
		}
		return String.join(", ", values);
	}

	private String example(String name, Parameter parameter, @Nullable String defaultValue) {
		String value = value(name, parameter, defaultValue);
		assertThat(value).as("Example of " + name).isNotBlank().isNotEqualTo(defaultValue);
		Map<String, Object> map = Map.of(name + (parameter.getType() == Map.class ? ".k1" : ""), value);
		new Binder(List.of(new MapConfigurationPropertySource(map)), null,
				ApplicationConversionService.getSharedInstance())
			.bindOrCreate(PREFIX, parameter.getDeclaringExecutable().getDeclaringClass());
		return shortName(name) + "=" + value;
	}

	private String value(String name, Parameter parameter, @Nullable String defaultValue) {
		Example example = parameter.getAnnotation(Example.class);
		if (example != null) {
			return example.value();
		}
		if (parameter.getType() == boolean.class || parameter.getType() == Boolean.class) {
			return Boolean.toString(!Boolean.parseBoolean(defaultValue));
		}
		return choices(name, parameter.getType()).stream()
			.filter((choice) -> !choice.equals(defaultValue) && !choice.startsWith("$"))
			.findFirst()
			.orElse("");
	}

	private List<String> choices(String name, Class<?> type) {
		if (type.isEnum()) {
			return Stream.of(type.getEnumConstants())
				.map((constant) -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.toList();
		}
		return this.choices.getOrDefault(name, List.of());
	}

}
