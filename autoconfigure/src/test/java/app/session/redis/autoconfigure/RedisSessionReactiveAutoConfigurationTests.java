package app.session.redis.autoconfigure;

import java.time.Duration;
import java.util.Map;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import app.session.redis.engine.SessionEngine;
import app.session.redis.operations.SessionOperationsProvider;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.reactive.ReactiveBotDetector;
import app.session.redis.reactive.ReactiveSessionLockPolicy;
import app.session.redis.reactive.ReactiveStaySignedIn;
import app.session.redis.reactive.RedisSessionWebFilter;
import app.session.redis.reactive.RedisWebSessionManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseCookie;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.session.MapSession;
import org.springframework.session.ReactiveMapSessionRepository;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.SessionRepository;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import org.springframework.web.server.session.CookieWebSessionIdResolver;
import org.springframework.web.server.session.HeaderWebSessionIdResolver;
import org.springframework.web.server.session.WebSessionIdResolver;
import org.springframework.web.server.session.WebSessionManager;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class RedisSessionReactiveAutoConfigurationTests {

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, DataRedisAutoConfiguration.class,
				DataRedisReactiveAutoConfiguration.class, RedisSessionAutoConfiguration.class,
				RedisSessionBackOffAutoConfiguration.class, RedisSessionReactiveAutoConfiguration.class,
				SessionAutoConfiguration.class))
		.withUserConfiguration(ServerConfiguration.class)
		.withPropertyValues("app.session.redis.startup=lazy", "app.session.redis.collector.enabled=false");

	@Test
	void reactiveApplication_storesItsSessionsInRedis() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(ReactiveAtomicRedisSessionRepository.class);
			assertThat(context).hasSingleBean(SessionOperationsProvider.class);
			assertThat(context).hasSingleBean(RedisSessionWebFilter.class);
			assertThat(context).doesNotHaveBean(SessionRepository.class);
			assertThat(context).getBean(WebHttpHandlerBuilder.WEB_SESSION_MANAGER_BEAN_NAME)
				.isInstanceOf(RedisWebSessionManager.class);
		});
	}

	@Test
	void disabled_configuresNothing() {
		this.contextRunner.withPropertyValues("app.session.redis.enabled=false").run((context) -> {
			assertThat(context).doesNotHaveBean(ReactiveSessionRepository.class);
			assertThat(context).doesNotHaveBean(WebSessionManager.class);
			assertThat(context).doesNotHaveBean(RedisSessionConnection.class);
		});
	}

	@ParameterizedTest
	@CsvSource({ "flush-mode,immediate,call WebSession.save()", "repository-type,default,servlet applications only",
			"repository-type,indexed,servlet applications only" })
	void optionOfServletApplications_isRefused(String name, String value, String reason) {
		this.contextRunner.withPropertyValues("app.session.redis." + name + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (failure) -> {
					assertThat(failure.getName()).isEqualTo("app.session.redis." + name);
					assertThat(failure.getReason()).contains(reason);
				});
		});
	}

	@Test
	void repositoryOfTheApplication_backsOffAndSaysSo(CapturedOutput output) {
		this.contextRunner.withPropertyValues("app.session.redis.enabled=true")
			.withUserConfiguration(MapRepositoryConfiguration.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(RedisSessionConfigurationException.class)
				.hasMessageContaining("the ReactiveSessionRepository bean 'mapRepository'"));
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(RedisSessionBackOffAutoConfiguration.class,
					RedisSessionReactiveAutoConfiguration.class, SessionAutoConfiguration.class))
			.withUserConfiguration(ServerConfiguration.class, MapRepositoryConfiguration.class)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(RedisSessionConnection.class);
				assertThat(output).contains("the ReactiveSessionRepository bean 'mapRepository'", "backs off");
			});
	}

	@Test
	void managerOfTheApplication_backsOffAndSaysSo(CapturedOutput output) {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(RedisSessionBackOffAutoConfiguration.class,
					RedisSessionReactiveAutoConfiguration.class, SessionAutoConfiguration.class))
			.withUserConfiguration(ServerConfiguration.class, ManagerConfiguration.class)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(RedisSessionConnection.class);
				assertThat(output).contains("the WebSessionManager bean 'webSessionManager'", "backs off");
			});
	}

	private static ResponseCookie cookie(WebSessionIdResolver resolver) {
		MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/"));
		resolver.setSessionId(exchange, "id");
		return exchange.getResponse().getCookies().values().iterator().next().get(0);
	}

	@Test
	void cookie_hasTheSettingsOfSpringBoot_overriddenByThoseOfTheStarter() {
		this.contextRunner
			.withPropertyValues("server.reactive.session.cookie.name=BOOT", "server.reactive.session.cookie.max-age=1h",
					"server.reactive.session.cookie.same-site=strict",
					"server.reactive.session.cookie.domain=example.com", "app.session.redis.cookie.name=OURS",
					"app.session.redis.cookie.same-site=none", "app.session.redis.cookie.path=/app",
					"app.session.redis.cookie.secure=true")
			.run((context) -> {
				ResponseCookie cookie = cookie(context.getBean(WebSessionIdResolver.class));
				assertThat(cookie.getName()).isEqualTo("OURS");
				assertThat(cookie.getMaxAge()).isEqualTo(Duration.ofHours(1));
				assertThat(cookie.getSameSite()).isEqualTo("None");
				assertThat(cookie.getDomain()).isEqualTo("example.com");
				assertThat(cookie.getPath()).isEqualTo("/app");
				assertThat(cookie.isSecure()).isTrue();
				assertThat(cookie.isHttpOnly()).isTrue();
			});
	}

	@Test
	void cookie_isThatOfSpringByDefault() {
		this.contextRunner.run((context) -> assertThat(cookie(context.getBean(WebSessionIdResolver.class)))
			.isEqualTo(cookie(new CookieWebSessionIdResolver())));
	}

	@Test
	void resolverOfTheApplication_isUsed() {
		this.contextRunner.withBean(WebSessionIdResolver.class, HeaderWebSessionIdResolver::new)
			.run((context) -> assertThat(context.getBean(RedisWebSessionManager.class).getSessionIdResolver())
				.isInstanceOf(HeaderWebSessionIdResolver.class));
	}

	@Test
	void idleTimeout_isThatOfTheStarter_orOfSpringBoot() {
		this.contextRunner
			.run((context) -> assertThat(context.getBean(SessionEngine.class).settings().lifetimes().idle())
				.isEqualTo(MapSession.DEFAULT_MAX_INACTIVE_INTERVAL));
		this.contextRunner.withPropertyValues("server.reactive.session.timeout=7m")
			.run((context) -> assertThat(context.getBean(SessionEngine.class).settings().lifetimes().idle())
				.isEqualTo(Duration.ofMinutes(7)));
		this.contextRunner.withPropertyValues("server.reactive.session.timeout=7m", "app.session.redis.timeout=9m")
			.run((context) -> assertThat(context.getBean(SessionEngine.class).settings().lifetimes().idle())
				.isEqualTo(Duration.ofMinutes(9)));
	}

	@Test
	void longTimeout_isThatOfUsersWhoStaySignedIn() {
		this.contextRunner.withPropertyValues("app.session.redis.long-timeout=20d")
			.run((context) -> assertThat(context.getBean(ReactiveStaySignedIn.class).timeout())
				.isEqualTo(Duration.ofDays(20)));
	}

	@Test
	void policies_existIfTheyAreEnabled_andCanBeReplaced() {
		this.contextRunner.run((context) -> {
			assertThat(context).doesNotHaveBean(ReactiveBotDetector.class);
			assertThat(context).doesNotHaveBean(ReactiveSessionLockPolicy.class);
		});
		ReactiveSessionLockPolicy own = (exchange) -> Mono.just(true);
		this.contextRunner
			.withPropertyValues("app.session.redis.bot.enabled=true", "app.session.redis.lock.enabled=true")
			.withBean(ReactiveSessionLockPolicy.class, () -> own)
			.run((context) -> {
				assertThat(context).hasSingleBean(ReactiveBotDetector.class);
				assertThat(context).getBean(ReactiveSessionLockPolicy.class).isSameAs(own);
			});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ServerProperties.class)
	static class ServerConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class MapRepositoryConfiguration {

		@Bean
		ReactiveMapSessionRepository mapRepository() {
			return new ReactiveMapSessionRepository(Map.of());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ManagerConfiguration {

		@Bean(WebHttpHandlerBuilder.WEB_SESSION_MANAGER_BEAN_NAME)
		WebSessionManager webSessionManager() {
			return (exchange) -> Mono.empty();
		}

	}

}
