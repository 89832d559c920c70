package app.session.redis;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StringConstantsTests {

	@Test
	void literalsAndTemplatesOfConcatenationsAreFound() {
		assertThat(StringConstants.in(new ClassFileImporter().importClass(Sample.class))).contains("a literal")
			.anyMatch((text) -> text.contains("a part of a "))
			.noneMatch((text) -> text.contains("name"));
	}

	static class Sample {

		String name() {
			return "a literal";
		}

		String concatenation(int number) {
			return "a part of a " + number;
		}

	}

}
