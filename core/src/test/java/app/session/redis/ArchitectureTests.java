package app.session.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import org.springframework.data.redis.connection.RedisConnectionFactory;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The layers: no package uses one above it, and only one talks to Redis.
 */
@AnalyzeClasses(packages = "app.session.redis",
		importOptions = { ImportOption.DoNotIncludeTests.class, ArchitectureTests.WithoutTestSupport.class })
class ArchitectureTests {

	private static final String ROOT = "app.session.redis";

	private static final DescribedPredicate<JavaClass> REDIS = resideInAnyPackage("io.lettuce..",
			"org.springframework.data.redis..");

	@ArchTest
	static final ArchRule layers = layeredArchitecture().consideringOnlyDependenciesInLayers()
		.layer("root")
		.definedBy(ROOT)
		.layer("web")
		.definedBy(ROOT + ".web..")
		.layer("expiry, index, lock and observation")
		.definedBy(ROOT + ".expiry..", ROOT + ".index..", ROOT + ".lock..", ROOT + ".observation..")
		.layer("store")
		.definedBy(ROOT + ".store..")
		.layer("codec and event")
		.definedBy(ROOT + ".codec..", ROOT + ".event..")
		.whereLayer("root")
		.mayNotBeAccessedByAnyLayer()
		.whereLayer("web")
		.mayOnlyBeAccessedByLayers("root")
		.whereLayer("expiry, index, lock and observation")
		.mayOnlyBeAccessedByLayers("root", "web")
		.whereLayer("store")
		.mayOnlyBeAccessedByLayers("root", "web", "expiry, index, lock and observation")
		// A value that applications see, and codecs create
		.ignoreDependency(DescribedPredicate.alwaysTrue(), type(ThrowableStandIn.class));

	@ArchTest
	static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule onlyTheStoreTalksToRedis = noClasses().that()
		.resideOutsideOfPackages(ROOT, ROOT + ".store..", ROOT + ".codec..")
		.should()
		.dependOnClassesThat(REDIS);

	@ArchTest
	static final ArchRule theCodecKnowsSerializersOnly = noClasses().that()
		.resideInAPackage(ROOT + ".codec..")
		.should()
		.dependOnClassesThat(
				REDIS.and(DescribedPredicate.not(resideInAPackage("org.springframework.data.redis.serializer"))));

	@ArchTest
	static final ArchRule theFacesKnowConnectionFactoriesAndSerializersOnly = noClasses().that()
		.resideInAPackage(ROOT)
		.should()
		.dependOnClassesThat(REDIS.and(DescribedPredicate.not(
				type(RedisConnectionFactory.class).or(resideInAPackage("org.springframework.data.redis.serializer")))));

	@ArchTest
	static final ArchRule theCoreKnowsNothingOfSpringBoot = noClasses().should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework.boot..");

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
