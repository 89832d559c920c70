package app.session.redis.autoconfigure.startup;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.settings.InvalidSettingException;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin.Location;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * The report on a setting that the core refuses.
 */
class InvalidSettingFailureAnalyzerTests {

	private final StandardEnvironment environment = new StandardEnvironment();

	@Test
	void report_namesThePropertyItsValueWhereItIsSetTheReasonAndWhatToChange() {
		this.environment.getPropertySources()
			.addFirst(new OriginTrackedMapPropertySource("test",
					Map.of("app.session.redis.min-timeout", OriginTrackedValue.of("2d",
							new TextResourceOrigin(new ClassPathResource("application.yaml"), new Location(2, 4))))));
		FailureAnalysis report = report((settings) -> settings.timeoutBounds(Duration.ofDays(2), Duration.ofDays(1)));
		assertThat(report.getDescription()).contains("Invalid value 'PT48H'", "'app.session.redis.min-timeout'",
				"originating from 'class path resource [application.yaml] - 3:5'",
				"above 'app.session.redis.max-timeout' (PT24H)");
		assertThat(report.getAction())
			.isEqualTo("Lower 'app.session.redis.min-timeout' or raise 'app.session.redis.max-timeout'.");
	}

	@Test
	void reportOnAPropertyThatIsNotSet_saysSo() {
		assertThat(report((settings) -> settings.collectorLease(Duration.ofDays(1))).getDescription()).contains(
				"Invalid value 'PT5M'", "'app.session.redis.grace' (which is not set", "SessionSettingsCustomizer");
		assertThat(report((settings) -> settings.collectorLease(Duration.ZERO)).getDescription())
			.contains("Invalid value 'PT0S'", "SessionSettingsBuilder.collectorLease");
	}

	private FailureAnalysis report(Consumer<SessionSettingsBuilder> options) {
		SessionSettingsBuilder settings = SessionSettings.builder().optionNames(PropertyNames.INSTANCE);
		options.accept(settings);
		InvalidSettingException failure = catchThrowableOfType(InvalidSettingException.class, settings::build);
		return new InvalidSettingFailureAnalyzer(this.environment).analyze(failure);
	}

}
