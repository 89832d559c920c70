package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import app.session.redis.autoconfigure.web.Hooks.Pending;
import app.session.redis.autoconfigure.web.RefusedAttributes.Kind;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a request whose session contains a value that can't be stored fails once,
 * and that its client receives the application's own error page.
 */
class RefusedAttributeITests {

	private static RedisServer server;

	private static WebNode node;

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private Browser browser;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		node = node();
	}

	private static WebNode node(String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + server.host(),
				"app.session.redis.port=" + server.port(), "app.session.redis.collector.enabled=false"));
		all.addAll(Arrays.asList(properties));
		return WebNode.start(List.of(WebTestApplication.class, RefusedAttributes.class), all);
	}

	@AfterAll
	static void stop() {
		node.close();
		server.flushAll();
	}

	@BeforeEach
	void openSession() {
		server.flushAll();
		this.browser = node.browser();
		this.browser.get("/new");
		this.log.start();
		this.logger.addAppender(this.log);
	}

	@AfterEach
	void stopLog() {
		this.logger.detachAppender(this.log);
	}

	@ParameterizedTest
	@EnumSource
	void refusedAttribute_rendersTheErrorPageWithTheSession(Kind kind) {
		HttpResponse<String> response = this.browser.get("/refused?kind=" + kind);
		assertThat(response.statusCode()).isEqualTo(500);
		assertThat(response.body()).isEqualTo("error page 500 for changed");
		assertThat(this.browser.get("/plan").body()).isEqualTo("changed [apple] null null");
		assertLoggedOnce();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/refused-in-body", "/refused-twice", "/refused-then-error", "/refused-then-failed",
			"/refused-in-callable", "/refused-while-streaming", "/refused-before-dispatch" })
	void refusedAttribute_rendersTheErrorPageWhereverItIsFound(String path) {
		HttpResponse<String> response = this.browser.get(path);
		assertThat(response.statusCode()).isEqualTo(500);
		assertThat(response.body()).isEqualTo("error page 500 for changed");
		assertThat(this.browser.get("/plan").body()).isEqualTo("changed [apple] null null");
	}

	@Test
	void refusedAttributeOfANewSession_rendersTheErrorPageAndKeepsTheRest() {
		Browser stranger = node.browser();
		assertThat(stranger.get("/refused").body()).isEqualTo("error page 500 for changed");
		assertThat(stranger.get("/plan").body()).isEqualTo("changed null null null");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/refused-in-deferred", "/refused-before-deferred" })
	void refusedAttributeBeforeADeferredResult_rendersTheErrorPage(String path) throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync(path);
		Pending pending = node.hooks().takePending();
		RefusedAttributes.Pages.change(pending.session(), Kind.TYPE);
		pending.result().setResult("done");
		assertThat(response.join().body()).isEqualTo("error page 500 for changed");
		assertThat(this.browser.get("/plan").body()).isEqualTo("changed [apple] null null");
		assertThat(new ArrayList<>(this.log.list)).extracting(ILoggingEvent::getFormattedMessage)
			.noneMatch((message) -> message.contains("at the end of asynchronous processing"));
	}

	@Test
	void refusedAttributeBeforeAnAsyncContextIsCompleted_isLoggedOnce() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/refused-before-completion");
		Pending pending = node.hooks().takePending();
		RefusedAttributes.Pages.change(pending.session(), Kind.TYPE);
		pending.context().complete();
		assertThat(response.join().statusCode()).isEqualTo(200);
		Awaitility.await().untilAsserted(this::assertLoggedOnce);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.browser.get("/plan").body()).as("everything else is saved")
				.isEqualTo("changed [apple] null null"));
	}

	@Test
	void refusedAttributeAtLogIn_keepsTheLogIn() {
		String before = this.browser.sessionId();
		Browser old = this.browser.at(node.port());
		HttpResponse<String> response = this.browser.logIn("anna", Map.of(RefusedAttributes.PLAN, "true"));
		assertThat(response.statusCode()).isEqualTo(500);
		assertThat(response.body()).isEqualTo("error page 500 for new");
		assertThat(this.browser.sessionId()).isNotEqualTo(before);
		assertThat(this.browser.get("/private/read").body()).isEqualTo("new [apple]");
		assertThat(old.get("/read").body()).isEqualTo("none");
		assertThat(this.browser.get("/find?principal=anna").body()).isEqualTo("1");
	}

	@Test
	void whatTheErrorPageSets_isSaved() {
		node.hooks().errorPage.set(() -> {
			assertThat(RefusedAttributes.session().getAttribute(RefusedAttributes.PLAN)).isNotNull();
			RefusedAttributes.session().setAttribute("flash", "sorry");
		});
		assertThat(this.browser.get("/refused").body()).isEqualTo("error page 500 for changed");
		assertThat(this.browser.get("/plan").body()).isEqualTo("changed [apple] null sorry");
	}

	@Test
	void errorPageThatSetsAnotherValueThatIsRefused_failsItself() {
		node.hooks().errorPage
			.set(() -> RefusedAttributes.session().setAttribute("flash", Kind.NOT_SERIALIZABLE.value()));
		HttpResponse<String> response = this.browser.get("/refused");
		assertThat(response.statusCode()).isEqualTo(500);
		assertThat(response.body()).doesNotContain("error page");
		assertThat(this.browser.get("/read").body()).endsWith("[apple]");
	}

	@Test
	void handlerOfTheException_rendersItsPage() {
		HttpResponse<String> response = this.browser.get("/refused-and-handled");
		assertThat(response.body()).isEqualTo("handled");
		assertThat(this.browser.get("/plan").body()).isEqualTo("changed [apple] null null");
	}

	@Test
	void attributeRefusedAfterTheResponseWasCommitted_isLoggedOnce() {
		this.browser.getAsync("/refused-late").exceptionally((ex) -> null).join();
		Awaitility.await().untilAsserted(this::assertLoggedOnce);
		assertThat(this.browser.get("/read").body()).endsWith("[apple]");
		assertLoggedOnce();
	}

	@Test
	void whereChangesAreWrittenImmediately_theErrorPageIsRendered() {
		try (WebNode immediate = node("app.session.redis.flush-mode=immediate")) {
			Browser here = this.browser.at(immediate.port());
			assertThat(here.get("/refused").body()).isEqualTo("error page 500 for changed");
			assertThat(here.get("/plan").body()).isEqualTo("changed [apple] null null");
			HttpResponse<String> caught = here.get("/refused-and-caught");
			assertThat(caught.statusCode()).isEqualTo(200);
			assertThat(caught.body()).isEqualTo("caught, without a plan");
			assertThat(here.get("/plan").body()).isEqualTo("changed [apple] null null");
		}
	}

	/**
	 * Tomcat logs the root cause, and the wrapping exception as a part of the message.
	 * Jetty logs only the cause if it is an {@code IOException}.
	 */
	private void assertLoggedOnce() {
		if (node.isJetty()) {
			return;
		}
		assertThat(new ArrayList<>(this.log.list)).filteredOn((event) -> event.getThrowableProxy() != null)
			.singleElement()
			.extracting((event) -> event.getFormattedMessage() + event.getThrowableProxy().getMessage())
			.asString()
			.contains("The session attribute '" + RefusedAttributes.PLAN + "' of type ");
	}

}
