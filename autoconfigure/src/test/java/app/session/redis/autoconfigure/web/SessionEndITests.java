package app.session.redis.autoconfigure.web;

import java.io.Closeable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.web.server.servlet.context.ServletComponentScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The end of a session: its session-scoped beans are destroyed once, and the container's
 * listeners are notified.
 */
class SessionEndITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static final List<String> calls = new CopyOnWriteArrayList<>();

	private static WebNode first;

	private static WebNode second;

	private Browser browser;

	private Browser elsewhere;

	@BeforeAll
	static void start() {
		server.flushAll();
		first = node();
		second = node();
	}

	private static WebNode node(String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + server.host(),
				"app.session.redis.port=" + server.port(), "app.session.redis.collector.interval=100ms",
				"logging.level.app.session.redis.autoconfigure.servlet=debug"));
		all.addAll(Arrays.asList(properties));
		return WebNode.start(List.of(WebTestApplication.class, EndingBeans.class), all);
	}

	@AfterAll
	static void stop() {
		first.close();
		second.close();
		server.flushAll();
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		this.browser = first.browser();
		get(this.browser, "/new");
		this.elsewhere = this.browser.at(second.port());
		calls.clear();
	}

	private static void get(Browser browser, String path) {
		assertThat(browser.get(path).statusCode()).isEqualTo(200);
	}

	/** Waits for the calls, and a little longer for those that should not be there. */
	private static void assertCalls(String... expected) {
		Awaitility.await()
			.during(Duration.ofMillis(200))
			.untilAsserted(() -> assertThat(calls).containsExactlyInAnyOrder(expected));
	}

	@Test
	void beansAreDestroyed_whenTheUserInvalidatesTheSessionInALaterRequest() {
		get(this.browser, "/use-beans");
		get(this.browser, "/invalidate");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beansAreDestroyed_whenTheSessionIsInvalidatedInTheRequestThatCreatedThem() {
		get(this.browser, "/use-beans-and-invalidate");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beansAreDestroyed_onANodeThatHasNotCreatedThem() {
		get(this.browser, "/use-beans");
		get(this.elsewhere, "/invalidate");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beansAreDestroyed_whenAnOperatorEndsTheSession() {
		get(this.browser, "/use-beans");
		second.bean(AtomicRedisSessionRepository.class).operations().end(this.browser.handle());
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beansAreDestroyed_whenTheSessionExpires() {
		get(this.browser, "/use-beans");
		get(this.browser, "/expire-soon");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beanThatIsRemovedFromItsScope_isDestroyedOnceByTheCaller() {
		get(this.browser, "/use-beans");
		get(this.browser, "/destroy-basket");
		assertCalls("closed basket pen");
		get(this.browser, "/invalidate");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
	}

	@Test
	void beanThatIsRemovedInTheRequestThatCreatedIt_isDestroyedOnceByTheCaller() {
		get(this.browser, "/use-basket-and-destroy");
		assertCalls("closed basket pen");
	}

	/** Destroying a bean must not change how later ones are created. */
	@Test
	void beansAreInitialized_onANodeThatHasDestroyedSomeBefore() {
		get(this.browser, "/use-beans");
		get(this.elsewhere, "/invalidate");
		assertCalls("closed basket pen", "destroyed disposable", "closed advised");
		for (WebNode node : List.of(first, second)) {
			Browser other = node.browser();
			get(other, "/new");
			assertThat(other.get("/use-basket").body()).isEqualTo("true");
			calls.clear();
			get(other, "/invalidate");
			assertCalls("closed basket ink");
		}
	}

	@Test
	void callbackOfAnObjectThatIsNoBean_runsOnTheNodeThatRegisteredIt() {
		get(this.browser, "/register-callback");
		get(this.browser, "/invalidate");
		assertCalls("callback");
		calls.clear();
		Browser other = first.browser();
		get(other, "/new");
		get(other, "/register-callback");
		get(other.at(second.port()), "/invalidate");
		assertCalls();
	}

	@Test
	void listenersOfTheContainer_areNotified() {
		try (WebNode node = node("test.listener=true")) {
			Browser client = node.browser();
			Listener.recording = true;
			get(client, "/write?value=x");
			get(client, "/invalidate");
			assertThat(calls).containsSubsequence("listener created", "listener added name", "listener destroyed",
					"listener removed name");
		}
		finally {
			Listener.recording = false;
		}
	}

	/** Created by the container, from its class. */
	@WebListener
	public static class Listener implements HttpSessionListener, HttpSessionAttributeListener {

		static volatile boolean recording;

		@Override
		public void sessionCreated(HttpSessionEvent event) {
			record("listener created");
		}

		@Override
		public void sessionDestroyed(HttpSessionEvent event) {
			record("listener destroyed");
		}

		@Override
		public void attributeAdded(HttpSessionBindingEvent event) {
			record("listener added " + event.getName());
		}

		@Override
		public void attributeRemoved(HttpSessionBindingEvent event) {
			record("listener removed " + event.getName());
		}

		private static void record(String call) {
			if (recording) {
				calls.add(call);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ServletComponentScan(basePackageClasses = SessionEndITests.class)
	@Import(Pages.class)
	static class EndingBeans {

		@Bean
		@Scope(scopeName = "session", proxyMode = ScopedProxyMode.TARGET_CLASS)
		Basket basket() {
			return new Basket();
		}

		@Bean(destroyMethod = "destroy")
		@Scope(scopeName = "session", proxyMode = ScopedProxyMode.TARGET_CLASS)
		Disposable disposable() {
			return new Disposable();
		}

		@Bean
		@Scope("session")
		Advised advised() {
			return new Advised();
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Advisor advisor() {
			return new DefaultPointcutAdvisor(AnnotationMatchingPointcut.forMethodAnnotation(ScopedBeans.Loud.class),
					(org.aopalliance.intercept.MethodInterceptor) (invocation) -> invocation.proceed());
		}

	}

	static class Basket implements Serializable, Closeable {

		private static final long serialVersionUID = 1;

		private String item = "";

		private transient boolean initialized;

		@PostConstruct
		void initialize() {
			this.initialized = true;
		}

		boolean add(String item) {
			this.item = item;
			return this.initialized;
		}

		/** Annotated, and inferred as the destroy method. */
		@Override
		@PreDestroy
		public void close() {
			boolean request = Thread.currentThread().getName().matches(".*(exec|qtp).*");
			assertThat(RequestContextHolder.getRequestAttributes() != null).isEqualTo(request);
			calls.add("closed basket " + this.item);
		}

	}

	static class Disposable implements Serializable, DisposableBean {

		private static final long serialVersionUID = 1;

		void use() {
			// Creates it
		}

		@Override
		public void destroy() {
			calls.add("destroyed disposable");
		}

	}

	static class Advised implements Serializable, Closeable {

		private static final long serialVersionUID = 1;

		@ScopedBeans.Loud
		public void use() {
			// Creates it
		}

		@Override
		public void close() {
			calls.add("closed advised");
		}

	}

	@RestController
	static class Pages {

		private final Basket basket;

		private final Disposable disposable;

		private final BeanFactory beanFactory;

		Pages(Basket basket, Disposable disposable, BeanFactory beanFactory) {
			this.basket = basket;
			this.disposable = disposable;
			this.beanFactory = beanFactory;
		}

		@GetMapping("/use-beans")
		String use() {
			this.basket.add("pen");
			this.disposable.use();
			this.beanFactory.getBean(Advised.class).use();
			return "used";
		}

		@GetMapping("/use-basket")
		String useBasket() {
			return Boolean.toString(this.basket.add("ink"));
		}

		@GetMapping("/use-beans-and-invalidate")
		String useAndInvalidate(HttpSession session) {
			use();
			session.invalidate();
			return "ended";
		}

		@GetMapping("/invalidate")
		String invalidate(HttpSession session) {
			session.invalidate();
			return "ended";
		}

		@GetMapping("/expire-soon")
		String expireSoon(HttpSession session) {
			session.setMaxInactiveInterval(1);
			return "soon";
		}

		@GetMapping("/destroy-basket")
		String destroyBasket() {
			((ConfigurableBeanFactory) this.beanFactory).destroyScopedBean("scopedTarget.basket");
			return "destroyed";
		}

		@GetMapping("/use-basket-and-destroy")
		String useBasketAndDestroy() {
			this.basket.add("pen");
			return destroyBasket();
		}

		@GetMapping("/register-callback")
		String registerCallback() {
			RequestContextHolder.currentRequestAttributes()
				.registerDestructionCallback("object", () -> calls.add("callback"), RequestAttributes.SCOPE_SESSION);
			return "registered";
		}

	}

}
