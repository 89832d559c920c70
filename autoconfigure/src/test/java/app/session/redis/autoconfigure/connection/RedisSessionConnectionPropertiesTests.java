package app.session.redis.autoconfigure.connection;

import java.time.Duration;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.settings.InvalidSettingException;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettucePoolingClientConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

class RedisSessionConnectionPropertiesTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.noRedis();

	@Test
	void hosts_isTheServer() {
		this.contextRunner.withPropertyValues("app.session.redis.hosts=example.com:6380").run((context) -> {
			assertThat(factory(context).getHostName()).isEqualTo("example.com");
			assertThat(factory(context).getPort()).isEqualTo(6380);
		});
	}

	@Test
	void hostsWithIpv6_isTheServer() {
		this.contextRunner.withPropertyValues("app.session.redis.hosts=[::1]").run((context) -> {
			assertThat(factory(context).getHostName()).isEqualTo("::1");
			assertThat(factory(context).getPort()).isEqualTo(6379);
		});
	}

	@Test
	void hostAndPort_isTheServer() {
		this.contextRunner.withPropertyValues("app.session.redis.host=example.com", "app.session.redis.port=6380",
				"app.session.redis.username=user", "app.session.redis.password=secret", "app.session.redis.database=4")
			.run((context) -> {
				assertThat(factory(context).getHostName()).isEqualTo("example.com");
				assertThat(factory(context).getPort()).isEqualTo(6380);
				assertThat(factory(context).getStandaloneConfiguration().getUsername()).isEqualTo("user");
				assertThat(factory(context).getPassword()).isEqualTo("secret");
				assertThat(factory(context).getDatabase()).isEqualTo(4);
				assertThat(factory(context).isUseSsl()).isFalse();
			});
	}

	@Test
	void url_isTheServer() {
		this.contextRunner.withPropertyValues("app.session.redis.url=rediss://user:se%40cret@example.com:6380/4")
			.run((context) -> {
				assertThat(factory(context).getHostName()).isEqualTo("example.com");
				assertThat(factory(context).getPort()).isEqualTo(6380);
				assertThat(factory(context).getStandaloneConfiguration().getUsername()).isEqualTo("user");
				assertThat(factory(context).getPassword()).isEqualTo("se@cret");
				assertThat(factory(context).getDatabase()).isEqualTo(4);
				assertThat(factory(context).isUseSsl()).isTrue();
			});
	}

	@Test
	void urlAndPassword_areTogether() {
		this.contextRunner
			.withPropertyValues("app.session.redis.url=redis://my_redis", "app.session.redis.password=secret")
			.run((context) -> {
				assertThat(factory(context).getHostName()).isEqualTo("my_redis");
				assertThat(factory(context).getPassword()).isEqualTo("secret");
			});
	}

	@Test
	void sslEnabled_isEncrypted() {
		this.contextRunner
			.withPropertyValues("app.session.redis.host=example.com", "app.session.redis.ssl.enabled=true")
			.run((context) -> assertThat(factory(context).isUseSsl()).isTrue());
	}

	@Test
	void missingSslBundle_fails() {
		this.contextRunner
			.withPropertyValues("app.session.redis.host=example.com", "app.session.redis.ssl.bundle=missing")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("missing"));
	}

	@Test
	void clientName_isTheApplications() {
		this.contextRunner.withPropertyValues("spring.application.name=My Shop")
			.run((context) -> assertThat(factory(context).getClientName()).isEqualTo("My-Shop"));
	}

	@Test
	void clientNameSet_isThat() {
		this.contextRunner.withPropertyValues("spring.application.name=shop", "app.session.redis.client-name=sessions")
			.run((context) -> assertThat(factory(context).getClientName()).isEqualTo("sessions"));
	}

	@Test
	void nothingSet_clientIsFitForRequests() {
		this.contextRunner.run((context) -> {
			assertThat(factory(context).getTimeout()).isEqualTo(1000);
			ClientOptions options = options(context);
			assertThat(options.getSocketOptions().getConnectTimeout()).isEqualTo(Duration.ofSeconds(2));
			assertThat(options.getTimeoutOptions().isTimeoutCommands()).isTrue();
			assertThat(options.getDisconnectedBehavior()).isEqualTo(DisconnectedBehavior.REJECT_COMMANDS);
			assertThat(options.getRequestQueueSize()).isEqualTo(10_000);
			assertThat(options.isPingBeforeActivateConnection()).isTrue();
			assertThat(options.getSocketOptions().isKeepAlive()).isTrue();
		});
	}

	@Test
	void commandWhoseConnectionIsLost_failsAndIsNotSentAgain() {
		this.contextRunner.run((context) -> {
			AsyncCommand<String, String, String> command = new AsyncCommand<>(new Command<>(CommandType.SET, null));
			assertThat(options(context).getReplayFilter().test(command)).isTrue();
			assertThat(command.handle((result, failure) -> failure).toCompletableFuture().join())
				.isInstanceOf(RedisException.class);
			assertThat(options(context).getReplayFilter().test(null)).isTrue();
		});
	}

	@Test
	void timeouts_arePassedOn() {
		this.contextRunner
			.withPropertyValues("app.session.redis.connect-timeout=3s", "app.session.redis.command-timeout=400ms")
			.run((context) -> {
				assertThat(factory(context).getTimeout()).isEqualTo(400);
				assertThat(options(context).getSocketOptions().getConnectTimeout()).isEqualTo(Duration.ofSeconds(3));
			});
	}

	@Test
	void backoff_isTheDelayOfReconnecting() {
		this.contextRunner
			.withPropertyValues("app.session.redis.backoff.algorithm=exponential",
					"app.session.redis.backoff.base=20ms", "app.session.redis.backoff.cap=50ms")
			.run((context) -> {
				var delay = factory(context).getClientResources().reconnectDelay();
				assertThat(delay.createDelay(1)).isEqualTo(Duration.ofMillis(20));
				assertThat(delay.createDelay(2)).isEqualTo(Duration.ofMillis(40));
				assertThat(delay.createDelay(3)).isEqualTo(Duration.ofMillis(50));
			});
	}

	@ParameterizedTest
	@CsvSource({ "url=redis://one, hosts=two", "url=redis://one, host=two", "url=redis://one, port=1",
			"hosts=one, host=two", "hosts=one, port=1", "url=redis://:a@one, password=b",
			"url=redis://b:a@one, username=b", "url=redis://one/1, database=2", "url=redis://one, socket=/two",
			"hosts=one, socket=/two", "host=one, socket=/two", "port=1, socket=/two",
			"url=redis-sentinel://one#a, sentinel.master=b" })
	void addressedTwice_failsNamingBoth(String one, String two) {
		this.contextRunner.withPropertyValues("app.session.redis." + one, "app.session.redis." + two)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(MutuallyExclusiveConfigurationPropertiesException.class)
				.hasMessageContainingAll("app.session.redis." + one.substring(0, one.indexOf('=')),
						"app.session.redis." + two.substring(0, two.indexOf('='))));
	}

	@ParameterizedTest
	@ValueSource(strings = { "hosts=a:b", "hosts=a:0", "hosts=a:65536", "hosts=::1", "hosts=[::1", "hosts=a,,b",
			"socket=redis.sock", "cluster.refresh-period=0", "cluster.max-redirects=-1",
			"circuit-breaker.failure-rate=0", "circuit-breaker.failure-rate=101", "circuit-breaker.sliding-window=0",
			"circuit-breaker.open-for=0", "circuit-breaker.half-open-calls=0", "read-from=slaves", "mode=sentinel",
			"mode=cluster", "sentinel.master=a", "sentinel.password=a", "port=0", "port=65536", "port=-1",
			"id-bytes=15", "collector.interval=0", "collector.batch-size=0", "touch-interval=-1s", "command-timeout=0",
			"connect-timeout=0", "connect-retries=-1", "backoff.base=0", "backoff.cap=50ms", "startup-timeout=10s",
			"client-name=My Shop", "long-timeout=0", "absolute-timeout=-1", "first-timeout=-1", "min-timeout=-1",
			"max-timeout=0", "bot.first-timeout=-1", "bot.timeout=0", "bot.pattern=bot", "lock.wait=-1s",
			"lock.lease=0", "lock.max-waiters=-1", "lock.methods=POST,P T", "limits.per-principal=-1",
			"limits.total=-1" })
	void invalidValue_failsNamingTheProperty(String property) {
		String name = "app.session.redis." + property.substring(0, property.indexOf('='));
		this.contextRunner.withPropertyValues("app.session.redis." + property)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(failure) -> assertThat(failure.getName()).isEqualTo(name)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "grace=10s", "namespace=", "namespace={a}" })
	void valueThatTheCoreRefuses_failsNamingTheProperty(String property) {
		this.contextRunner.withPropertyValues("app.session.redis." + property)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidSettingException.class,
						(failure) -> assertThat(PropertyNames.INSTANCE.name(failure.getOption()))
							.isEqualTo("app.session.redis." + property.substring(0, property.indexOf('=')))));
	}

	@ParameterizedTest
	@CsvSource({ "min-timeout=2d, max-timeout=1d", "grace=12s, collector.interval=3s",
			"confirm-replicas=1, command-timeout=500ms" })
	void contradictionThatTheCoreRefuses_failsNamingBoth(String one, String two) {
		this.contextRunner.withPropertyValues("app.session.redis." + one, "app.session.redis." + two)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidSettingException.class)
				.hasMessageContainingAll(
						"app.session.redis." + one.substring(0, one.indexOf('=')).replace("replicas", "timeout"),
						"app.session.redis." + two.substring(0, two.indexOf('='))));
	}

	@Test
	void patternThatIsNone_failsSayingWhere() {
		this.contextRunner.withPropertyValues("app.session.redis.bot.enabled=true", "app.session.redis.bot.pattern=a(b")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
					assertThat(failure.getName()).isEqualTo("app.session.redis.bot.pattern");
					assertThat(failure.getReason()).contains("Unclosed group near index 3");
				}));
	}

	@Test
	void negativeDatabase_fails() {
		this.contextRunner.withPropertyValues("app.session.redis.host=a", "app.session.redis.database=-1")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("app.session.redis.database"));
	}

	@ParameterizedTest
	@CsvSource({ "bot.pattern=bot, bot.enabled=false", "backoff.cap=1s, backoff.base=2s",
			"startup-timeout=1s, startup=lazy", "cookie.secure=false, cookie.same-site=none",
			"cookie.secure=false, cookie.partitioned=true", "ssl.enabled=false, ssl.bundle=a",
			"ssl.enabled=false, url=rediss://a", "mode=standalone, url=redis-sentinel://a",
			"mode=cluster, url=redis-sentinel://a", "mode=sentinel, url=redis://a", "mode=cluster, socket=/a",
			"lock.enabled=true, repository-type=indexed", "limits.per-principal=1, repository-type=indexed",
			"limits.total=1, repository-type=default", "mode=sentinel, socket=/a",
			"mode=cluster, url=redis-socket:///a", "socket=/a, ssl.enabled=true" })
	void contradiction_failsNamingBoth(String one, String two) {
		this.contextRunner.withPropertyValues("app.session.redis." + one, "app.session.redis." + two)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.satisfies((failure) -> assertThat(((InvalidConfigurationPropertyValueException) failure).getName()
						+ " " + ((InvalidConfigurationPropertyValueException) failure).getReason())
					.contains("app.session.redis." + one.substring(0, one.indexOf('=')),
							"app.session.redis." + two.substring(0, two.indexOf('=')))));
	}

	@Test
	void leaseOfLocksThatEndsBeforeItsRenewal_failsNamingBoth() {
		String[] properties = { "app.session.redis.lock.lease=5s", "app.session.redis.command-timeout=3s" };
		this.contextRunner.withPropertyValues(properties).run((context) -> assertThat(context).hasNotFailed());
		this.contextRunner.withPropertyValues(properties)
			.withPropertyValues("app.session.redis.lock.enabled=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
					assertThat(failure.getName()).isEqualTo("app.session.redis.lock.lease");
					assertThat(failure.getReason()).contains("'app.session.redis.command-timeout'");
				}));
	}

	@Test
	void poolInWhichLocksLeaveNoConnectionToListen_failsNamingBoth() {
		String[] properties = { "app.session.redis.lock.enabled=true", "app.session.redis.pool.max-total=1" };
		this.contextRunner.withPropertyValues(properties).run((context) -> assertThat(context).hasNotFailed());
		this.contextRunner.withPropertyValues("app.session.redis.pool.enabled=true", properties[1])
			.run((context) -> assertThat(context).hasNotFailed());
		this.contextRunner.withPropertyValues(properties)
			.withPropertyValues("app.session.redis.pool.enabled=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
					assertThat(failure.getName()).isEqualTo("app.session.redis.pool.max-total");
					assertThat(failure.getReason()).contains("'app.session.redis.lock.enabled'");
				}));
	}

	@ParameterizedTest
	@CsvSource({ "mode=cluster, sentinel.master=a", "mode=standalone, sentinel.password=a",
			"mode=cluster, database=1" })
	void modeThatContradictsAnAddressedServer_failsNamingBoth(String one, String two) {
		this.contextRunner
			.withPropertyValues("app.session.redis.hosts=a", "app.session.redis." + one, "app.session.redis." + two)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConfigurationPropertyValueException.class)
				.satisfies((failure) -> assertThat(((InvalidConfigurationPropertyValueException) failure).getName()
						+ " " + ((InvalidConfigurationPropertyValueException) failure).getReason())
					.contains("app.session.redis.mode", "app.session.redis." + two.split("[.=]", 2)[0])));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ssl.host=a", "ssl.verify-peer=ca", "ssl.start-tls=true" })
	void optionOfEncryptionWithoutIt_fails(String property) {
		this.contextRunner.withPropertyValues("app.session.redis.host=a", "app.session.redis." + property)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContaining("app.session.redis." + property.substring(0, property.indexOf('='))));
	}

	@Test
	void severalHosts_areAPrimaryAndItsReplicas() {
		this.contextRunner
			.withPropertyValues("app.session.redis.hosts=a:1,[::1]", "app.session.redis.password=secret",
					"app.session.redis.database=3")
			.run((context) -> {
				assertThat(factory(context)).isInstanceOfSatisfying(ReplicatedConnectionFactory.class,
						(replicated) -> assertThat(replicated.nodes()).extracting(HostAndPort::toString)
							.containsExactly("a:1", "[::1]:6379"));
				assertThat(factory(context).getPassword()).isEqualTo("secret");
				assertThat(factory(context).getDatabase()).isEqualTo(3);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "mode=sentinel", "sentinel.master=mymaster", "sentinel.username=watcher" })
	void sentinel_isWhereThePrimaryIsKnown(String property) {
		this.contextRunner
			.withPropertyValues("app.session.redis.hosts=a,b:1", "app.session.redis." + property,
					"app.session.redis.sentinel.password=watched", "app.session.redis.username=user",
					"app.session.redis.password=secret", "app.session.redis.database=3")
			.run((context) -> {
				RedisSentinelConfiguration sentinel = factory(context).getSentinelConfiguration();
				assertThat(sentinel.getMaster().getName()).isEqualTo("mymaster");
				assertThat(sentinel.getSentinels()).containsExactlyInAnyOrder(new RedisNode("a", 26379),
						new RedisNode("b", 1));
				assertThat(sentinel.getUsername()).isEqualTo("user");
				assertThat(sentinel.getPassword()).isEqualTo(RedisPassword.of("secret"));
				assertThat(sentinel.getSentinelPassword()).isEqualTo(RedisPassword.of("watched"));
				assertThat(sentinel.getDatabase()).isEqualTo(3);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "redis-sentinel://user:secret@a,b:1/3?sentinelMasterId=primary",
			"redis-sentinel://user:secret@a:26379,b:1/3#primary",
			"rediss-sentinel://user:secret@a,b:1/3?sentinelmasterid=primary" })
	void sentinelUrl_isWhereThePrimaryIsKnown(String url) {
		this.contextRunner.withPropertyValues("app.session.redis.url=" + url).run((context) -> {
			RedisSentinelConfiguration sentinel = factory(context).getSentinelConfiguration();
			assertThat(sentinel.getMaster().getName()).isEqualTo("primary");
			assertThat(sentinel.getSentinels()).containsExactlyInAnyOrder(new RedisNode("a", 26379),
					new RedisNode("b", 1));
			assertThat(sentinel.getUsername()).isEqualTo("user");
			assertThat(sentinel.getPassword()).isEqualTo(RedisPassword.of("secret"));
			assertThat(sentinel.getDatabase()).isEqualTo(3);
			assertThat(factory(context).isUseSsl()).isEqualTo(url.startsWith("rediss"));
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "hosts=a,b:1", "url=redis://a,b:1" })
	void cluster_isTheNodes(String address) {
		this.contextRunner
			.withPropertyValues("app.session.redis." + address, "app.session.redis.mode=cluster",
					"app.session.redis.cluster.refresh-period=30s", "app.session.redis.cluster.max-redirects=7")
			.run((context) -> {
				assertThat(factory(context).getClusterConfiguration().getClusterNodes())
					.containsExactlyInAnyOrder(new RedisNode("a", 6379), new RedisNode("b", 1));
				ClusterClientOptions options = (ClusterClientOptions) options(context);
				assertThat(options.getMaxRedirects()).isEqualTo(7);
				assertThat(options.getTopologyRefreshOptions().getRefreshPeriod()).isEqualTo(Duration.ofSeconds(30));
				assertThat(options.getTopologyRefreshOptions().getAdaptiveRefreshTriggers()).isNotEmpty();
			});
	}

	@Test
	void pool_isOfItsSize() {
		this.contextRunner
			.withPropertyValues("app.session.redis.pool.enabled=true", "app.session.redis.pool.max-total=3",
					"app.session.redis.pool.max-idle=2", "app.session.redis.pool.min-idle=1",
					"app.session.redis.pool.max-wait=4s")
			.run((context) -> {
				assertThat(factory(context).getShareNativeConnection()).isFalse();
				var pool = ((LettucePoolingClientConfiguration) factory(context).getClientConfiguration())
					.getPoolConfig();
				assertThat(pool.getMaxTotal()).isEqualTo(3);
				assertThat(pool.getMaxIdle()).isEqualTo(2);
				assertThat(pool.getMinIdle()).isEqualTo(1);
				assertThat(pool.getMaxWaitDuration()).isEqualTo(Duration.ofSeconds(4));
			});
	}

	@Test
	void noPool_isOneConnection() {
		this.contextRunner.run((context) -> {
			assertThat(factory(context).getShareNativeConnection()).isTrue();
			assertThat(factory(context).getClientConfiguration().getReadFrom()).isEmpty();
		});
	}

	@Test
	void poolWithoutItsLibrary_failsSayingWhatToAdd() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.apache.commons.pool2"))
			.withPropertyValues("app.session.redis.pool.enabled=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RedisSessionConfigurationException.class,
						(failure) -> assertThat(failure.getAction()).contains("commons-pool2")));
	}

	@Test
	void readFrom_isLettuces() {
		this.contextRunner.withPropertyValues("app.session.redis.read-from=replica-preferred")
			.run((context) -> assertThat(factory(context).getClientConfiguration().getReadFrom())
				.contains(ReadFrom.REPLICA_PREFERRED));
	}

	@Test
	void clusterOfDataRedis_isRefreshedToo() {
		this.contextRunner.withPropertyValues("spring.data.redis.cluster.nodes=a:1").run((context) -> {
			ClusterClientOptions options = (ClusterClientOptions) options(context);
			assertThat(options.getTopologyRefreshOptions().isPeriodicRefreshEnabled()).isTrue();
			assertThat(options.getTopologyRefreshOptions().getAdaptiveRefreshTriggers()).isNotEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "socket=/run/redis.sock", "url=redis-socket:///run/redis.sock" })
	void socketWithoutTheNativeTransport_failsSayingWhatToAdd(String address) {
		this.contextRunner.withPropertyValues("app.session.redis." + address)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RedisSessionConfigurationException.class,
						(failure) -> assertThat(failure.getAction()).contains("netty-transport-native-epoll")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://:secret@a", "redis-socket://:secret@a", "redis-socket://:secret@/a?b=c",
			"redis-sentinel://:secret@a,", "redis-sentinel://:secret@a?x=y",
			"redis-sentinel://:secret@a?sentinelMasterId=", "redis://:secret@a:b", "redis://:secret@",
			"redis://:secret@a/b", "redis://:secret@a?database=1", "redis://:sec ret@a", "secret" })
	void invalidUrl_failsWithoutShowingThePassword(String url) {
		this.contextRunner.withPropertyValues("app.session.redis.url=" + url).run((context) -> {
			assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContaining("app.session.redis.url");
			for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
				assertThat(cause).message().doesNotContain("secret", "sec ret");
			}
		});
	}

	private static LettuceConnectionFactory factory(ApplicationContext context) {
		return context.getBean("redisSessionConnectionFactory", LettuceConnectionFactory.class);
	}

	private static ClientOptions options(ApplicationContext context) {
		return factory(context).getClientConfiguration().getClientOptions().orElseThrow();
	}

}
