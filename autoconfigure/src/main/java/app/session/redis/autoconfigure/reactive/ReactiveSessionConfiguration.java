package app.session.redis.autoconfigure.reactive;

import java.time.Duration;

import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.security.ReactiveClearSiteDataConfiguration;
import app.session.redis.autoconfigure.security.ReactiveOidcLogoutConfiguration;
import app.session.redis.autoconfigure.security.ReactiveSessionLimitConfiguration;
import app.session.redis.autoconfigure.security.ReactiveTokenRefreshConfiguration;
import app.session.redis.autoconfigure.values.ConfiguredPassiveRequests;
import app.session.redis.autoconfigure.values.UserAgentMatcherFactory;
import app.session.redis.client.Caller;
import app.session.redis.engine.SessionEngine;
import app.session.redis.lock.SessionLock;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.reactive.ReactiveBotDetector;
import app.session.redis.reactive.ReactiveCaller;
import app.session.redis.reactive.ReactivePassiveRequestPolicy;
import app.session.redis.reactive.ReactiveSessionLockPolicy;
import app.session.redis.reactive.ReactiveStaySignedIn;
import app.session.redis.reactive.RedisSessionWebFilter;
import app.session.redis.reactive.RedisWebSessionManager;
import app.session.redis.reactive.RefusedLogIn;
import app.session.redis.reactive.UnavailableSessionHandler;
import app.session.redis.session.CookieRenewal;
import app.session.redis.session.PassiveRequest;
import app.session.redis.session.UserAgentMatcher;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import org.springframework.web.server.session.WebSessionIdResolver;

/**
 * Configuration of the engine's reactive API and of the features that depend on it.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServerProperties.class)
@Import({ ReactiveSessionLimitConfiguration.class, ReactiveOidcLogoutConfiguration.class,
		ReactiveClearSiteDataConfiguration.class, ReactiveTokenRefreshConfiguration.class })
public class ReactiveSessionConfiguration {

	@Bean
	Caller redisSessionCaller() {
		return new ReactiveCaller();
	}

	/**
	 * Creates the repository, never lazily: it is the source of events, which may be
	 * published before the first request.
	 */
	@Bean
	@Lazy(false)
	ReactiveAtomicRedisSessionRepository reactiveSessionRepository(SessionEngine engine) {
		return new ReactiveAtomicRedisSessionRepository(engine);
	}

	@Bean(WebHttpHandlerBuilder.WEB_SESSION_MANAGER_BEAN_NAME)
	RedisWebSessionManager webSessionManager(SessionEngine engine, WebSessionIdResolver idResolver,
			RedisSessionProperties properties, ObjectProvider<ReactiveBotDetector> botDetector,
			ObjectProvider<ReactiveStaySignedIn> staySignedIn, ObjectProvider<RefusedLogIn> refusedLogIn) {
		RedisWebSessionManager manager = new RedisWebSessionManager(engine);
		manager.setSessionIdResolver(idResolver);
		if (properties.bot().enabled()) {
			botDetector.ifAvailable(manager::setBotDetector);
		}
		refusedLogIn.ifAvailable(manager::setRefusedLogIn);
		Duration maxAge = (idResolver instanceof SessionCookies cookies) ? cookies.maxAge() : null;
		if (maxAge != null && properties.cookie().renew()) {
			ReactiveStaySignedIn persistent = staySignedIn.getIfAvailable();
			Duration timeout = (persistent != null) ? persistent.timeout() : null;
			manager.setCookieRenewal(
					new CookieRenewal(maxAge, engine.settings().lifetimes().idle().equals(timeout) ? null : timeout));
		}
		return manager;
	}

	@Bean
	@ConditionalOnMissingBean
	WebSessionIdResolver webSessionIdResolver(ServerProperties server, RedisSessionProperties properties) {
		return new SessionCookies(server.getReactive().getSession().getCookie(), properties.cookie());
	}

	@Bean
	@ConditionalOnMissingBean
	ReactiveStaySignedIn redisSessionReactiveStaySignedIn(RedisSessionProperties properties) {
		return new ReactiveStaySignedIn(properties.boundedLongTimeout());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty("app.session.redis.bot.enabled")
	ReactiveBotDetector redisSessionReactiveBotDetector(RedisSessionProperties properties) {
		UserAgentMatcher matcher = UserAgentMatcherFactory.create(properties.bot());
		return (exchange) -> matcher.isBot(exchange.getRequest().getHeaders().getFirst(HttpHeaders.USER_AGENT));
	}

	@Bean
	@ConditionalOnMissingBean
	ReactivePassiveRequestPolicy redisSessionReactivePassiveRequestPolicy(ApplicationContext context,
			RedisSessionProperties properties) {
		ReactiveHandlerAnnotations<PassiveRequest> annotations = new ReactiveHandlerAnnotations<>(context,
				PassiveRequest.class);
		ConfiguredPassiveRequests configured = new ConfiguredPassiveRequests(properties.passive());
		return (exchange) -> annotations.find(exchange)
			.map(PassiveRequest::value)
			.switchIfEmpty(Mono.fromSupplier(() -> configured.contain(exchange.getRequest(),
					(request, name) -> request.getHeaders().getFirst(name),
					(request) -> request.getPath().pathWithinApplication())));
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty("app.session.redis.lock.enabled")
	ReactiveSessionLockPolicy redisSessionReactiveLockPolicy(ApplicationContext context,
			RedisSessionProperties properties) {
		ReactiveHandlerAnnotations<SessionLock> annotations = new ReactiveHandlerAnnotations<>(context,
				SessionLock.class);
		ReactiveSessionLockPolicy methods = ReactiveSessionLockPolicy.forMethods(properties.lock().methods());
		return (exchange) -> annotations.find(exchange)
			.map(SessionLock::value)
			.switchIfEmpty(Mono.defer(() -> methods.locks(exchange)));
	}

	@Bean
	RedisSessionWebFilter redisSessionWebFilter(RedisWebSessionManager manager, RedisSessionProperties properties,
			ObjectProvider<ReactivePassiveRequestPolicy> passivePolicy,
			ObjectProvider<ReactiveSessionLockPolicy> lockPolicy) {
		RedisSessionWebFilter filter = new RedisSessionWebFilter(manager);
		passivePolicy.ifAvailable(filter::setPassivePolicy);
		if (properties.lock().enabled()) {
			filter.setLockPolicy(lockPolicy.getObject());
		}
		return filter;
	}

	@Bean
	UnavailableSessionHandler redisSessionUnavailableHandler(RedisWebSessionManager manager,
			RedisSessionConnectionProperties connection) {
		return new UnavailableSessionHandler(manager, connection.backoff().retryAfter(),
				UnavailableSessionHandler.DEFAULT_ORDER);
	}

	/** Responds if an error page has failed because it uses the session. */
	@Bean
	UnavailableSessionHandler redisSessionUnavailableErrorPageHandler(RedisWebSessionManager manager,
			RedisSessionConnectionProperties connection) {
		return new UnavailableSessionHandler(manager, connection.backoff().retryAfter(), Ordered.LOWEST_PRECEDENCE);
	}

}
