package app.session.redis.autoconfigure.documentation;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import app.session.redis.SessionAttribute;
import app.session.redis.index.IndexCounts;
import app.session.redis.index.SessionPage;
import app.session.redis.operations.SessionOperations;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.RedisSessionRegistry;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.Filter;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.events.SessionExpiredEvent;
import org.springframework.session.web.http.SessionRepositoryFilter;
import org.springframework.stereotype.Component;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.httpBasic;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

/**
 * Runs the code of the documentation.
 */
@SpringBootTest(properties = { "app.session.redis.indexes=tenant,product", "app.session.redis.collector.interval=100ms",
		"app.session.redis.namespace=shop:session", "management.endpoints.web.exposure.include=health,redissessions",
		"spring.security.user.name=operator", "spring.security.user.password=secret",
		"spring.security.user.roles=ADMIN" })
@DirtiesContext
class ShopITests {

	private static final RedisServer server = SharedRedis.standalone();

	@DynamicPropertySource
	static void redis(DynamicPropertyRegistry registry) {
		registry.add("app.session.redis.host", server::host);
		registry.add("app.session.redis.port", server::port);
	}

	private final AtomicRedisSessionRepository repository;

	private final MockMvc mvc;

	ShopITests(@Autowired AtomicRedisSessionRepository repository, @Autowired WebApplicationContext context) {
		this.repository = repository;
		this.mvc = MockMvcBuilders.webAppContextSetup(context)
			.addFilters(context.getBean(SessionRepositoryFilter.class),
					context.getBean("springSecurityFilterChain", Filter.class))
			.build();
	}

	@BeforeEach
	@AfterEach
	void empty() {
		server.flushAll();
	}

	@Test
	void endpointIsForOperators_healthForAll() throws Exception {
		this.mvc.perform(get("/actuator/redissessions")).andExpect(status().isUnauthorized());
		this.mvc.perform(get("/actuator/redissessions").with(httpBasic("operator", "secret")))
			.andExpect(status().isOk());
		this.mvc.perform(get("/actuator/health")).andExpect(status().isOk());
	}

	@Test
	void listenerReadsTheCartOfASessionThatHasExpired(@Autowired CartReminder reminder) {
		StoredSession session = this.repository.createSession();
		session.setAttribute("cart", "two books");
		session.setMaxInactiveInterval(Duration.ofMillis(300));
		this.repository.save(session);
		await().untilAsserted(() -> assertThat(reminder.carts).containsExactly("two books"));
	}

	@Test
	void sessionsAreFoundByOneValue() {
		save("x", "41");
		save("x", "42");
		save("y", "42");
		AtomicRedisSessionRepository repository = this.repository;
		Map<String, StoredSession> sessions = repository.findByIndexNameAndIndexValue("tenant", "x");
		int ended = repository.deleteByIndexNameAndIndexValue("tenant", "x");
		assertThat(sessions).hasSize(2);
		assertThat(ended).isEqualTo(2);
	}

	@Test
	void sessionsAreFoundBySeveralValues() {
		save("x", "41");
		save("x", "42");
		save("y", "42");
		AtomicRedisSessionRepository repository = this.repository;
		Map<String, StoredSession> sessions = repository.find(Map.of("tenant", "x", "product", "42"));
		assertThat(sessions).hasSize(1);
	}

	@Test
	void sessionsAreListedCountedAndEndedBySeveralValues() {
		save("x", "41");
		save("x", "42");
		save("y", "42");
		SessionOperations operations = this.repository.operations();
		SessionPage page = operations.page(Map.of("tenant", "x", "product", "42"), null, 50);
		long number = operations.count(Map.of("tenant", "x", "product", "42"));
		int ended = operations.end(Map.of("tenant", "x", "product", "42"));
		assertThat(page.sessions()).hasSize(1);
		assertThat(number).isOne();
		assertThat(ended).isOne();
		IndexCounts counts = operations.counts("tenant", null, 100);
		assertThat(counts.counts()).containsOnly(Map.entry("x", 1L), Map.entry("y", 1L));
	}

	@Test
	void registryKnowsAllPrincipals(@Autowired RedisSessionRegistry registry) {
		StoredSession session = this.repository.createSession();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		this.repository.save(session);
		assertThat(registry.getAllPrincipals()).containsExactly("alice");
	}

	@Test
	void requestCanExtendItsSessionBeforeItEnds() throws Exception {
		Cookie cookie = add("one").getCookie("SESSION");
		this.mvc.perform(get("/export").cookie(cookie)).andExpect(content().string("7200"));
	}

	@Test
	void attributeHasAType() throws Exception {
		MockHttpServletResponse first = add("one");
		assertThat(first.getContentAsString()).isEqualTo("null -> one");
		this.mvc.perform(get("/add").param("book", "two").cookie(first.getCookie("SESSION")))
			.andExpect(content().string("one -> one, two"));
	}

	private MockHttpServletResponse add(String book) throws Exception {
		return this.mvc.perform(get("/add").param("book", book)).andReturn().getResponse();
	}

	private void save(String tenant, String product) {
		StoredSession session = this.repository.createSession();
		session.setAttribute("tenant", tenant);
		session.setAttribute("product", product);
		this.repository.save(session);
	}

	@TestConfiguration(proxyBeanMethods = false)
	@Import({ CartReminder.class, CartController.class })
	static class ShopConfiguration {

		@Bean
		RedisSessionRegistry sessionRegistry(AtomicRedisSessionRepository repository) {
			return new RedisSessionRegistry(repository);
		}

	}

	@Component
	static class CartReminder {

		private final Queue<Object> carts = new ConcurrentLinkedQueue<>();

		@EventListener
		void sessionExpired(SessionExpiredEvent event) {
			Session session = event.getSession();
			Object cart = session.getAttribute("cart");
			this.carts.add(cart);
		}

	}

	@RestController
	static class CartController {

		static final SessionAttribute<Cart> CART = SessionAttribute.of("cart", Cart.class);

		private final AtomicRedisSessionRepository repository;

		CartController(AtomicRedisSessionRepository repository) {
			this.repository = repository;
		}

		/** Returns the books before and after. */
		@GetMapping("/add")
		String add(HttpSession session, @RequestParam String book) {
			Cart cart = CART.get(session::getAttribute);
			CART.update(session::getAttribute, session::setAttribute,
					(present) -> (present != null) ? present.with(book) : Cart.of(book));
			return cart + " -> " + CART.get(session::getAttribute);
		}

		/** Returns the timeout that is stored before the request ends, in seconds. */
		@GetMapping("/export")
		long export(HttpSession session) {
			AtomicRedisSessionRepository repository = this.repository;
			session.setMaxInactiveInterval(7200);
			repository.save(repository.findById(session.getId()));
			return repository.operations().describe(session.getId()).idleTimeout().toSeconds();
		}

	}

	/** Books that somebody wants to buy. */
	record Cart(List<String> books) implements Serializable {

		static Cart of(String book) {
			return new Cart(List.of(book));
		}

		Cart with(String book) {
			List<String> all = new ArrayList<>(this.books);
			all.add(book);
			return new Cart(all);
		}

		@Override
		public String toString() {
			return String.join(", ", this.books);
		}

	}

}
