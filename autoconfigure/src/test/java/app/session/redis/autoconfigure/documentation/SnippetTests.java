package app.session.redis.autoconfigure.documentation;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import app.session.redis.autoconfigure.ContextRunners;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checks every snippet of the documentation: code is that of a test, an application
 * starts with the properties, and commands name what is there. Snippets that only another
 * test can check are those of the pages in {@link #CHECKED_ELSEWHERE}.
 */
class SnippetTests {

	/** Kinds of snippets, and the pages whose own tests run them. */
	private static final Map<String, List<String>> CHECKED_ELSEWHERE = Map.of(
			// SessionsEndpointITests
			"json", List.of("docs/actuator.md"),
			// OperationsPageITests
			"conf", List.of("docs/operations.md"), "text", List.of("docs/operations.md"),
			// DocumentationTests, StartupErrorsITests
			"acl", List.of("docs/connecting.md", "docs/security.md"),
			// DockerComposeITests
			"compose", List.of("docs/connecting.md"),
			// MonitoringITests
			"prometheus", List.of("docs/monitoring/README.md"),
			// The registry of npm would have to be there
			"shell", List.of("CONTRIBUTING.md"),
			// MigrationWalkthroughITests
			"migration", List.of("docs/migration.md"));

	/** Properties that need a file of the machine. */
	private static final Pattern NEEDS_A_FILE = Pattern.compile("=file:|\\.socket=");

	private static final Pattern DEPENDENCY = Pattern.compile("app\\.session(?:</groupId>\\s*<artifactId>|:)([a-z-]+)"
			+ "(?:</artifactId>\\s*<version>|:)([^<\"]+)(?:</version>|\")");

	private static final Pattern VERSION = Pattern
		.compile("<artifactId>redis-session-parent</artifactId>\\s*<version>([^<]+)");

	private static final Pattern INLINE = Pattern
		.compile("`((?:\\./mvnw|benchmarks/run|\\.ci/\\w|test-support/\\w)[^`]*)`");

	private static final Pattern TESTS = Pattern.compile("-D(?:it\\.)?test='?([\\w,]+)'?");

	private static final Set<String> PLACEHOLDERS = Set.of("None", "SomeTests", "SomeITests");

	private static final Pattern MODULES = Pattern.compile("-pl ([\\w,-]+)");

	private static final Pattern PROFILES = Pattern.compile("-P([\\w.-]+)");

	private static final Map<String, String> sources = new TreeMap<>();

	private static final Map<String, String> properties = new TreeMap<>();

	@BeforeAll
	static void readSources() throws IOException {
		try (Stream<Path> files = Files.walk(Snippet.ROOT)) {
			for (Path file : files
				.filter((path) -> path.toString().endsWith(".java") && !path.toString().contains("target"))
				.toList()) {
				sources.merge(file.getFileName().toString().replace(".java", ""), compact(Files.readString(file)),
						String::concat);
			}
		}
	}

	@BeforeAll
	static void readMetadata() throws IOException {
		for (URL url : Collections
			.list(SnippetTests.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream metadata = url.openStream()) {
				for (JsonNode property : JsonMapper.shared().readTree(metadata).get("properties")) {
					properties.put(property.get("name").asString(), property.path("type").asString(""));
				}
			}
		}
	}

	static List<Snippet> snippets() throws IOException {
		return Snippet.all().stream().filter((snippet) -> !snippet.language().equals("mermaid")).toList();
	}

	@ParameterizedTest
	@MethodSource("snippets")
	void isRunByATest(Snippet snippet) throws IOException {
		switch (snippet.language()) {
			case "java" -> isInATest(snippet);
			case "properties" -> areProperties(snippet, new PropertiesPropertySourceLoader());
			case "xml", "kotlin" -> namesThisVersion(snippet);
			case "yaml" -> {
				if (snippet.text().startsWith("services:")) {
					isCheckedElsewhere(snippet, "compose");
				}
				else if (snippet.text().contains("scrape_configs:")) {
					isCheckedElsewhere(snippet, "prometheus");
				}
				else if (snippet.text().startsWith("env:")) {
					namesVariables(snippet);
				}
				else if (snippet.page().endsWith("migration.md")) {
					isCheckedElsewhere(snippet, "migration");
				}
				else {
					areProperties(snippet, new YamlPropertySourceLoader());
				}
			}
			case "" -> {
				if (snippet.text().startsWith("ACL SETUSER ")) {
					isCheckedElsewhere(snippet, "acl");
				}
				else {
					snippet.text().replace("\\\n", " ").lines().forEach(SnippetTests::isACommand);
				}
			}
			default -> isCheckedElsewhere(snippet, snippet.language());
		}
	}

	@ParameterizedTest
	@MethodSource
	void commandInATextNamesWhatIsThere(String command) {
		isACommand(command);
	}

	static List<String> commandInATextNamesWhatIsThere() throws IOException {
		List<String> commands = new ArrayList<>();
		for (Path page : Snippet.pages()) {
			INLINE.matcher(Files.readString(Snippet.ROOT.resolve(page)))
				.results()
				.forEach((result) -> commands.add(result.group(1)));
		}
		return commands;
	}

	private static void isCheckedElsewhere(Snippet snippet, String kind) {
		assertThat(CHECKED_ELSEWHERE).containsKey(kind);
		assertThat(CHECKED_ELSEWHERE.get(kind)).contains(snippet.page().toString());
	}

	/** Empty lines, and lines with an ellipsis, stand for more code. */
	private static void isInATest(Snippet snippet) {
		String code = snippet.text().replaceAll("(?m)^\\s*// …$", "");
		List<String> parts = Stream.of(code.split("\\n\\s*\\n"))
			.map(SnippetTests::compact)
			.filter((part) -> !part.isEmpty())
			.toList();
		assertThat(parts).isNotEmpty();
		assertThat(sources.values()).as("the code of tests").anyMatch((source) -> containsInOrder(source, parts));
	}

	private static boolean containsInOrder(String source, List<String> parts) {
		int from = 0;
		for (String part : parts) {
			int found = source.indexOf(part, from);
			if (found < 0) {
				return false;
			}
			from = found + part.length();
		}
		return true;
	}

	/**
	 * Without white space and comments, with the image of containers for its constant,
	 * and with nested classes as if they were not.
	 */
	private static String compact(String code) {
		return code.replaceAll("(?m)(^|\\s)//.*$", "")
			.replace("ContainersCondition.IMAGE", "\"redis:7.0.15\"")
			.replace("static class", "class")
			.replaceAll("\\s+", "");
	}

	private static void areProperties(Snippet snippet, PropertySourceLoader loader) throws IOException {
		Map<String, String> set = new LinkedHashMap<>();
		for (PropertySource<?> source : loader.load("snippet",
				new ByteArrayResource(snippet.text().getBytes(StandardCharsets.UTF_8)))) {
			for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
				set.put(name, String.valueOf(source.getProperty(name)));
			}
		}
		assertThat(set).isNotEmpty();
		assertThat(set.keySet()).allSatisfy((name) -> assertThat(isKnown(name)).as(name).isTrue());
		String[] values = set.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + "=" + entry.getValue())
			.toArray(String[]::new);
		if (Stream.of(values).anyMatch((value) -> NEEDS_A_FILE.matcher(value).find())) {
			return;
		}
		ContextRunners.noRedis()
			.withPropertyValues(values)
			.withPropertyValues("REDIS_PASSWORD=secret", "SENTINEL_PASSWORD=secret")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	/** Whether it is in the metadata, or an entry of a map that is. */
	private static boolean isKnown(String name) {
		String property = name.replaceAll("\\[\\d+]$", "");
		if (properties.containsKey(property)) {
			return true;
		}
		for (int dot = property.lastIndexOf('.'); dot > 0; dot = property.lastIndexOf('.', dot - 1)) {
			if (properties.getOrDefault(property.substring(0, dot), "").startsWith("java.util.Map")) {
				return true;
			}
		}
		return false;
	}

	private static void namesVariables(Snippet snippet) {
		List<String> variables = Pattern.compile("name: ([A-Z_]+)")
			.matcher(snippet.text())
			.results()
			.map((result) -> result.group(1))
			.toList();
		assertThat(properties.keySet().stream().map(SnippetTests::variable).toList()).containsAll(variables);
		assertThat(variables).isNotEmpty();
	}

	private static String variable(String property) {
		return property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
	}

	private static void namesThisVersion(Snippet snippet) throws IOException {
		Matcher dependency = DEPENDENCY.matcher(snippet.text());
		if (!snippet.text().contains("app.session")) {
			return;
		}
		Matcher version = VERSION.matcher(Files.readString(Snippet.ROOT.resolve("pom.xml")));
		assertThat(version.find()).isTrue();
		assertThat(dependency.find()).isTrue();
		assertThat(dependency.group(2)).isEqualTo(version.group(1));
		String published = Files.readString(Snippet.ROOT.resolve("starter/pom.xml"))
				+ Files.readString(Snippet.ROOT.resolve("bom/pom.xml"));
		assertThat(published).contains("<artifactId>" + dependency.group(1) + "</artifactId>");
	}

	private static void isACommand(String command) {
		String program = command.replaceFirst("^(?:[A-Z_]+=\\S* )*", "").split(" ")[0];
		assertThat(Snippet.ROOT.resolve(program)).isExecutable();
		names(MODULES, command)
			.forEach((module) -> assertThat(Snippet.ROOT.resolve(module).resolve("pom.xml")).exists());
		names(TESTS, command).filter((test) -> !PLACEHOLDERS.contains(test))
			.forEach((test) -> assertThat(sources).containsKey(test));
		names(PROFILES, command).forEach((profile) -> assertThat(Snippet.ROOT.resolve("pom.xml")).content()
			.contains("<id>" + profile + "</id>"));
	}

	private static Stream<String> names(Pattern pattern, String command) {
		return pattern.matcher(command).results().flatMap((result) -> Stream.of(result.group(1).split(",")));
	}

}
