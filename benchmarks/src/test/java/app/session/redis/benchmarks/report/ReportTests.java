package app.session.redis.benchmarks.report;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

import javax.xml.parsers.DocumentBuilderFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Report}, with what it is made of.
 */
class ReportTests {

	@TempDir
	Path directory;

	@Test
	void aPageIsMadeOfTheResultsThatThereAre() throws Exception {
		Results results = Results.of("http", true, Map.of("date", "2026-01-01", "redis", "7.0"));
		for (double round : new double[] { 1, 2, 3 }) {
			results.add("read 8×128 B", "redis-session", Metric.THROUGHPUT, 4000 * round);
			results.add("read 8×128 B", "spring-default", Metric.THROUGHPUT, 1000 * round);
			results.add("read 8×128 B", "memory", Metric.THROUGHPUT, 9000 * round);
		}
		results.note("A note.");
		results.write(this.directory.resolve("http.json"));
		Report.write(this.directory, this.directory);
		String page = Files.readString(this.directory.resolve("performance.md"));
		assertThat(page).doesNotContain("{{")
			.contains("--quick")
			.contains("| Throughput of read 8×128 B over spring-default | ≥ 3.3 | 4 | yes | 2026-01-01 |")
			.contains("| Throughput of read 8×128 B over spring-indexed | ≥ 4.4 | not measured | – | – |")
			.contains("| read 8×128 B | 8,000 (4,000–12,000) | 2,000 (1,000–3,000)<br>ratio 4 |")
			.contains("| read 8×128 B, requests/s | memory | 8,000 | 18,000 |")
			.contains("- Measured on 2026-01-01 with Spring Boot ?, Spring Session ?, Redis 7.0.")
			.contains("- A note.")
			.contains("](performance/http-throughput.svg)");
		assertThat(this.directory.resolve("performance/http-throughput.svg")).exists();
	}

	@Test
	void aCellShowsTheRangeOfTheMediansOfSeveralStarts() throws Exception {
		Results results = Results.of("http", false, Map.of("date", "2026-01-01"));
		for (int start = 1; start <= 3; start++) {
			for (double round : new double[] { 1, 2, 6 }) {
				results.add(start, "read 8×128 B", "redis-session", Metric.THROUGHPUT, 100 * start * round);
			}
		}
		results.write(this.directory.resolve("http.json"));
		Report.write(this.directory, this.directory);
		assertThat(Files.readString(this.directory.resolve("performance.md")))
			.contains("| read 8×128 B | 400 (100–1,800)<br>starts 200–600 |");
	}

	@Test
	void resultsOfOlderVersionsHaveNoStarts() throws Exception {
		Results results = Results.of("jmh", false, Map.of("date", "2026-01-01"));
		results.add("a", "b", Metric.P999, 1.5);
		Path file = this.directory.resolve("jmh.json");
		results.write(file);
		Files.writeString(file, Files.readString(file).replaceAll(",\\s*\"starts\" : \\[ \\]", ""));
		assertThat(Files.readString(file)).doesNotContain("starts");
		assertThat(Results.read(file)).isEqualTo(results);
	}

	@Test
	void resultsAreReadAsTheyWereWritten() {
		Results results = Results.of("jmh", false, Map.of("date", "2026-01-01"));
		results.add("a", "b", Metric.P999, 1.5);
		results.write(this.directory.resolve("jmh.json"));
		assertThat(Results.read(this.directory.resolve("jmh.json"))).isEqualTo(results);
	}

	@Test
	void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
		assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 10.0))).isEqualTo(new Spread(3, 1, 10));
	}

	@Test
	void ratiosAreTakenRoundByRound() {
		Series ours = new Series("a", "b", Metric.P50, List.of(1.0, 20.0, 3.0), List.of());
		Series other = new Series("a", "c", Metric.P50, List.of(2.0, 40.0, 6.0), List.of());
		assertThat(ours.over(other)).isEqualTo(new Spread(0.5, 0.5, 0.5));
	}

	@Test
	void numbersHaveThreeDigitsThatCount() {
		assertThat(List.of(0.0, 0.4213, 12.345, 999.4, 1234.0, 1_234_567.0, 120.0)).extracting(Numbers::text)
			.containsExactly("0", "0.421", "12.3", "999", "1,230", "1,230,000", "120");
	}

	@Test
	void chartsAreWellFormed() throws Exception {
		Chart chart = new Chart("a < b & c", List.of("x", "y"));
		chart.group("one", Map.of("x", new Spread(1, 0.5, 2), "y", new Spread(3, 2, 4)));
		chart.group("two", Map.of("x", new Spread(2, 1, 3)));
		for (String svg : List.of(chart.bars(), chart.lines())) {
			assertThat(DocumentBuilderFactory.newInstance()
				.newDocumentBuilder()
				.parse(new InputSource(new StringReader(svg)))
				.getDocumentElement()
				.getTagName()).isEqualTo("svg");
		}
	}

}
