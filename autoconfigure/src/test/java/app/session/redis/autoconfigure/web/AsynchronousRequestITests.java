package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

import app.session.redis.autoconfigure.web.Hooks.Gate;
import app.session.redis.autoconfigure.web.Hooks.Pending;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests sessions that are changed after the request thread has left, and requests that
 * are still in progress when their session ends.
 */
class AsynchronousRequestITests {

	private static RedisServer server;

	private static WebNode node;

	private Browser browser;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		node = WebNode.start(server, "app.session.redis.collector.enabled=false");
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
	}

	@Test
	void changesBeforeADeferredResultIsSetAreSaved() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/deferred");
		Pending pending = node.hooks().takePending();
		pending.session().setAttribute(SessionController.NAME, "deferred");
		SessionController.cart(pending.session()).add("deferred");
		pending.result().setResult("done");
		assertThat(response.join().body()).isEqualTo("done");
		assertThat(this.browser.get("/read").body()).isEqualTo("deferred [apple, deferred]");
	}

	@Test
	void changeInPlaceAloneBeforeADeferredResultIsSetIsSaved() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/deferred");
		Pending pending = node.hooks().takePending();
		SessionController.cart(pending.session()).add("deferred");
		pending.result().setResult("done");
		assertThat(response.join().body()).isEqualTo("done");
		assertThat(this.browser.get("/read").body()).isEqualTo("new [apple, deferred]");
	}

	@Test
	void deferredResultThatFailsRendersTheErrorPageWithTheChangesSaved() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/deferred");
		Pending pending = node.hooks().takePending();
		pending.session().setAttribute(SessionController.NAME, "deferred");
		pending.result().setErrorResult(new IllegalStateException("The test wants an error page"));
		assertThat(response.join().body()).isEqualTo("error page 500 for deferred");
		assertThat(this.browser.get("/read").body()).isEqualTo("deferred [apple]");
	}

	@Test
	void changesWhileStreamingAreSaved() {
		assertThat(this.browser.get("/streaming").body()).isEqualTo("first last");
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.browser.get("/read").body()).isEqualTo("streamed [apple, streamed]"));
	}

	@Test
	void changesBeforeAnAsyncContextIsCompletedAreSaved() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/async-context");
		Pending pending = node.hooks().takePending();
		pending.session().setAttribute(SessionController.NAME, "completed");
		SessionController.cart(pending.session()).add("completed");
		pending.context().getResponse().getWriter().print("done");
		pending.context().complete();
		assertThat(response.join().body()).isEqualTo("done");
		Awaitility.await()
			.untilAsserted(
					() -> assertThat(this.browser.get("/read").body()).isEqualTo("completed [apple, completed]"));
	}

	@Test
	void changeInPlaceAloneBeforeAnAsyncContextIsCompletedIsSaved() throws Exception {
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/async-context");
		Pending pending = node.hooks().takePending();
		pending.context().getResponse().getWriter().print("done");
		pending.context().getResponse().flushBuffer();
		SessionController.cart(pending.session()).add("late");
		pending.context().complete();
		assertThat(response.join().body()).isEqualTo("done");
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.browser.get("/read").body()).isEqualTo("new [apple, late]"));
	}

	@Test
	void sessionThatEndsDuringAsynchronousProcessingStaysEnded() throws Exception {
		Browser other = this.browser.at(node.port());
		CompletableFuture<HttpResponse<String>> response = this.browser.getAsync("/async-context");
		Pending pending = node.hooks().takePending();
		other.logOut();
		pending.session().setAttribute(SessionController.NAME, "late");
		pending.context().complete();
		assertThat(response.join().statusCode()).isEqualTo(200);
		assertNothingIsLeft();
	}

	@Test
	void slowWriterWhoseSessionIsLoggedOutMeanwhileAnswersAndLeavesNothing() {
		assertSlowRequestLeavesNothing("/write?value=late");
	}

	@Test
	void slowReaderWhoseSessionIsLoggedOutMeanwhileAnswersAndLeavesNothing() {
		assertSlowRequestLeavesNothing("/read");
	}

	@Test
	void slowRequestOfASessionThatIsLoggedOutOnAnotherNodeLeavesNothing() {
		try (WebNode other = WebNode.start(server, "app.session.redis.collector.enabled=false")) {
			Browser elsewhere = this.browser.at(other.port());
			elsewhere.logIn("anna");
			this.browser.sessionId(elsewhere.sessionId());
			Gate gate = node.hooks().gate();
			CompletableFuture<HttpResponse<String>> slow = this.browser.getAsync("/write?value=late");
			gate.awaitReached();
			elsewhere.logOut();
			gate.open();
			assertThat(slow.join().statusCode()).isEqualTo(200);
			assertNothingIsLeft();
		}
	}

	@Test
	void slowRequestUnderAnOldIdIsNotSavedAndTheNewIdStays() {
		Browser other = this.browser.at(node.port());
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> slow = this.browser.getAsync("/write?value=late");
		gate.awaitReached();
		other.logIn("anna");
		gate.open();
		HttpResponse<String> response = slow.join();
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().allValues("Set-Cookie")).noneMatch((cookie) -> cookie.startsWith("SESSION="));
		assertThat(other.get("/private/read").body()).isEqualTo("new [apple]");
	}

	private void assertSlowRequestLeavesNothing(String path) {
		Browser other = this.browser.at(node.port());
		other.logIn("anna");
		this.browser.sessionId(other.sessionId());
		Gate gate = node.hooks().gate();
		CompletableFuture<HttpResponse<String>> slow = this.browser.getAsync(path);
		gate.awaitReached();
		other.logOut();
		gate.open();
		assertThat(slow.join().statusCode()).isEqualTo(200);
		assertNothingIsLeft();
	}

	/** The hints are written in the background. */
	private static void assertNothingIsLeft() {
		Awaitility.await().untilAsserted(() -> assertThat(server.keys()).isEmpty());
		assertThat(node.browser().get("/read").body()).isEqualTo("none");
		assertThat(server.keys()).isEmpty();
	}

}
