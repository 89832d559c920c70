package app.session.redis.autoconfigure;

import java.io.IOException;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Stream;

import app.session.redis.autoconfigure.actuate.RedisHealthContributorAutoConfiguration;
import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.security.SessionLimitConfiguration;
import app.session.redis.autoconfigure.servlet.HandlerLockPolicy;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.event.SocketSessions;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.RedisSessionFilter;
import app.session.redis.servlet.RequestEnd;
import app.session.redis.servlet.SessionLockPolicy;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.DelegatingFilterProxyRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.RedisSessionRepository;
import org.springframework.session.web.http.SessionRepositoryFilter;
import org.springframework.session.web.socket.handler.WebSocketRegistryListener;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RedisSessionAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.sharedRedis();

	@Test
	void nothingSet_sessionsAreInRedisBehindOneFilter() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(SessionRepository.class);
			assertThat(context.getBean("sessionRepository")).isInstanceOf(AtomicRedisSessionRepository.class);
			assertThat(context).hasSingleBean(SessionRepositoryFilter.class);
			assertThat(context.getBean(SessionRepositoryFilter.class)).isInstanceOf(RedisSessionFilter.class);
			assertThat(context).hasSingleBean(DelegatingFilterProxyRegistrationBean.class);
		});
	}

	@Test
	void lazyInitialization_theSourceOfEventsIsThereBeforeTheFirstRequest() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> assertThat(
					context.getSourceApplicationContext().getBeanFactory().containsSingleton("sessionRepository"))
				.isTrue());
	}

	@Test
	void disabled_nothingOfItIsThere(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("app.session.redis.enabled=false", "spring.session.data.redis.namespace=other")
			.run((context) -> {
				assertThat(context).doesNotHaveBean(SessionRepository.class);
				assertThat(context).doesNotHaveBean(RedisSessionProperties.class);
				assertThat(context).doesNotHaveBean(RedisSessionConnection.class);
				assertThat(output).doesNotContain("has no effect");
			});
	}

	@Test
	void sessionIdGeneratorOfUnsuitableIds_failsNamingItsType() {
		ContextRunners.noRedis()
			.withBean(NumberedIds.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(RedisSessionConfigurationException.class,
						(failure) -> assertThat(failure.getAction()).contains("SessionIdGenerator bean"))
				.hasMessageContaining(NumberedIds.class.getName())
				.hasMessageContaining("16 to 256 characters"));
	}

	@Test
	void noWebApplication_backsOff() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(RedisSessionAutoConfiguration.class))
			.run((context) -> assertThat(context).doesNotHaveBean(SessionRepository.class));
	}

	@Test
	void sessionAutoConfigurationExcluded_filterWorksAllTheSame() {
		new WebApplicationContextRunner().withConfiguration(AutoConfigurations.of(RedisSessionAutoConfiguration.class))
			.withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port())
			.run((context) -> assertThat(context).hasSingleBean(RedisSessionFilter.class));
	}

	@Test
	void defaultRepositoryType_isSpringSessionsOnTheSameConnection() {
		this.contextRunner
			.withPropertyValues("app.session.redis.repository-type=default", "app.session.redis.namespace=test:default",
					"app.session.redis.timeout=90", "app.session.redis.flush-mode=immediate")
			.run((context) -> {
				RedisSessionRepository repository = context.getBean("sessionRepository", RedisSessionRepository.class);
				assertThat(context).hasSingleBean(SessionRepositoryFilter.class);
				assertThat(context).doesNotHaveBean(RedisSessionFilter.class);
				assertThat(ReflectionTestUtils.getField(repository, "flushMode")).hasToString("IMMEDIATE");
				Session session = saveNew(repository);
				assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofSeconds(90));
				assertThat(SharedRedis.standalone().keys()).contains("test:default:sessions:" + session.getId());
				repository.deleteById(session.getId());
			});
	}

	@Test
	void indexedRepositoryType_isSpringSessionsOnTheSameConnection() {
		this.contextRunner
			.withPropertyValues("app.session.redis.repository-type=indexed", "app.session.redis.namespace=test:indexed",
					"spring.session.timeout=2m", "app.session.redis.database=3")
			.run((context) -> {
				RedisIndexedSessionRepository repository = context.getBean("sessionRepository",
						RedisIndexedSessionRepository.class);
				Session session = saveNew(repository);
				assertThat(session.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(2));
				assertThat(repository.getSessionCreatedChannelPrefix()).startsWith("test:indexed:event:3:");
				repository.deleteById(session.getId());
			});
	}

	@Test
	void ownTimeout_winsOverBoots() {
		this.contextRunner
			.withPropertyValues("app.session.redis.timeout=5m", "spring.session.timeout=10m",
					"server.servlet.session.timeout=20m")
			.run((context) -> assertThat(timeout(context.getBean(SessionRepository.class)))
				.isEqualTo(Duration.ofMinutes(5)));
	}

	@Test
	void noOwnTimeout_isSpringSessions() {
		this.contextRunner.withPropertyValues("spring.session.timeout=10m", "server.servlet.session.timeout=20m")
			.run((context) -> assertThat(timeout(context.getBean(SessionRepository.class)))
				.isEqualTo(Duration.ofMinutes(10)));
	}

	@Test
	void noSpringSessionTimeout_isTheServers() {
		ContextRunners.embedded()
			.withPropertyValues("server.servlet.session.timeout=20m")
			.run((context) -> assertThat(timeout(context.getBean(SessionRepository.class)))
				.isEqualTo(Duration.ofMinutes(20)));
	}

	@Test
	void noTimeout_is30Minutes() {
		this.contextRunner.run((context) -> assertThat(timeout(context.getBean(SessionRepository.class)))
			.isEqualTo(Duration.ofMinutes(30)));
	}

	@Test
	void noLock_nothingOfItIsThere() {
		this.contextRunner.run((context) -> {
			assertThat(context).doesNotHaveBean(SessionLockPolicy.class).doesNotHaveBean(RequestEnd.class);
			assertThat(SharedRedis.standalone().commands().pubsubChannels("app:session:wake:*")).isEmpty();
		});
	}

	@Test
	void lock_checksHandlersAndIsNotifiedOfTheEndOfRequests() {
		this.contextRunner.withPropertyValues("app.session.redis.lock.enabled=true").run((context) -> {
			assertThat(context.getBean(SessionLockPolicy.class)).isInstanceOf(HandlerLockPolicy.class);
			assertThat(context).hasSingleBean(RequestEnd.class);
			assertLocks(context.getBean(SessionLockPolicy.class), "POST", "PUT", "PATCH", "DELETE");
		});
	}

	@Test
	void lockWithoutSpringMvc_goesByTheMethod() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.web.servlet"))
			.withPropertyValues("app.session.redis.lock.enabled=true", "app.session.redis.lock.methods=get,Delete")
			.run((context) -> assertLocks(context.getBean(SessionLockPolicy.class), "GET", "DELETE"));
	}

	@Test
	void lockPolicyOfApplication_wins() {
		this.contextRunner.withUserConfiguration(LockPolicyConfiguration.class)
			.withPropertyValues("app.session.redis.lock.enabled=true")
			.run((context) -> assertThat(context.getBean(SessionLockPolicy.class))
				.isSameAs(LockPolicyConfiguration.policy));
	}

	private static void assertLocks(SessionLockPolicy policy, String... methods) {
		assertThat(Stream.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
			.filter((method) -> policy.locks(new MockHttpServletRequest(method, "/")))).containsExactly(methods);
	}

	@Test
	void webSocketRegistryListener_isNotifiedByDefault() {
		this.contextRunner.withUserConfiguration(WebSocketConfiguration.class)
			.run((context) -> assertThat(context).hasSingleBean(SocketSessions.class));
	}

	@Test
	void webSocketRegistryListenerAndBroadcast_isNotified() {
		this.contextRunner.withUserConfiguration(WebSocketConfiguration.class)
			.withPropertyValues("app.session.redis.events=broadcast")
			.run((context) -> assertThat(context).hasSingleBean(SocketSessions.class));
	}

	@Test
	void webSocketRegistryListenerAndLocalEvents_isNotNotified() {
		this.contextRunner.withUserConfiguration(WebSocketConfiguration.class)
			.withPropertyValues("app.session.redis.events=local")
			.run((context) -> assertThat(context).doesNotHaveBean(SocketSessions.class));
	}

	@Test
	void noWebSocketRegistryListener_noSocketSessions() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(SocketSessions.class));
	}

	@Test
	void noWebSocketOnTheClassPath_works() {
		this.contextRunner
			.withClassLoader(new FilteredClassLoader("org.springframework.web.socket", "org.springframework.messaging"))
			.run((context) -> assertThat(context).hasSingleBean(AtomicRedisSessionRepository.class));
	}

	@Test
	void noSpringSecurityOnTheClassPath_limitsWork() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.security"))
			.withPropertyValues("app.session.redis.limits.per-principal=1")
			.run((context) -> {
				assertThat(context).hasSingleBean(AtomicRedisSessionRepository.class);
				assertThat(context).doesNotHaveBean(SessionLimitConfiguration.class);
			});
	}

	@Test
	void noActuatorOnTheClassPath_healthIsSkippedBeforeItsClassIsLoaded() throws IOException {
		Properties metadata = PropertiesLoaderUtils
			.loadAllProperties("META-INF/spring-autoconfigure-metadata.properties");
		assertThat(
				metadata.getProperty(RedisHealthContributorAutoConfiguration.class.getName() + ".ConditionalOnClass"))
			.contains("org.springframework.boot.health.contributor.HealthIndicator");
	}

	@Test
	void sessionAutoConfiguration_comesAfterOurs() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(SessionAutoConfiguration.class);
			assertThat(context).hasBean("cookieSerializer");
		});
	}

	private static <S extends Session> Session saveNew(SessionRepository<S> repository) {
		S session = repository.createSession();
		session.setAttribute("name", "value");
		repository.save(session);
		return session;
	}

	private static Duration timeout(SessionRepository<?> repository) {
		return repository.createSession().getMaxInactiveInterval();
	}

	static class NumberedIds implements SessionIdGenerator {

		private int number;

		@Override
		public String generate() {
			return "node:" + this.number++;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LockPolicyConfiguration {

		static final SessionLockPolicy policy = (request) -> false;

		@Bean
		SessionLockPolicy sessionLockPolicy() {
			return policy;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WebSocketConfiguration {

		@Bean
		static WebSocketRegistryListener webSocketRegistryListener() {
			return new WebSocketRegistryListener();
		}

	}

}
