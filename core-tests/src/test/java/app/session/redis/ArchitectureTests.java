package app.session.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import app.session.redis.codec.ValueCodec;
import app.session.redis.session.ClientBinding;
import app.session.redis.session.ClientDetails;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
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
	 * The packages from top to bottom; packages of one line don't use each other. The
	 * root package contains what all of them may use.
	 */
	private static final List<List<String>> LAYERS = List.of(List.of("servlet", "reactive"),
			List.of("operations", "oauth2"), List.of("engine"), List.of("event", "limit", "migration"),
			List.of("session"), List.of("cache", "expiry", "index", "lock"), List.of("store"), List.of("client"),
			List.of("settings", "observation"), List.of("codec"), List.of("log"));

	/** The methods that block, by class. */
	private static final Map<String, Set<String>> BLOCKING = Map.ofEntries(
			Map.entry("java.util.concurrent.Future", Set.of("get", "join")),
			Map.entry("java.util.concurrent.CompletableFuture", Set.of("get", "join")),
			Map.entry("java.lang.Thread", Set.of("sleep", "join")), Map.entry("java.lang.Object", Set.of("wait")),
			Map.entry("java.util.concurrent.ExecutorService", Set.of("awaitTermination", "invokeAll", "invokeAny")),
			Map.entry("java.util.concurrent.Semaphore", Set.of("acquire", "acquireUninterruptibly")),
			Map.entry("java.util.concurrent.CountDownLatch", Set.of("await")),
			Map.entry("java.util.concurrent.CyclicBarrier", Set.of("await")),
			Map.entry("java.util.concurrent.Phaser", Set.of("arriveAndAwaitAdvance", "awaitAdvance")),
			Map.entry("java.util.concurrent.Exchanger", Set.of("exchange")),
			Map.entry("java.util.concurrent.TimeUnit", Set.of("sleep", "timedJoin", "timedWait")),
			Map.entry("java.util.concurrent.BlockingQueue", Set.of("take", "put")),
			Map.entry("java.util.concurrent.locks.Lock", Set.of("lock", "lockInterruptibly")),
			Map.entry("java.util.concurrent.locks.Condition", Set.of("await", "awaitNanos", "awaitUntil")),
			Map.entry("java.util.concurrent.locks.LockSupport", Set.of("park", "parkNanos", "parkUntil")),
			Map.entry(ROOT + ".client.CallSender", Set.of("await", "drain")),
			Map.entry(ROOT + ".client.BlockingTasks", Set.of("end")),
			Map.entry(ROOT + ".client.BlockingCaller", Set.of("result")),
			Map.entry(ROOT + ".store.SessionStore", Set.of("await")),
			Map.entry("io.lettuce.core.api.sync.RedisCommands", Set.of("role")),
			Map.entry("org.springframework.data.redis.connection.RedisConnectionFactory",
					Set.of("getConnection", "getClusterConnection", "getSentinelConnection")),
			Map.entry("io.lettuce.core.RedisClient", Set.of("connect")),
			Map.entry("io.lettuce.core.cluster.RedisClusterClient", Set.of("connect")));

	private static final String AT_THE_END = "part of the life cycle";

	private static final String OWN_THREAD = "runs on a thread of the library";

	/** The methods below the faces that block, and why they may. */
	private static final Map<String, String> MAY_BLOCK = Map.ofEntries(
			Map.entry("client.BlockingCaller.receive", "for callers that may block"),
			Map.entry("client.BlockingCaller.await", "for callers that may block"),
			Map.entry("client.BlockingCaller.result", "for callers that may block"),
			Map.entry("client.CallSender.await", "called by what is named here, and by faces"),
			Map.entry("store.SessionStore.await", "called by what is named here, and by faces"),
			Map.entry("client.BackgroundCalls.await", AT_THE_END), Map.entry("client.BlockingTasks.end", AT_THE_END),
			Map.entry("client.CallSender.drain", AT_THE_END), Map.entry("client.ReplicaConfirmation.close", AT_THE_END),
			Map.entry("engine.SessionEngine.stop", AT_THE_END), Map.entry("expiry.Collector.stop", AT_THE_END),
			Map.entry("store.Compensations.attemptAll", AT_THE_END), Map.entry("store.Compensations.stop", AT_THE_END),
			Map.entry("client.EventSubscription.open", OWN_THREAD),
			Map.entry("client.PooledConnections.renewIfPrimary", OWN_THREAD),
			Map.entry("client.Primary.isPrimary", OWN_THREAD),
			Map.entry("client.ReplicaConfirmation.connect", OWN_THREAD),
			Map.entry("client.Sentinels.primary", OWN_THREAD),
			Map.entry("event.SessionEndNotifier.recheck", OWN_THREAD),
			Map.entry("event.SessionEvents.content", OWN_THREAD), Map.entry("event.SessionEvents.recheck", OWN_THREAD),
			Map.entry("expiry.Collector.await", OWN_THREAD),
			Map.entry("expiry.Collector.checkForCollector", OWN_THREAD), Map.entry("expiry.Collector.read", OWN_THREAD),
			Map.entry("expiry.Collector.renew", OWN_THREAD), Map.entry("expiry.Collector.run", OWN_THREAD),
			Map.entry("expiry.Collector.sweep", OWN_THREAD), Map.entry("expiry.Collector.update", OWN_THREAD),
			Map.entry("client.PooledConnections.renew",
					"runs on a thread of the library, or of a caller that may block"),
			Map.entry("client.SharedConnection.open", "runs on a thread of the library, or of a caller that may block"),
			Map.entry("client.Servers.infoOfCluster", "asked by operators"),
			Map.entry("client.Servers.infoOfServer", "asked by operators"));

	private static final String SUBSCRIBING = "a thread of the library subscribes, and no use case needs the monitor";

	/** The exceptions that are called under a monitor, and the reasons. */
	private static final Map<String, String> UNDER_MONITORS = Map.of(
			"client/SharedConnection.connecting calls SharedConnection.start", "starts a thread and sends nothing",
			"client/EventSubscription.open calls LettuceConnectionFactory.getRequiredNativeClient", SUBSCRIBING,
			"client/EventSubscription.open calls LettuceConnectionFactory.getConnection", SUBSCRIBING,
			"client/EventSubscription.open calls RedisConnection.subscribe", SUBSCRIBING,
			"client/EventSubscription.open calls RedisConnection.close", SUBSCRIBING,
			"client/EventSubscription.open calls AbstractRedisClient.addListener", "sends nothing",
			"client/EventSubscription.close calls AbstractRedisClient.removeListener", "sends nothing",
			"client/EventSubscription.close calls RedisConnection.close", AT_THE_END);

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

	/**
	 * The codec collects the findings of a single serialization, which are not used by
	 * any stage.
	 */
	@ArchTest
	static final ArchRule onlyTheServletFaceBindsToThreads = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".servlet..")
		.and()
		.areNotAssignableTo(ValueCodec.class)
		.should()
		.dependOnClassesThat()
		.areAssignableTo(ThreadLocal.class);

	/**
	 * String constants that begin like a property: session attributes, Jackson modules,
	 * types, and the contexts of key derivation.
	 */
	private static final Set<String> NO_PROPERTIES = Set.of(ClientDetails.ADDRESS_ATTRIBUTE,
			ClientDetails.USER_AGENT_ATTRIBUTE, ClientBinding.ATTRIBUTE, ROOT + ".binding", ROOT + ".flash",
			ROOT + ".jdk", ROOT + ".network", ROOT + ".codec.AuthenticationExceptionMixin");

	/** A property of Spring Boot, or the end of one with its value. */
	private static final Pattern PROPERTY = Pattern.compile("(?<![\\w.])(?:" + Pattern.quote(ROOT)
			+ "|spring|server|management)\\.[a-z]|(?<![\\w.-])[a-z]+(?:[.-][a-z]+)*=[a-z]");

	/**
	 * Messages name options by {@link OptionNames}: an application without Spring Boot
	 * has no properties.
	 */
	@ArchTest
	static void noMessageNamesAProperty(JavaClasses classes) {
		assertThat(classes.stream()
			.flatMap((type) -> StringConstants.in(type)
				.stream()
				.filter((text) -> !NO_PROPERTIES.contains(text) && PROPERTY.matcher(text).find())
				.map((text) -> type.getName() + ": " + text)))
			.isEmpty();
	}

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

	/** Calls that block the calling thread until an event occurs, or for a time. */
	private static final DescribedPredicate<JavaMethodCall> BLOCKS = describe("blocks", (call) -> {
		JavaClass owner = call.getTargetOwner();
		String name = call.getName();
		return BLOCKING.entrySet()
			.stream()
			.anyMatch((entry) -> entry.getValue().contains(name) && owner.isAssignableTo(entry.getKey()));
	});

	/**
	 * Only faces, the life cycle and the library's own threads wait; use cases return
	 * stages.
	 */
	@ArchTest
	static void onlyFacesAndOwnThreadsBlock(JavaClasses classes) {
		assertThat(classes.stream()
			.filter((type) -> !resideInAnyPackage(packages("servlet"), packages("operations")).test(type))
			.flatMap((type) -> type.getMethodCallsFromSelf().stream())
			.filter(BLOCKS)
			.map((call) -> outermost(call.getOriginOwner()) + "." + call.getOrigin().getName())
			.collect(Collectors.toSet())).isEqualTo(MAY_BLOCK.keySet());
	}

	private static String outermost(JavaClass type) {
		String name = type.getName().substring(ROOT.length() + 1);
		return (name.indexOf('$') < 0) ? name : name.substring(0, name.indexOf('$'));
	}

	/**
	 * If a thread sends or waits while it holds a monitor, other threads may have to wait
	 * for that monitor, which tests at run time don't detect.
	 */
	@ArchTest
	static void noMonitorIsHeldAcrossAStage(JavaClasses classes) {
		assertThat(classes.stream()
			.flatMap((type) -> MonitorCalls.in(type, ArchitectureTests::isOfStage).stream())
			.map((call) -> call.from().substring(ROOT.length() + 1) + " calls "
					+ call.owner().substring(call.owner().lastIndexOf('/') + 1) + "." + call.name()))
			.containsExactlyInAnyOrderElementsOf(UNDER_MONITORS.keySet());
	}

	/** Returns whether a call sends, returns a stage, or waits. */
	private static boolean isOfStage(MonitorCalls.Call call) {
		String owner = call.owner().replace('/', '.');
		String result = call.descriptor().substring(call.descriptor().indexOf(')') + 1);
		boolean stage = result.contains("Completion") || result.contains("CompletableFuture");
		if (owner.startsWith(ROOT)) {
			return stage || owner.equals(ROOT + ".client.CallSender") || owner.equals(ROOT + ".client.Caller");
		}
		return owner.startsWith("io.lettuce") || owner.startsWith("org.springframework.data.redis")
				|| BLOCKING.getOrDefault(owner, Set.of()).contains(call.name());
	}

	/** The library for tests has separate packages. */
	static final class WithoutTestSupport implements ImportOption {

		@Override
		public boolean includes(Location location) {
			return !location.contains("/app/session/redis/test/");
		}

	}

}
