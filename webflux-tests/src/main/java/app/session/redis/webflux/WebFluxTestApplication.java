package app.session.redis.webflux;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import app.session.redis.lock.SessionLock;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.reactive.ReactiveStaySignedIn;
import app.session.redis.session.PassiveRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.session.ReactiveSessionRegistry;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authentication.SessionLimit;
import org.springframework.security.web.server.authentication.logout.DelegatingServerLogoutHandler;
import org.springframework.security.web.server.authentication.logout.SecurityContextServerLogoutHandler;
import org.springframework.security.web.server.authentication.logout.WebSessionServerLogoutHandler;
import org.springframework.security.web.server.savedrequest.WebSessionServerRequestCache;
import org.springframework.session.events.AbstractSessionEvent;
import org.springframework.session.security.SpringSessionBackedReactiveSessionRegistry;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;

/**
 * A reactive application whose handlers use the session in all ways.
 */
@SpringBootApplication
public class WebFluxTestApplication {

	/** Starts the application. */
	public static void main(String[] args) {
		SpringApplication.run(WebFluxTestApplication.class, args);
	}

	/**
	 * With the lowest strength, because the default strength takes longer than a test.
	 */
	@Bean
	PasswordEncoder passwordEncoder() {
		return new BCryptPasswordEncoder(4);
	}

	/** The users of the application; the password of each is {@code secret}. */
	@Bean
	MapReactiveUserDetailsService users(PasswordEncoder passwordEncoder) {
		String password = passwordEncoder.encode("secret");
		return new MapReactiveUserDetailsService(user("anna", password), user("bert", password));
	}

	private static UserDetails user(String name, String password) {
		return User.withUsername(name).password(password).roles("USER").build();
	}

	private static ServerHttpSecurity configure(ServerHttpSecurity http) {
		http.csrf(ServerHttpSecurity.CsrfSpec::disable)
			.authorizeExchange(
					(exchanges) -> exchanges.pathMatchers("/private").authenticated().anyExchange().permitAll())
			.formLogin((login) -> {
			});
		http.logout(
				(logout) -> logout.logoutHandler(new DelegatingServerLogoutHandler(new WebSessionServerLogoutHandler(),
						new SecurityContextServerLogoutHandler())));
		return http;
	}

	@Bean
	@Profile("!concurrent & !oauth2 & !oidc & !request-cache")
	SecurityWebFilterChain chain(ServerHttpSecurity http) {
		return configure(http).build();
	}

	/**
	 * Spring Security's own limit of one session for each user.
	 */
	@Configuration(proxyBeanMethods = false)
	@Profile("concurrent")
	static class ConcurrentSessions {

		@Bean
		ReactiveSessionRegistry sessionRegistry(ReactiveAtomicRedisSessionRepository repository) {
			return new SpringSessionBackedReactiveSessionRegistry<>(repository, repository);
		}

		@Bean
		SecurityWebFilterChain limitedChain(ServerHttpSecurity http) {
			return configure(http)
				.sessionManagement(
						(sessions) -> sessions.concurrentSessions((limit) -> limit.maximumSessions(SessionLimit.of(1))))
				.build();
		}

	}

	/**
	 * Reads the session for a saved request only if the redirect after a log-in asks for
	 * it.
	 */
	@Bean
	@Profile("request-cache")
	SecurityWebFilterChain requestCacheChain(ServerHttpSecurity http) {
		WebSessionServerRequestCache requestCache = new WebSessionServerRequestCache();
		requestCache.setMatchingRequestParameterName("continue");
		http.requestCache((cache) -> cache.requestCache(requestCache));
		return configure(http).build();
	}

	private static ClientRegistration.Builder registration(String provider) {
		return ClientRegistration.withRegistrationId("test")
			.clientId("client")
			.clientSecret("secret")
			.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
			.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
			.authorizationUri(provider + "/authorize")
			.tokenUri(provider + "/token");
	}

	/**
	 * Log-in at a provider, whose address is a property.
	 */
	@Configuration(proxyBeanMethods = false)
	@Profile("oauth2")
	static class OAuth2LogIn {

		@Bean
		ReactiveClientRegistrationRepository registrations(@Value("${test.provider}") String provider) {
			return new InMemoryReactiveClientRegistrationRepository(
					registration(provider).userInfoUri(provider + "/user").userNameAttributeName("name").build());
		}

		@Bean
		SecurityWebFilterChain oauth2Chain(ServerHttpSecurity http) {
			return configure(http).oauth2Login((login) -> {
			}).build();
		}

	}

	/**
	 * Log-in at an OpenID Connect provider, which can log users out.
	 */
	@Configuration(proxyBeanMethods = false)
	@Profile("oidc")
	static class OidcLogIn {

		@Bean
		ReactiveClientRegistrationRepository oidcRegistrations(@Value("${test.provider}") String provider) {
			return new InMemoryReactiveClientRegistrationRepository(registration(provider).scope("openid")
				.issuerUri(provider)
				.jwkSetUri(provider + "/keys")
				.userNameAttributeName("sub")
				.build());
		}

		@Bean
		SecurityWebFilterChain oidcChain(ServerHttpSecurity http) {
			return configure(http).oauth2Login((login) -> {
			}).oidcLogout((logout) -> logout.backChannel((backChannel) -> {
			})).build();
		}

	}

	/**
	 * The session events of this node, and the threads on which they were published.
	 */
	@Bean
	Events events() {
		return new Events();
	}

	/** Collects the session events. */
	public static class Events {

		private final Queue<ApplicationEvent> events = new ConcurrentLinkedQueue<>();

		@EventListener
		void on(AbstractSessionEvent event) {
			this.events.add(event);
		}

		<T extends AbstractSessionEvent> List<T> of(Class<T> type) {
			return this.events.stream().filter(type::isInstance).map(type::cast).toList();
		}

	}

	/** The handlers. */
	@RestController
	static class Handlers {

		private static final Duration PAUSE = Duration.ofMillis(300);

		private final ReactiveAtomicRedisSessionRepository repository;

		private final ReactiveStaySignedIn staySignedIn;

		Handlers(ReactiveAtomicRedisSessionRepository repository, ReactiveStaySignedIn staySignedIn) {
			this.repository = repository;
			this.staySignedIn = staySignedIn;
		}

		@GetMapping("/plain")
		Mono<String> plain() {
			return Mono.just("plain");
		}

		@GetMapping("/read")
		Mono<String> read(WebSession session) {
			return Mono.just(String.valueOf(session.<Object>getAttribute("value")));
		}

		@GetMapping("/write")
		Mono<String> write(WebSession session, @RequestParam String value) {
			session.getAttributes().put("value", value);
			return Mono.just("written");
		}

		@GetMapping("/in-place")
		Mono<String> inPlace(WebSession session, @RequestParam String value) {
			List<String> list = session.getAttributeOrDefault("list", new ArrayList<>());
			list.add(value);
			session.getAttributes().putIfAbsent("list", list);
			return Mono.just(list.toString());
		}

		@GetMapping("/id")
		Mono<String> id(WebSession session) {
			return Mono.just(session.getId());
		}

		@GetMapping("/ignore")
		Mono<String> ignore(ServerWebExchange exchange) {
			return exchange.getSession().map((session) -> "found").onErrorReturn("ignored");
		}

		@GetMapping("/invalidate")
		Mono<String> invalidate(WebSession session) {
			return session.invalidate().thenReturn("invalidated");
		}

		@GetMapping("/change-id")
		Mono<String> changeId(WebSession session) {
			return session.changeSessionId().thenReturn("changed");
		}

		@GetMapping("/unstorable")
		Mono<String> unstorable(WebSession session) {
			session.getAttributes().put("value", new Object());
			session.getAttributes().put("kept", "kept");
			return Mono.just("set");
		}

		/** Each operation, with the thread on which it continues. */
		@GetMapping("/threads")
		Mono<List<String>> threads(ServerWebExchange exchange) {
			List<String> threads = new ArrayList<>();
			return exchange.getSession().flatMap((session) -> {
				threads.add("find " + Thread.currentThread().getName());
				session.getAttributes().put("value", System.nanoTime());
				return session.save()
					.then(Mono.fromRunnable(() -> threads.add("save " + Thread.currentThread().getName())))
					.then(Mono.defer(session::changeSessionId))
					.then(Mono.fromRunnable(() -> threads.add("change-id " + Thread.currentThread().getName())))
					.then(Mono.defer(() -> this.repository.findById("AAAAAAAAAAAAAAAA")))
					.then(Mono.fromRunnable(() -> threads.add("handle " + Thread.currentThread().getName())))
					.then(Mono.defer(() -> this.repository.findByPrincipalName("nobody")))
					.doOnNext((none) -> threads.add("index " + Thread.currentThread().getName()))
					.then(Mono.defer(session::invalidate))
					.then(Mono.fromRunnable(() -> threads.add("invalidate " + Thread.currentThread().getName())))
					.thenReturn(threads);
			});
		}

		/** Sets an attribute after the first element was written. */
		@GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<String> stream(WebSession session) {
			session.getAttributes().put("value", "first");
			return Flux.just("1", "2").concatWith(Mono.delay(PAUSE).map((tick) -> {
				session.getAttributes().put("value", "late");
				return "3";
			}));
		}

		/** Sets attributes before and after a pause. */
		@GetMapping("/slow")
		Mono<String> slow(WebSession session, @RequestParam String value, @RequestParam long millis) {
			session.getAttributes().put("before", value);
			return Mono.delay(Duration.ofMillis(millis)).map((tick) -> {
				session.getAttributes().put("value", value);
				return "slow";
			});
		}

		/** Adds one to a counter; two at the same time would lose one. */
		@SessionLock
		@GetMapping("/count")
		Mono<String> count(WebSession session) {
			int count = session.getAttributeOrDefault("count", 0);
			return Mono.delay(Duration.ofMillis(20)).map((tick) -> {
				session.getAttributes().put("count", count + 1);
				return Integer.toString(count + 1);
			});
		}

		@SessionLock
		@GetMapping("/hold")
		Mono<String> hold(WebSession session, @RequestParam long millis) {
			return Mono.delay(Duration.ofMillis(millis)).map((tick) -> "held");
		}

		@PassiveRequest
		@GetMapping("/poll")
		Mono<String> poll(WebSession session) {
			return Mono.just(String.valueOf(session.<Object>getAttribute("value")));
		}

		@GetMapping("/user")
		Mono<String> user() {
			return ReactiveSecurityContextHolder.getContext()
				.map(SecurityContext::getAuthentication)
				.map((authentication) -> authentication.getName())
				.defaultIfEmpty("nobody");
		}

		@GetMapping("/private")
		Mono<String> restricted() {
			return user();
		}

		@PostMapping("/stay")
		Mono<String> stay(ServerWebExchange exchange) {
			return this.staySignedIn.apply(exchange).thenReturn("staying");
		}

		@GetMapping("/sessions")
		Mono<Integer> sessions(@RequestParam String principal) {
			return this.repository.findByPrincipalName(principal).map((sessions) -> sessions.size());
		}

		@GetMapping("/fail")
		Mono<String> fail(WebSession session) {
			session.getAttributes().put("value", "failed");
			return Mono.error(new UnsupportedOperationException("on purpose"));
		}

	}

}
