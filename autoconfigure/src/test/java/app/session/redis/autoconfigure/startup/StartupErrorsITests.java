package app.session.redis.autoconfigure.startup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.operations.StoreAccess;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.RedisSessionFilter;
import app.session.redis.session.StoredSession;
import app.session.redis.test.Background;
import app.session.redis.test.RedisSentinel;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Tests the startup messages for servers that can't be used in their current
 * configuration.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupErrorsITests {

	@Test
	void commandForbidden_isNamedWithTheRightsThatWouldDo() {
		forbidding("~* +@all -hset -zscore", "app", (analysis) -> {
			assertThat(analysis.getDescription()).contains("denies the user a command", "hset, zscore");
			assertThat(analysis.getAction()).contains("ACL SETUSER app ~app:session:* ", "+hset");
		});
	}

	@Test
	void scriptsForbidden_isSaid() {
		forbidding("~* +@all -eval", "app",
				(analysis) -> assertThat(analysis.getAction()).contains("ACL SETUSER app ", "+eval"));
	}

	@Test
	void commandsOfLocks_areCheckedIfSessionsAreLocked() {
		String rule = StoreAccess.aclRule("app:session").replace("+lpos", "").replace(" &app:session:wake:*", "");
		try (RedisServer server = RedisServer.start()) {
			setUser(server, "app", rule.replaceAll(" +", " "));
			WebApplicationContextRunner runner = at(server).withPropertyValues("app.session.redis.username=app",
					"app.session.redis.password=secret");
			runner.run((context) -> assertThat(context).hasNotFailed());
			runner.withPropertyValues("app.session.redis.lock.enabled=true").run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("lpos", "publish");
				assertThat(analysis.getAction()).contains("&app:session:wake:*", "+lpos");
			});
		}
	}

	@Test
	void channelOfChanges_isCheckedIfCopiesAreTrusted() {
		String rule = StoreAccess.aclRule("app:session").replace(" &app:session:changes", "");
		try (RedisServer server = RedisServer.start()) {
			setUser(server, "app", rule);
			WebApplicationContextRunner runner = at(server).withPropertyValues("app.session.redis.username=app",
					"app.session.redis.password=secret");
			runner.run((context) -> assertThat(context).hasNotFailed());
			for (String without : List.of("near-cache.enabled=false", "protect-ids=false")) {
				runner.withPropertyValues("app.session.redis.near-cache.max-age=1s", "app.session.redis." + without)
					.run((context) -> assertThat(context).hasNotFailed());
			}
			runner.withPropertyValues("app.session.redis.near-cache.max-age=1s").run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("publish");
				assertThat(analysis.getAction()).contains("&app:session:changes");
			});
		}
	}

	@Test
	void keysForbidden_isSaid() {
		forbidding("~other:* +@all", "app", (analysis) -> {
			assertThat(analysis.getDescription()).contains("a key");
			assertThat(analysis.getAction()).contains("~app:session:* ");
		});
	}

	private static void forbidding(String rule, String user, Consumer<FailureAnalysis> check) {
		try (RedisServer server = RedisServer.start()) {
			setUser(server, user, rule);
			at(server).withPropertyValues("app.session.redis.username=" + user, "app.session.redis.password=secret")
				.run((context) -> {
					FailureAnalysis analysis = analyze(context.getStartupFailure());
					assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("secret");
					check.accept(analysis);
				});
		}
	}

	@Test
	void theRightsThatAreAdvised_areEnough() {
		try (RedisServer server = RedisServer.start()) {
			setUser(server, "app", StoreAccess.aclRule("app:session"));
			at(server)
				.withPropertyValues("app.session.redis.username=app", "app.session.redis.password=secret",
						"app.session.redis.events=broadcast", "app.session.redis.client-name=sessions",
						"app.session.redis.confirm-replicas=1", "app.session.redis.confirm-timeout=10ms",
						"app.session.redis.limits.per-principal=1", "app.session.redis.limits.total=2",
						"app.session.redis.collector.interval=20ms", "app.session.redis.near-cache.max-age=1s",
						"app.session.redis.lock.enabled=true", "app.session.redis.lock.wait=5s",
						"app.session.redis.lock.lease=3s")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Awaitility.await()
						.until(() -> context.getBean(AtomicRedisSessionRepository.class)
							.getStatistics()
							.isNearCacheTrusted());
					useAll(context.getBean(AtomicRedisSessionRepository.class));
					useLocks(context.getBean(AtomicRedisSessionRepository.class),
							context.getBean(RedisSessionFilter.class), server);
				});
			assertThat(server.commands().aclLog()).as("what was refused").isEmpty();
		}
	}

	private static void useAll(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL_NAME_INDEX_NAME, "alice");
		repository.save(session);
		session.changeSessionId();
		session.setAttribute(PRINCIPAL_NAME_INDEX_NAME, "bob");
		session.setMaxInactiveInterval(Duration.ZERO);
		repository.save(session);
		session.removeAttribute(PRINCIPAL_NAME_INDEX_NAME);
		session.setMaxInactiveInterval(Duration.ofMinutes(1));
		repository.save(session);
		session.setAttribute(PRINCIPAL_NAME_INDEX_NAME, "carol");
		repository.save(session);
		assertThat(repository.findByPrincipalName("carol")).hasSize(1);
		assertThat(repository.operations().count(PRINCIPAL_NAME_INDEX_NAME, "carol")).isEqualTo(1);
		assertThat(repository.operations().page(null, 10).sessions()).hasSize(1);
		assertThat(repository.operations().state().live()).isPositive();
		assertThat(repository.operations().page(PRINCIPAL_NAME_INDEX_NAME, "carol", null, 10).sessions()).hasSize(1);
		assertThat(repository.operations().types(session.getHandle())).isNotEmpty();
		assertThat(repository.operations().describe(session.getHandle())).isNotNull();
		StoredSession expiring = repository.createSession();
		expiring.setMaxInactiveInterval(Duration.ofMillis(50));
		repository.save(expiring);
		Awaitility.await()
			.until(() -> repository.getStatistics().get(SessionCounter.EXPIRED) == 1
					&& repository.operations().count() == 1);
		StoredSession evicting = repository.createSession();
		evicting.setAttribute(PRINCIPAL_NAME_INDEX_NAME, "carol");
		repository.save(evicting);
		assertThat(repository.getStatistics().get(SessionCounter.DELETED_LIMIT)).isEqualTo(1);
		assertThat(repository.deleteByPrincipalName("carol")).isEqualTo(1);
	}

	/** Two concurrent requests of a session. */
	private static void useLocks(AtomicRedisSessionRepository repository, RedisSessionFilter filter, RedisServer server)
			throws Exception {
		Awaitility.await().until(() -> !server.commands().pubsubChannels("app:session:wake:*").isEmpty());
		StoredSession session = repository.createSession();
		repository.save(session);
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch waited = new CountDownLatch(1);
		CompletableFuture<Void> first = post(filter, session, () -> {
			entered.countDown();
			waited.await();
		});
		entered.await();
		CompletableFuture<Void> second = post(filter, session, () -> {
		});
		Awaitility.await()
			.until(() -> server.commands().llen("app:session:waiters:{" + session.getHandle() + "}") == 1);
		waited.countDown();
		first.get(10, TimeUnit.SECONDS);
		second.get(10, TimeUnit.SECONDS);
		assertThat(repository.getStatistics().getLongestLockWait()).isLessThan(Duration.ofSeconds(2));
		Awaitility.await().until(() -> server.commands().exists("app:session:lock:{" + session.getHandle() + "}") == 0);
	}

	private static CompletableFuture<Void> post(RedisSessionFilter filter, StoredSession session, Step step) {
		MockHttpServletRequest request = new MockHttpServletRequest("POST", "/");
		request.setCookies(new Cookie("SESSION",
				Base64.getEncoder().encodeToString(session.getId().getBytes(StandardCharsets.US_ASCII))));
		return Background.run(() -> {
			try {
				filter.doFilter(request, new MockHttpServletResponse(), (chained, response) -> {
					((HttpServletRequest) chained).getSession().setAttribute("attribute", "value");
					try {
						step.take();
					}
					catch (InterruptedException ex) {
						throw new IllegalStateException(ex);
					}
				});
			}
			catch (IOException | ServletException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	/** What a request does. */
	@FunctionalInterface
	private interface Step {

		void take() throws InterruptedException;

	}

	@Test
	void theAclLineOfTheDocumentation_worksAsItIsPasted() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "connecting.md"));
		Matcher block = Pattern.compile("```\\n(ACL SETUSER .*?)```", Pattern.DOTALL).matcher(page);
		assertThat(block.find()).isTrue();
		try (RedisServer server = RedisServer.start()) {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
				socket.getOutputStream().write(block.group(1).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
				socket.setSoTimeout(5000);
				assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.UTF_8))
					.isEqualTo("+OK\r\n");
			}
			at(server)
				.withPropertyValues("app.session.redis.username=app", "app.session.redis.password=password",
						"app.session.redis.lock.enabled=true")
				.run((context) -> assertThat(context).hasNotFailed());
		}
	}

	private static void setUser(RedisServer server, String user, String rule) {
		CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8).add("SETUSER")
			.add(user)
			.add("on")
			.add(">secret");
		List.of(rule.split(" ")).forEach(arguments::add);
		server.commands().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments);
	}

	@Test
	void nodeOfAClusterGivenAsAStandaloneServer_isSaid() {
		at(SharedRedis.cluster().nodes().get(0).port()).run((context) -> {
			FailureAnalysis analysis = analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).contains("is a node of a Redis Cluster");
			assertThat(analysis.getAction()).contains("'app.session.redis.mode' to 'cluster'");
		});
	}

	@Test
	void standaloneServerGivenAsACluster_isSaid() {
		at(SharedRedis.standalone().port()).withPropertyValues("app.session.redis.mode=cluster")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("is not a node of a Redis Cluster"));
	}

	@Test
	void serverGivenAsASentinel_isSaid() {
		at(SharedRedis.standalone().port()).withPropertyValues("app.session.redis.mode=sentinel")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("is not a sentinel"));
	}

	@Test
	void sentinels_problemsAreReported() {
		try (RedisSentinel sentinel = RedisSentinel.builder().password("secret").sentinelPassword("watched").start()) {
			WebApplicationContextRunner runner = ContextRunners.application()
				.withPropertyValues("app.session.redis.mode=sentinel",
						"app.session.redis.hosts=" + String.join(",", sentinel.addresses()),
						"app.session.redis.connect-retries=0");
			String password = "app.session.redis.password=secret";
			String sentinelPassword = "app.session.redis.sentinel.password=watched";
			runner.withPropertyValues(password, sentinelPassword).run((context) -> assertThat(context).hasNotFailed());
			runner.withPropertyValues(password).run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("Redis with the sentinels", "requires a password");
				assertThat(analysis.getAction()).contains("'app.session.redis.sentinel.password'");
			});
			// Lettuce queries all sentinels at the same time, and may fail before any of
			// them has answered
			runner
				.withPropertyValues(password, "app.session.redis.sentinel.password=wrong",
						"app.session.redis.connect-retries=3")
				.run((context) -> {
					FailureAnalysis analysis = analyze(context.getStartupFailure());
					assertThat(analysis.getDescription()).contains("rejects the username or password")
						.doesNotContain("wrong");
					assertThat(analysis.getAction()).contains("'app.session.redis.sentinel.password'");
				});
			runner.withPropertyValues(sentinelPassword)
				.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
					.contains("requires a password"));
			runner.withPropertyValues(password, sentinelPassword, "app.session.redis.sentinel.master=other")
				.run((context) -> {
					FailureAnalysis analysis = analyze(context.getStartupFailure());
					assertThat(analysis.getDescription()).contains("monitor no primary of that name");
					assertThat(analysis.getAction()).contains("'app.session.redis.sentinel.master'");
				});
			ContextRunners.application()
				.withPropertyValues("app.session.redis.hosts=" + sentinel.addresses().get(0),
						"app.session.redis.password=watched", "app.session.redis.connect-retries=0")
				.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
					.contains("is a sentinel"));
		}
	}

	@Test
	void databaseThatIsNotThere_isSaid() {
		at(SharedRedis.standalone().port()).withPropertyValues("app.session.redis.database=99")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getAction())
				.contains("'app.session.redis.database'"));
	}

	@Test
	void replicaGivenAsThePrimary_isSaid() {
		try (RedisServer primary = RedisServer.start();
				RedisServer replica = RedisServer.builder().replicaOf(primary).start()) {
			replica.awaitReplication();
			at(replica).withPropertyValues("app.session.redis.connect-retries=0").run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("is a replica");
				assertThat(analysis.getAction()).contains("'app.session.redis.hosts'");
			});
		}
	}

	@Test
	void writesRefusedForAWhile_startWithAWarning(CapturedOutput output) {
		try (RedisServer server = RedisServer.builder().option("maxmemory", "1").start()) {
			at(server).run((context) -> assertThat(context).hasNotFailed());
		}
		assertThat(output).contains("rejects the command hset at the moment");
	}

	@Test
	void renamedCommand_isNamed() {
		try (RedisServer server = RedisServer.builder().option("rename-command", "HSTRLEN", "").start()) {
			at(server).run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("lacks commands", "hstrlen");
				assertThat(analysis.getAction()).contains("rename");
			});
		}
	}

	@Test
	void connectionFactoryOfJedis_isSaid() {
		RedisServer server = SharedRedis.standalone();
		ContextRunners.application()
			.withBean("own", JedisConnectionFactory.class,
					() -> new JedisConnectionFactory(new RedisStandaloneConfiguration(server.host(), server.port())))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RedisSessionConfigurationException.class, (failure) -> {
					assertThat(failure).hasMessageContainingAll("JedisConnectionFactory", "LettuceConnectionFactory");
					assertThat(failure.getAction()).contains("'app.session.redis.host'");
				}));
	}

	@Test
	void firewallThatDropsWhatComes_isSaid() throws IOException {
		try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			List<Socket> waiting = fill(full);
			at(full.getLocalPort())
				.withPropertyValues("app.session.redis.connect-retries=0", "app.session.redis.connect-timeout=300ms",
						"app.session.redis.command-timeout=2s")
				.run((context) -> assertThat(analyze(context.getStartupFailure()).getAction())
					.contains("Check for a firewall"));
			for (Socket socket : waiting) {
				socket.close();
			}
		}
	}

	/** A server that accepts no connections drops further ones when its queue is full. */
	private static List<Socket> fill(ServerSocket server) throws IOException {
		List<Socket> waiting = new ArrayList<>();
		while (true) {
			Socket socket = new Socket();
			waiting.add(socket);
			try {
				socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 200);
			}
			catch (IOException ex) {
				return waiting;
			}
		}
	}

	private static WebApplicationContextRunner at(RedisServer server) {
		return at(server.port());
	}

	private static WebApplicationContextRunner at(int port) {
		return ContextRunners.application()
			.withPropertyValues("app.session.redis.hosts=127.0.0.1:" + port, "app.session.redis.backoff.base=10ms",
					"app.session.redis.backoff.cap=20ms");
	}

	private static FailureAnalysis analyze(Throwable failure) {
		FailureAnalysis analysis = new RedisUnreachableFailureAnalyzer().analyze(failure);
		assertThat(analysis).as("analysis of %s", failure).isNotNull();
		return analysis;
	}

}
