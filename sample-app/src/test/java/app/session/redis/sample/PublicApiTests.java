package app.session.redis.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample is an application: of the core it uses the public API only.
 */
@AnalyzeClasses(packages = "app.session.redis.sample", importOptions = ImportOption.DoNotIncludeTests.class)
class PublicApiTests {

	private static final Path FILE = Path.of("..", "core-tests", "src", "test", "resources", "public-api.txt");

	@ArchTest
	static void usesThePublicApiOnly(JavaClasses classes) throws IOException {
		Set<String> listed = Files.readAllLines(FILE)
			.stream()
			.filter((line) -> !line.contains("#"))
			.map((line) -> line.split("[ <]")[0])
			.collect(Collectors.toSet());
		assertThat(listed).contains("app.session.redis.lock.SessionLock");
		noClasses().should()
			.dependOnClassesThat(resideInAPackage("app.session.redis..")
				.and(resideOutsideOfPackages("app.session.redis.sample..", "app.session.redis.autoconfigure.."))
				.and(describe("the public API doesn't contain",
						(JavaClass type) -> !listed.contains(type.getBaseComponentType().getName()))))
			.check(classes);
	}

}
