package app.session.redis.codec;

import app.session.redis.OptionNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.Version;
import tools.jackson.core.util.VersionUtil;
import tools.jackson.databind.cfg.PackageVersion;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class JacksonVersionTests {

	private static Version version(String text) {
		return VersionUtil.parseVersion(text, "tools.jackson.core", "jackson-databind");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3.0.0", "3.0.3", "3.0.4", "3.1.0", "3.1.0-rc1", "3.1.3", "3.1.4-SNAPSHOT", "2.21.4",
			"2.22.0" })
	void olderReleaseIsRefusedNamingBothVersionsAndWhatToDo(String version) {
		assertThatIllegalStateException()
			.isThrownBy(() -> JacksonVersion.require(version(version), OptionNames.METHODS))
			.withMessageContaining("jackson-databind " + version)
			.withMessageContaining("Use 3.1.4 or later")
			.withMessageContaining("jackson-bom.version")
			.withMessageContaining("SessionSettingsBuilder.valueForm(JDK)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "3.1.4", "3.1.5", "3.1.8", "3.2.0", "3.2.0-rc1", "3.3.0", "4.0.0" })
	void fixedReleaseIsAccepted(String version) {
		assertThatCode(() -> JacksonVersion.require(version(version), OptionNames.METHODS)).doesNotThrowAnyException();
	}

	@Test
	void theReleaseOfThisBuildIsAccepted() {
		assertThatCode(() -> JacksonVersion.require(PackageVersion.VERSION, OptionNames.METHODS))
			.doesNotThrowAnyException();
	}

}
