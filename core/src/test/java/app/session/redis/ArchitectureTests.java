package app.session.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import app.session.redis.codec.ValueCodec;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.lettuce.core.protocol.CommandType;

import org.springframework.data.redis.connection.RedisConnectionFactory;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The layers: no package uses one above it, and only one talks to Redis.
 */
@AnalyzeClasses(packages = "app.session.redis",
		importOptions = { ImportOption.DoNotIncludeTests.class, ArchitectureTests.WithoutTestSupport.class })
class ArchitectureTests {

	private static final String ROOT = "app.session.redis";

	private static final DescribedPredicate<JavaClass> REDIS = resideInAnyPackage("io.lettuce..",
			"org.springframework.data.redis..");

	/**
	 * The packages from top to bottom; those of one line don't use each other. The root
	 * package holds what all of them may use.
	 */
	private static final List<List<String>> LAYERS = List.of(List.of("servlet"), List.of("operations"),
			List.of("engine"), List.of("event", "limit", "migration"), List.of("session"),
			List.of("expiry", "index", "lock"), List.of("store"), List.of("client"), List.of("settings", "observation"),
			List.of("codec"), List.of("log"));

	@ArchTest
	static void noPackageUsesOneAboveIt(JavaClasses classes) {
		List<String> forbidden = new ArrayList<>();
		for (List<String> layer : LAYERS) {
			for (String name : layer) {
				List<String> others = new ArrayList<>(forbidden);
				layer.stream()
					.filter((other) -> !other.equals(name))
					.map(ArchitectureTests::packages)
					.forEach(others::add);
				if (!others.isEmpty()) {
					noClasses().that()
						.resideInAPackage(packages(name))
						.should()
						.dependOnClassesThat(resideInAnyPackage(others.toArray(String[]::new)))
						.check(classes);
				}
			}
			layer.stream().map(ArchitectureTests::packages).forEach(forbidden::add);
		}
		noClasses().that()
			.resideInAPackage(ROOT)
			.should()
			.dependOnClassesThat(resideInAnyPackage(forbidden.toArray(String[]::new)))
			.check(classes);
	}

	@ArchTest
	static void everyPackageHasItsLayer(JavaClasses classes) {
		Set<String> known = LAYERS.stream()
			.flatMap(List::stream)
			.map((name) -> ROOT + "." + name)
			.collect(Collectors.toSet());
		known.add(ROOT);
		assertThat(classes.stream().map(JavaClass::getPackageName).distinct()).isSubsetOf(known);
	}

	private static String packages(String name) {
		return ROOT + "." + name + "..";
	}

	@ArchTest
	static final ArchRule onlyTheClientUsesLettuce = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".client..")
		.should()
		.dependOnClassesThat(resideInAPackage("io.lettuce..").and(DescribedPredicate.not(type(CommandType.class))));

	@ArchTest
	static final ArchRule theCodecKnowsSerializersOnly = noClasses().that()
		.resideInAPackage(ROOT + ".codec..")
		.should()
		.dependOnClassesThat(
				REDIS.and(DescribedPredicate.not(resideInAPackage("org.springframework.data.redis.serializer"))));

	@ArchTest
	static final ArchRule theOthersKnowConnectionFactoriesAndSerializersOnly = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".client..")
		.should()
		.dependOnClassesThat(resideInAPackage("org.springframework.data.redis..").and(DescribedPredicate.not(
				type(RedisConnectionFactory.class).or(resideInAPackage("org.springframework.data.redis.serializer")))));

	@ArchTest
	static final ArchRule theCoreKnowsNothingOfSpringBoot = noClasses().should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework.boot..");

	@ArchTest
	static final ArchRule onlyTheServletFaceKnowsServlets = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".servlet..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("jakarta.servlet..");

	/** The codec collects what a single serialization finds, which no stage outlives. */
	@ArchTest
	static final ArchRule onlyTheServletFaceBindsToThreads = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".servlet..")
		.and()
		.areNotAssignableTo(ValueCodec.class)
		.should()
		.dependOnClassesThat()
		.areAssignableTo(ThreadLocal.class);

	/** The application may keep the common pool busy. */
	@ArchTest
	static final ArchRule nothingRunsOnTheCommonPool = noClasses().should()
		.callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
		.orShould()
		.callMethod(CompletableFuture.class, "runAsync", Runnable.class)
		.orShould()
		.callMethodWhere(describe("an asynchronous step without an executor",
				(call) -> call.getTargetOwner().isAssignableTo(CompletionStage.class)
						&& call.getName().endsWith("Async")
						&& call.getTarget()
							.getRawParameterTypes()
							.stream()
							.noneMatch((parameter) -> parameter.isEquivalentTo(Executor.class))))
		.orShould()
		.callMethodWhere(describe("a Caffeine cache without an executor",
				(call) -> call.getTargetOwner().isEquivalentTo(Caffeine.class) && call.getName().equals("newBuilder")
						&& call.getOriginOwner()
							.getMethodCallsFromSelf()
							.stream()
							.noneMatch((other) -> other.getTargetOwner().isEquivalentTo(Caffeine.class)
									&& other.getName().equals("executor"))));

	/** The library for tests has packages of its own. */
	static final class WithoutTestSupport implements ImportOption {

		@Override
		public boolean includes(Location location) {
			return !location.contains("/app/session/redis/test/");
		}

	}

}
