package app.session.redis.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import app.session.redis.DeletionReason;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.autoconfigure.documentation.Snippet;
import app.session.redis.autoconfigure.metrics.RedisSessionMeter;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionObservation;
import app.session.redis.observation.StoreOperation;
import app.session.redis.operations.StoreAccess;
import io.micrometer.common.KeyValue;
import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter.Type;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checks statements of the documentation.
 */
class DocumentationTests {

	private static final Path ROOT = Snippet.ROOT;

	private static final Pattern TEST = Pattern.compile("`(\\w+(?:Tests|Contract))\\.(\\w+)`");

	private static final PrometheusNamingConvention PROMETHEUS = new PrometheusNamingConvention();

	private static final Pattern PROPERTY = Pattern.compile("^\\| `([a-z0-9.-]+)` \\|");

	private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");

	@Test
	void everyTestThatThePageOnSecurityNames_isThere() throws IOException {
		Map<String, String> sources = sources();
		List<String> missing = new ArrayList<>();
		int named = 0;
		Matcher tests = TEST.matcher(read("security.md"));
		while (tests.find()) {
			named++;
			if (!sources.getOrDefault(tests.group(1), "").contains("void " + tests.group(2) + "(")) {
				missing.add(tests.group());
			}
		}
		assertThat(missing).isEmpty();
		assertThat(named).isGreaterThan(40);
	}

	@Test
	void aclLineOfThePageOnSecurity_isTheOneThatIsAdvised() throws IOException {
		assertThat(read("security.md")).contains(StoreAccess.aclRule("app:session"));
	}

	@Test
	void everyLinkBetweenPages_leadsSomewhere() throws IOException {
		List<String> broken = new ArrayList<>();
		for (Path page : Snippet.pages().stream().map(ROOT::resolve).toList()) {
			Matcher links = LINK.matcher(Files.readString(page));
			while (links.find()) {
				Path target = links.group(1).isEmpty() ? page : page.resolveSibling(links.group(1)).normalize();
				if (!Files.exists(target)
						|| (links.group(2) != null && !headings(target).contains("#" + links.group(2) + "\n"))) {
					broken.add(page.getFileName() + ": " + links.group());
				}
			}
		}
		assertThat(broken).isEmpty();
	}

	@Test
	void everyPageIsLinkedFromTheIndex() throws IOException {
		String index = read("README.md") + read("architecture.md").replace("](design/", "](");
		assertThat(pages()).filteredOn((page) -> !page.endsWith(Path.of("docs", "README.md")))
			.allSatisfy((page) -> assertThat(index).contains(
					"](" + ROOT.resolve("docs").relativize(page).toString().replace('\\', '/').replace("design/", "")));
	}

	@Test
	void everyPropertyIsOnAPageOfItsOwnSubject() throws IOException {
		StringBuilder text = new StringBuilder();
		for (Path page : pages()) {
			if (!page.endsWith("configuration.md")) {
				text.append(Files.readString(page));
			}
		}
		String pages = text.toString();
		List<String> missing = read("configuration.md").lines()
			.map(PROPERTY::matcher)
			.filter(Matcher::find)
			.map((row) -> row.group(1))
			.filter((property) -> !pages.contains(property))
			.toList();
		assertThat(missing).isEmpty();
	}

	private static List<Path> pages() throws IOException {
		return Snippet.pages().stream().filter((page) -> page.startsWith("docs")).map(ROOT::resolve).toList();
	}

	@Test
	void everyMeterIsOnThePageOnMetricsAsItIsDocumentedInTheCode() throws IOException {
		Set<String> rows = new TreeSet<>();
		for (RedisSessionMeter meter : RedisSessionMeter.values()) {
			rows.add(row(meter.getName(), meter.getType(), meter.getBaseUnit(),
					Stream.of(meter.getKeyNames()).map(KeyName::asString).findFirst().orElse(null),
					meter.getDescription()));
		}
		for (SessionCounter counter : SessionCounter.values()) {
			KeyValue tag = counter.getTag();
			rows.add(row(counter.getMeterName(), Type.COUNTER, counter.getBaseUnit(),
					(tag != null) ? tag.getKey() : null, counter.getDescription()));
		}
		List<String> page = read("metrics.md").lines()
			.filter((line) -> line.startsWith("| `redis.session.") && !line.contains("redis.session.operations"))
			.toList();
		assertThat(page).containsExactlyElementsOf(rows);
	}

	private static String row(String name, Type type, @Nullable String baseUnit, @Nullable String tag,
			String description) {
		String inPrometheus = PROMETHEUS.name(name, type, baseUnit) + ((type == Type.COUNTER) ? "_total" : "");
		return "| `%s` | `%s` | %s | %s | %s |".formatted(name, inPrometheus,
				type.name().toLowerCase(Locale.ROOT).replace('_', ' '), (tag != null) ? "`" + tag + "`" : "–",
				description);
	}

	@Test
	void everyTagValueIsOnThePageOnMetrics() throws IOException {
		String page = read("metrics.md");
		List<Enum<?>> values = new ArrayList<>(List.of(DeletionReason.values()));
		values.addAll(List.of(StoreOperation.values()));
		values.addAll(List.of(Reason.values()));
		assertThat(values).isNotEmpty()
			.allSatisfy((value) -> assertThat(page)
				.contains("`" + value.name().toLowerCase(Locale.ROOT).replace('_', '-') + "`"));
		assertThat(SessionCounter.values()).extracting(SessionCounter::getTag)
			.filteredOn(Objects::nonNull)
			.allSatisfy((tag) -> assertThat(page).contains("`" + tag.getKey() + "`", "`" + tag.getValue() + "`"));
		assertThat(page).contains("`" + SessionObservation.OPERATION.getName() + "`");
		for (KeyName key : SessionObservation.OPERATION.getLowCardinalityKeyNames()) {
			assertThat(page).contains("| `" + key.asString() + "` |");
		}
	}

	/** Returns the anchors that GitHub generates for the headings of a page. */
	private static String headings(Path page) throws IOException {
		StringBuilder headings = new StringBuilder();
		for (String line : Files.readAllLines(page)) {
			if (line.startsWith("#")) {
				headings.append('#')
					.append(line.replaceFirst("^#+ ", "")
						.toLowerCase(Locale.ROOT)
						.replaceAll("[^a-z0-9 _-]", "")
						.replace(' ', '-'))
					.append('\n');
			}
		}
		return headings.toString();
	}

	private static Map<String, String> sources() throws IOException {
		Map<String, String> sources = new TreeMap<>();
		try (Stream<Path> modules = Files.list(ROOT)) {
			for (Path tests : modules.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.toList()) {
				try (Stream<Path> files = Files.walk(tests)) {
					for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
						sources.merge(file.getFileName().toString().replace(".java", ""), Files.readString(file),
								String::concat);
					}
				}
			}
		}
		return sources;
	}

	private static String read(String page) throws IOException {
		return Files.readString(ROOT.resolve("docs").resolve(page));
	}

}
