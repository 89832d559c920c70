package app.session.redis.autoconfigure.servlet;

import java.time.Duration;
import java.util.List;

import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.RepositoryType;
import app.session.redis.autoconfigure.values.IdleTimeout;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.BotDetector;
import app.session.redis.servlet.PassiveRequestPolicy;
import app.session.redis.servlet.RawIdCookies;
import app.session.redis.servlet.RedisSessionFilter;
import app.session.redis.servlet.SessionEventAdapter;
import app.session.redis.servlet.SessionListeners;
import app.session.redis.servlet.SessionLockPolicy;
import app.session.redis.servlet.StaySignedIn;
import app.session.redis.session.CookieRenewal;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.session.autoconfigure.DefaultCookieSerializerCustomizer;
import org.springframework.boot.session.autoconfigure.SessionTimeout;
import org.springframework.boot.web.server.Cookie;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.config.annotation.web.http.SpringHttpSessionConfiguration;
import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.CookieSerializer;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.session.web.http.HttpSessionIdResolver;
import org.springframework.session.web.http.SessionEventHttpSessionListenerAdapter;
import org.springframework.session.web.http.SessionRepositoryFilter;

/**
 * Spring Session's web configuration with the starter's own filter instead of Spring
 * Session's.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(SpringHttpSessionConfiguration.class)
class RedisSessionFilterConfiguration extends SpringHttpSessionConfiguration {

	private final RedisSessionConnectionProperties connection;

	private final RedisSessionProperties properties;

	private final ObjectProvider<DefaultCookieSerializerCustomizer> cookieCustomizers;

	private final ObjectProvider<BotDetector> botDetector;

	private final ObjectProvider<SessionLockPolicy> lockPolicy;

	private final ObjectProvider<SessionListeners> listeners;

	private final ObjectProvider<PassiveRequestPolicy> passivePolicy;

	private final ObjectProvider<StaySignedIn> staySignedIn;

	private final ObjectProvider<SessionTimeout> sessionTimeout;

	private final ObjectProvider<WarCookieCustomizer> warCookie;

	private final Environment environment;

	private @Nullable CookieSerializer cookieSerializer;

	private @Nullable HttpSessionIdResolver idResolver;

	RedisSessionFilterConfiguration(RedisSessionConnectionProperties connection, RedisSessionProperties properties,
			ObjectProvider<DefaultCookieSerializerCustomizer> cookieCustomizers,
			ObjectProvider<BotDetector> botDetector, ObjectProvider<SessionLockPolicy> lockPolicy,
			ObjectProvider<SessionListeners> listeners, ObjectProvider<PassiveRequestPolicy> passivePolicy,
			ObjectProvider<StaySignedIn> staySignedIn, ObjectProvider<SessionTimeout> sessionTimeout,
			ObjectProvider<WarCookieCustomizer> warCookie, Environment environment) {
		this.connection = connection;
		this.properties = properties;
		this.cookieCustomizers = cookieCustomizers;
		this.botDetector = botDetector;
		this.lockPolicy = lockPolicy;
		this.listeners = listeners;
		this.passivePolicy = passivePolicy;
		this.staySignedIn = staySignedIn;
		this.sessionTimeout = sessionTimeout;
		this.warCookie = warCookie;
		this.environment = environment;
	}

	/**
	 * Has no listeners, because the {@link SessionEventAdapter} notifies them, unless one
	 * of Spring Session's repositories is used.
	 */
	@Bean
	@Override
	public SessionEventHttpSessionListenerAdapter sessionEventHttpSessionListenerAdapter() {
		return (this.properties.repositoryType() == RepositoryType.ATOMIC)
				? new SessionEventHttpSessionListenerAdapter(List.of())
				: super.sessionEventHttpSessionListenerAdapter();
	}

	@Override
	@Autowired(required = false)
	public void setCookieSerializer(CookieSerializer cookieSerializer) {
		super.setCookieSerializer(cookieSerializer);
		this.cookieSerializer = cookieSerializer;
	}

	@Override
	@Autowired(required = false)
	public void setHttpSessionIdResolver(HttpSessionIdResolver httpSessionIdResolver) {
		super.setHttpSessionIdResolver(httpSessionIdResolver);
		this.idResolver = httpSessionIdResolver;
	}

	@Bean
	@Override
	public <S extends Session> SessionRepositoryFilter<? extends Session> springSessionRepositoryFilter(
			SessionRepository<S> sessionRepository) {
		if (!(sessionRepository instanceof AtomicRedisSessionRepository repository)) {
			return super.springSessionRepositoryFilter(sessionRepository);
		}
		RedisSessionFilter filter = new RedisSessionFilter(repository, this.connection.backoff().retryAfter());
		filter.setHttpSessionIdResolver((this.idResolver != null) ? this.idResolver : cookies());
		if (this.properties.bot().enabled()) {
			this.botDetector.ifAvailable(filter::setBotDetector);
		}
		if (this.properties.lock().enabled()) {
			filter.setLockPolicy(this.lockPolicy.getObject());
		}
		this.listeners.ifAvailable(filter::setListeners);
		this.passivePolicy.ifAvailable(filter::setPassivePolicy);
		Duration cookieMaxAge = cookieMaxAge();
		if (this.idResolver == null && cookieMaxAge != null && this.properties.cookie().renew()) {
			filter.setCookieRenewal(new CookieRenewal(cookieMaxAge, persistentTimeout()));
		}
		return filter;
	}

	/**
	 * Returns the idle timeout by which sessions with a persistent cookie are recognized;
	 * null if all sessions have this timeout, so that the cookies of all are renewed.
	 */
	private @Nullable Duration persistentTimeout() {
		StaySignedIn staySignedIn = this.staySignedIn.getIfAvailable();
		Duration timeout = (staySignedIn != null) ? staySignedIn.timeout() : null;
		return new IdleTimeout(this.properties, this.sessionTimeout).get().equals(timeout) ? null : timeout;
	}

	private @Nullable Duration cookieMaxAge() {
		Duration maxAge = this.properties.cookie().maxAge();
		if (maxAge != null) {
			return maxAge;
		}
		WarCookieCustomizer war = this.warCookie.getIfAvailable();
		return (war != null) ? war.maxAge()
				: Binder.get(this.environment)
					.bind("server.servlet.session.cookie", Cookie.class)
					.map(Cookie::getMaxAge)
					.orElse(null);
	}

	private HttpSessionIdResolver cookies() {
		CookieHttpSessionIdResolver resolver = new CookieHttpSessionIdResolver();
		resolver.setCookieSerializer(
				new RawIdCookies((this.cookieSerializer != null) ? this.cookieSerializer : defaultCookies()));
		return resolver;
	}

	// Needed if Spring Boot's session auto-configuration is excluded
	private CookieSerializer defaultCookies() {
		DefaultCookieSerializer serializer = new DefaultCookieSerializer();
		this.cookieCustomizers.orderedStream().forEach((customizer) -> customizer.customize(serializer));
		return serializer;
	}

}
