package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.SessionManagementConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.WebAttributes;
import org.springframework.security.web.authentication.session.SessionAuthenticationException;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests the limit of sessions per user on two nodes, with and without Spring Security.
 */
class SessionLimitITests {

	private static final RedisServer server = SharedRedis.standalone();

	private final List<WebNode> nodes = new ArrayList<>();

	@BeforeEach
	void flush() {
		server.flushAll();
	}

	@AfterEach
	void stop() {
		this.nodes.forEach(WebNode::close);
		server.flushAll();
	}

	private WebNode rejecting(int limit, String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.limits.per-principal=" + limit,
				"app.session.redis.limits.on-exceeded=reject"));
		all.addAll(List.of(properties));
		return secured(all.toArray(String[]::new));
	}

	private WebNode evicting(int limit, String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.limits.per-principal=" + limit));
		all.addAll(List.of(properties));
		return secured(all.toArray(String[]::new));
	}

	private WebNode secured(String... properties) {
		return node(List.of(WebTestApplication.class, SecurityConfiguration.class), properties);
	}

	private WebNode plain(String... properties) {
		return node(List.of(PlainApplication.class), properties);
	}

	private WebNode node(List<Class<?>> sources, String... properties) {
		List<String> all = new ArrayList<>(
				List.of("app.session.redis.host=" + server.host(), "app.session.redis.port=" + server.port(),
						"app.session.redis.collector.enabled=false", "app.session.redis.namespace=limits"));
		all.addAll(List.of(properties));
		WebNode node = WebNode.start(sources, all);
		this.nodes.add(node);
		return node;
	}

	private static long places(String user) {
		return server.commands().zcard("limits:index:principal:" + user);
	}

	private static void assertLoggedIn(HttpResponse<String> response) {
		assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/ok");
	}

	private static void assertNotLoggedIn(HttpResponse<String> response) {
		assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/login?error");
	}

	private static void assertInside(Browser browser) {
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(200);
	}

	private static void assertOutside(Browser browser) {
		assertThat(browser.get("/private/read").statusCode()).isEqualTo(302);
	}

	@Test
	void logInBeyondTheLimitFailsLikeAnyOtherAndALogOutLetsItIn() {
		WebNode node = rejecting(1);
		WebNode other = rejecting(1);
		Browser first = node.browser();
		assertLoggedIn(first.logIn("anna"));
		Browser second = other.browser();
		second.get("/write?value=anonymous");
		String id = second.sessionId();
		assertNotLoggedIn(second.logIn("anna"));
		assertThat(second.sessionId()).isEqualTo(id);
		assertThat(node.bean(AtomicRedisSessionRepository.class)
			.findById(second.handle())
			.<Exception>getAttribute(WebAttributes.AUTHENTICATION_EXCEPTION))
			.isInstanceOf(SessionAuthenticationException.class)
			.hasMessage("Maximum sessions of 1 for this principal exceeded");
		assertThat(second.get("/read").body()).isEqualTo("anonymous null");
		assertOutside(second);
		assertInside(first);
		assertThat(places("anna")).isEqualTo(1);
		assertThat(other.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.REJECTED_LOG_INS))
			.isEqualTo(1);
		assertLoggedIn(other.browser().logIn("ben"));
		first.logOut();
		assertLoggedIn(second.logIn("anna"));
		assertInside(second);
		assertThat(second.get("/read").body()).isEqualTo("anonymous null");
	}

	@Test
	void wrongPasswordTakesNoPlace() {
		WebNode node = rejecting(1);
		Browser browser = node.browser();
		assertNotLoggedIn(
				browser.post("/login", Map.of("username", "anna", "password", "wrong", "_csrf", browser.csrf())));
		assertThat(places("anna")).isZero();
	}

	@Test
	void logInThatFailsAfterwardsGivesItsPlaceBack() {
		WebNode node = rejecting(1, "test.refused=anna");
		assertNotLoggedIn(node.browser().logIn("anna"));
		await().until(() -> places("anna") == 0);
		assertLoggedIn(node.browser().logIn("ben"));
	}

	@Test
	void logInThatBreaksAfterwardsGivesItsPlaceBack() {
		WebNode node = rejecting(1, "test.broken=anna");
		assertThat(node.browser().logIn("anna").statusCode()).isEqualTo(500);
		await().until(() -> places("anna") == 0);
	}

	@Test
	void logInAgainInTheSameSessionKeepsItsPlace() {
		WebNode node = rejecting(1);
		Browser browser = node.browser();
		assertLoggedIn(browser.logIn("anna"));
		assertLoggedIn(browser.logIn("anna"));
		assertInside(browser);
		assertNotLoggedIn(node.browser().logIn("anna"));
	}

	@Test
	void logInWithoutASessionBeforeIsCounted() {
		WebNode node = rejecting(1, "test.csrf=false");
		Map<String, String> form = Map.of("username", "anna", "password", "secret");
		Browser first = node.browser();
		assertLoggedIn(first.post("/login", form));
		assertInside(first);
		Browser second = node.browser();
		assertNotLoggedIn(second.post("/login", form));
		assertOutside(second);
		assertThat(node.bean(AtomicRedisSessionRepository.class).findByPrincipalName("anna")).hasSize(1);
		assertThat(node.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.REJECTED_LOG_INS))
			.isEqualTo(1);
	}

	@Test
	void refusedLogInLeavesNoSessionBehindThatItMade() {
		WebNode node = rejecting(1, "test.csrf=false", "test.failure=401");
		Map<String, String> form = Map.of("username", "anna", "password", "secret");
		assertLoggedIn(node.browser().post("/login", form));
		Browser second = node.browser();
		assertThat(second.post("/login", form).statusCode()).isEqualTo(401);
		assertThat(second.has(Browser.SESSION_COOKIE)).isFalse();
		assertThat(server.keys()).filteredOn((key) -> key.startsWith("limits:session:")).hasSize(1);
	}

	@Test
	void sessionThatTheLogInReplacesLeavesItsPlaceToTheNewOne() {
		for (String fixation : List.of("new", "migrate")) {
			server.flushAll();
			WebNode node = rejecting(1, "test.fixation=" + fixation);
			Browser browser = node.browser();
			browser.get("/write?value=anonymous");
			String handle = browser.handle();
			assertLoggedIn(browser.logIn("anna"));
			assertThat(browser.handle()).isNotEqualTo(handle);
			assertInside(browser);
			assertThat(places("anna")).isEqualTo(1);
			assertLoggedIn(browser.logIn("anna"));
			assertInside(browser);
			assertNotLoggedIn(node.browser().logIn("anna"));
		}
	}

	@Test
	void springSecuritysOwnLimitStillWorks() {
		WebNode node = rejecting(2, "test.maximum-sessions=1");
		Browser first = node.browser();
		first.logIn("anna");
		Browser second = node.browser();
		assertLoggedIn(second.logIn("anna"));
		assertThat(first.get("/private/read").body()).contains("session has been expired");
		assertInside(second);
		assertLoggedIn(node.browser().logIn("anna"));
		WebNode evicting = evicting(1, "test.maximum-sessions=1");
		Browser last = evicting.browser();
		assertLoggedIn(last.logIn("anna"));
		assertInside(last);
		assertOutside(second);
	}

	@Test
	void logInBeyondTheLimitEndsTheOldestWhereThatIsSet() {
		WebNode node = evicting(1);
		WebNode other = evicting(1);
		Browser first = node.browser();
		first.logIn("anna");
		Browser second = other.browser();
		assertLoggedIn(second.logIn("anna"));
		assertInside(second);
		assertOutside(first);
		SessionStatistics statistics = other.bean(AtomicRedisSessionRepository.class).getStatistics();
		assertThat(statistics.get(SessionCounter.DELETED_LIMIT)).isEqualTo(1);
		assertThat(statistics.get(SessionCounter.REJECTED_LOG_INS)).isZero();
	}

	@Test
	void logInsAtTheSameMomentOnTwoNodesAreNoMoreThanAllowed() {
		WebNode node = rejecting(3);
		WebNode other = rejecting(3);
		List<Browser> browsers = new ArrayList<>();
		List<Map<String, String>> forms = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			Browser browser = ((i % 2 == 0) ? node : other).browser();
			browsers.add(browser);
			forms.add(Map.of("username", "anna", "password", "secret", "_csrf", browser.csrf()));
		}
		List<CompletableFuture<HttpResponse<String>>> logIns = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			logIns.add(browsers.get(i).postAsync("/login", forms.get(i)));
		}
		assertThat(logIns)
			.filteredOn((logIn) -> logIn.join().headers().firstValue("Location").orElse("").endsWith("/ok"))
			.hasSize(3);
		assertThat(browsers).filteredOn((browser) -> browser.get("/private/read").statusCode() == 200).hasSize(3);
		assertThat(places("anna")).isEqualTo(3);
	}

	@Test
	void clientsThatAuthenticateWithEachRequestTakeNoPlaceAndEndNoSession() {
		WebNode node = evicting(1);
		Browser browser = node.browser();
		browser.logIn("anna");
		assertThat(node.browser().getAs("anna", "/stateless/ok").body()).isEqualTo("ok anna");
		assertThat(browser.getAs("ben", "/stateless/ok").body()).isEqualTo("ok ben");
		assertThat(browser.getAs("anna", "/stateless/ok").body()).isEqualTo("ok anna");
		assertInside(browser);
		assertThat(places("anna")).isEqualTo(1);
		assertThat(places("ben")).isZero();
		assertThat(node.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.DELETED_LIMIT))
			.isZero();
	}

	@Test
	void withoutSpringSecurityTheAnswerIs403AndNothingElse() {
		WebNode node = plain("app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=reject");
		Browser first = node.browser();
		assertThat(first.get("/new-with-principal?principal=anna").statusCode()).isEqualTo(200);
		Browser second = node.browser();
		for (String path : List.of("/new-with-principal", "/principal-unflushed", "/principal-swallowing")) {
			HttpResponse<String> refused = second.get(path + "?principal=anna");
			assertThat(refused.statusCode()).as(path).isEqualTo(403);
			assertThat(refused.body()).isEqualTo("error page 403 for stranger");
			assertThat(refused.headers().allValues("Set-Cookie")).isEmpty();
			assertThat(refused.headers().firstValue("X-Handler")).isEmpty();
			assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
		}
		second.get("/write?value=anonymous");
		String id = second.sessionId();
		HttpResponse<String> refused = second.get("/new-with-principal?principal=anna");
		assertThat(refused.statusCode()).isEqualTo(403);
		assertThat(refused.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(second.sessionId()).isEqualTo(id);
		assertThat(second.get("/read").body()).as("nothing was saved").isEqualTo("anonymous null");
		assertThat(first.get("/read").body()).isEqualTo("new null");
		assertThat(places("anna")).isEqualTo(1);
		assertThat(node.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.REJECTED_LOG_INS))
			.isEqualTo(4);
	}

	@Test
	void anAnswerThatIsOnItsWayBreaksOff() {
		WebNode node = plain("app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=reject");
		node.browser().get("/new-with-principal?principal=anna");
		Browser browser = node.browser();
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> browser.get("/principal-late?principal=anna"))
			.withCauseInstanceOf(IOException.class);
		assertThat(places("anna")).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/reserve", "/reserve?timeout=300" })
	void placeThatAsynchronousProcessingReservedIsReleasedWhenItEnds(String path) throws Exception {
		WebNode node = node(List.of(PlainApplication.class, AsynchronousConfiguration.class),
				"app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=reject");
		CompletableFuture<HttpResponse<String>> response = node.browser().getAsync(path);
		AsyncContext context = node.bean(ReservingServlet.class).takeDispatched();
		if (!path.contains("timeout")) {
			assertThat(node.browser().get("/new-with-principal?principal=anna").statusCode()).isEqualTo(403);
			context.complete();
		}
		assertThat(response.join().statusCode()).isEqualTo(path.contains("timeout") ? 500 : 200);
		await().until(() -> places("anna") == 0);
		assertThat(node.browser().get("/new-with-principal?principal=anna").statusCode()).isEqualTo(200);
	}

	@Test
	void anErrorPageThatMakesASessionMakesItForItselfOnly() {
		WebNode node = node(List.of(PlainApplication.class, ErrorSessionConfiguration.class),
				"app.session.redis.limits.per-principal=1", "app.session.redis.limits.on-exceeded=reject");
		node.browser().get("/new-with-principal?principal=anna");
		HttpResponse<String> refused = node.browser().get("/new-with-principal?principal=anna");
		assertThat(refused.statusCode()).isEqualTo(403);
		assertThat(refused.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(server.keys()).filteredOn((key) -> key.startsWith("limits:session:")).hasSize(1);
	}

	@Test
	void sessionsBeyondTheTotalAreAnsweredWith503() {
		WebNode node = plain("app.session.redis.limits.total=2");
		Browser first = node.browser();
		first.get("/write?value=first");
		node.browser().get("/new");
		Browser third = node.browser();
		HttpResponse<String> refused = third.get("/new");
		assertThat(refused.statusCode()).isEqualTo(503);
		assertThat(refused.headers().firstValue("Retry-After")).isPresent();
		assertThat(refused.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(refused.body()).isEqualTo("error page 503 for stranger");
		assertThat(third.get("/read").body()).as("who needs no session is served").isEqualTo("none");
		assertThat(first.get("/write?value=again").body()).isEqualTo("again");
		node.bean(AtomicRedisSessionRepository.class).deleteById(first.sessionId());
		assertThat(third.get("/new").statusCode()).isEqualTo(200);
		assertThat(node.bean(AtomicRedisSessionRepository.class).getStatistics().get(SessionCounter.REJECTED_SESSIONS))
			.isEqualTo(1);
	}

	/**
	 * An application without Spring Security.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { SecurityAutoConfiguration.class, UserDetailsServiceAutoConfiguration.class,
			ManagementWebSecurityAutoConfiguration.class, SecurityFilterAutoConfiguration.class,
			ServletWebSecurityAutoConfiguration.class })
	@Import({ SessionController.class, ErrorPageController.class, Hooks.class, LogInController.class })
	static class PlainApplication {

	}

	/**
	 * Logs in without Spring Security.
	 */
	@RestController
	static class LogInController {

		@GetMapping("/principal-unflushed")
		String unflushed(@RequestParam String principal, HttpServletRequest request, HttpServletResponse response) {
			response.setHeader("X-Handler", "was here");
			logIn(request, principal);
			return "unflushed";
		}

		@GetMapping("/principal-swallowing")
		void swallowing(@RequestParam String principal, HttpServletRequest request, HttpServletResponse response)
				throws IOException {
			logIn(request, principal);
			try {
				response.getWriter().print("lost");
				response.flushBuffer();
			}
			catch (SessionLimitExceededException ex) {
				response.getWriter().print("swallowed");
			}
		}

		@GetMapping("/principal-late")
		void late(@RequestParam String principal, HttpServletRequest request, HttpServletResponse response)
				throws IOException {
			request.getSession().setAttribute(SessionController.NAME, "late");
			response.getWriter().print("begun");
			response.flushBuffer();
			logIn(request, principal);
		}

		private static void logIn(HttpServletRequest request, String principal) {
			request.getSession().setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, principal);
		}

	}

	/**
	 * Makes every error page create a session.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ErrorSessionConfiguration {

		@Bean
		OncePerRequestFilter errorSessionFilter() {
			return new OncePerRequestFilter() {

				@Override
				protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
						FilterChain chain) throws ServletException, IOException {
					if (request.getDispatcherType() == DispatcherType.ERROR) {
						request.getSession().setAttribute("error", "seen");
					}
					chain.doFilter(request, response);
				}

				@Override
				protected boolean shouldNotFilterErrorDispatch() {
					return false;
				}

			};
		}

	}

	/**
	 * Reserves a place in asynchronous processing, independently of the session of the
	 * request.
	 */
	static class ReservingServlet extends HttpServlet {

		private static final long serialVersionUID = 1L;

		private final transient AtomicRedisSessionRepository repository;

		private final transient BlockingQueue<AsyncContext> dispatched = new LinkedBlockingQueue<>();

		ReservingServlet(AtomicRedisSessionRepository repository) {
			this.repository = repository;
		}

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response) {
			AsyncContext context = request.startAsync();
			String timeout = request.getParameter("timeout");
			context.setTimeout((timeout != null) ? Long.parseLong(timeout) : 20_000);
			this.repository.reserve(this.repository.createSession().getId(),
					Map.of(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "anna"));
			assertThat(places("anna")).isEqualTo(1);
		}

		/** Continues when the dispatch has passed all filters. */
		AsyncContext takeDispatched() throws InterruptedException {
			AsyncContext context = this.dispatched.poll(10, TimeUnit.SECONDS);
			assertThat(context).as("asynchronous processing").isNotNull();
			return context;
		}

	}

	/**
	 * A servlet beside Spring MVC's, and a filter before all others.
	 */
	@Configuration(proxyBeanMethods = false)
	static class AsynchronousConfiguration {

		@Bean
		ReservingServlet reservingServlet(AtomicRedisSessionRepository repository) {
			return new ReservingServlet(repository);
		}

		@Bean
		ServletRegistrationBean<ReservingServlet> reserving(ReservingServlet servlet) {
			return new ServletRegistrationBean<>(servlet, "/reserve");
		}

		@Bean
		FilterRegistrationBean<OncePerRequestFilter> dispatchedFilter(ReservingServlet servlet) {
			FilterRegistrationBean<OncePerRequestFilter> filter = new FilterRegistrationBean<>(
					new OncePerRequestFilter() {

						@Override
						protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
								FilterChain chain) throws ServletException, IOException {
							chain.doFilter(request, response);
							servlet.dispatched.add(request.getAsyncContext());
						}

					});
			filter.addUrlPatterns("/reserve");
			filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
			return filter;
		}

	}

	/**
	 * The configuration of Spring Security that some of the tests require.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(StatelessController.class)
	static class SecurityConfiguration {

		@Bean
		@Order(1)
		SecurityFilterChain stateless(HttpSecurity http) throws Exception {
			http.securityMatcher("/stateless/**");
			http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
			http.httpBasic(Customizer.withDefaults());
			http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS)
				.requireExplicitAuthenticationStrategy(false));
			return http.build();
		}

		/** A strategy of the application that rejects some log-ins. */
		@Bean
		Customizer<HttpSecurity> laterStrategy(@Value("${test.refused:}") String refused,
				@Value("${test.broken:}") String broken) {
			return (http) -> http.sessionManagement(
					(sessions) -> sessions.addSessionAuthenticationStrategy((authentication, request, response) -> {
						if (authentication.getName().equals(refused)) {
							throw new SessionAuthenticationException("not today");
						}
						if (authentication.getName().equals(broken)) {
							throw new IllegalStateException("The test wants it so");
						}
					}));
		}

		/** A response to a failed log-in that needs no session. */
		@Bean
		Customizer<HttpSecurity> failure(@Value("${test.failure:0}") int status) {
			return (status == 0) ? Customizer.withDefaults() : (http) -> http
				.formLogin((login) -> login.failureHandler((request, response, failure) -> response.setStatus(status)));
		}

		@Bean
		Customizer<HttpSecurity> sessionFixation(@Value("${test.fixation:}") String fixation) {
			return (http) -> http.sessionManagement((sessions) -> {
				if (fixation.equals("new")) {
					sessions.sessionFixation(SessionManagementConfigurer.SessionFixationConfigurer::newSession);
				}
				if (fixation.equals("migrate")) {
					sessions.sessionFixation(SessionManagementConfigurer.SessionFixationConfigurer::migrateSession);
				}
			});
		}

	}

	/**
	 * The configuration for clients that authenticate with each request.
	 */
	@RestController
	static class StatelessController {

		@GetMapping("/stateless/ok")
		String ok(Principal principal) {
			return "ok " + principal.getName();
		}

	}

}
