package app.session.redis.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The layers of {@code docs/architecture.md}: no package uses one above it or one beside
 * it, and there are no cycles.
 */
@AnalyzeClasses(packages = ArchitectureTests.ROOT, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	static final String ROOT = "app.session.redis.autoconfigure";

	/** The packages from top to bottom; the empty name is the root package. */
	private static final List<List<String>> LAYERS = List.of(List.of("actuate", "metrics"), List.of(""),
			List.of("springsession"), List.of("servlet", "reactive", "startup", "docker", "testcontainers"),
			List.of("connection", "security", "values"), List.of("properties"));

	@ArchTest
	static void noPackageUsesOneAboveOrBesideIt(JavaClasses classes) {
		List<String> forbidden = new ArrayList<>();
		for (List<String> layer : LAYERS) {
			for (String name : layer) {
				List<String> others = new ArrayList<>(forbidden);
				layer.stream().filter((other) -> !other.equals(name)).map(ArchitectureTests::name).forEach(others::add);
				if (!others.isEmpty()) {
					noClasses().that()
						.resideInAPackage(name(name))
						.should()
						.dependOnClassesThat(resideInAnyPackage(others.toArray(String[]::new)))
						.check(classes);
				}
			}
			layer.stream().map(ArchitectureTests::name).forEach(forbidden::add);
		}
	}

	@ArchTest
	static final ArchRule packagesHaveNoCycles = slices().assignedFrom(new Packages()).should().beFreeOfCycles();

	@ArchTest
	static void everyPackageHasALayer(JavaClasses classes) {
		assertThat(classes).extracting(JavaClass::getPackageName)
			.isSubsetOf(LAYERS.stream().flatMap(List::stream).map(ArchitectureTests::name).toList());
	}

	private static String name(String name) {
		return name.isEmpty() ? ROOT : ROOT + "." + name;
	}

	/** Assigns each class to its package. */
	private static final class Packages implements SliceAssignment {

		@Override
		public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
			return javaClass.getPackageName().startsWith(ROOT) ? SliceIdentifier.of(javaClass.getPackageName())
					: SliceIdentifier.ignore();
		}

		@Override
		public String getDescription() {
			return "packages";
		}

	}

}
