package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The requests whose commands are counted, which are the same for every repository.
 */
final class CountedRequests {

	private static final AtomicInteger principals = new AtomicInteger();

	private final WebNode node;

	private final RequestCosts costs;

	CountedRequests(WebNode node, RequestCosts costs) {
		this.node = node;
		this.costs = costs;
	}

	Cost readOnly() {
		return count(this::withSession, (browser) -> browser.get("/read"), "new [apple]");
	}

	Cost changedAttribute() {
		AtomicInteger value = new AtomicInteger();
		return count(this::withSession, (browser) -> browser.get("/write?value=" + value.incrementAndGet()), null);
	}

	Cost changeInPlace() {
		return count(this::withSession, (browser) -> browser.get("/in-place?value=pear"), "pear");
	}

	Cost newSession() {
		return count(this.node::browser, (browser) -> browser.get("/new"), "new");
	}

	Cost newSessionWithPrincipal() {
		return count(this.node::browser, (browser) -> browser.get("/new-with-principal?principal=carl"), "new");
	}

	Cost logIn() {
		Map<Browser, String> tokens = new ConcurrentHashMap<>();
		return count(() -> {
			Browser browser = withSession();
			tokens.put(browser, browser.csrf());
			return browser;
		}, (browser) -> {
			String before = browser.sessionId();
			HttpResponse<String> response = browser.post("/login",
					Map.of("username", "anna", "password", "secret", "_csrf", tokens.get(browser)));
			assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/ok");
			assertThat(browser.sessionId()).isNotEqualTo(before);
			return response;
		}, null);
	}

	Cost logOut() {
		Map<Browser, String> tokens = new ConcurrentHashMap<>();
		return count(() -> {
			Browser browser = withSession();
			browser.logIn("anna");
			tokens.put(browser, browser.csrf());
			return browser;
		}, (browser) -> {
			HttpResponse<String> response = browser.post("/logout", Map.of("_csrf", tokens.get(browser)));
			assertThat(response.headers().firstValue("Location").orElse("")).endsWith("/ok");
			assertThat(browser.has(Browser.SESSION_COOKIE)).isFalse();
			return response;
		}, null);
	}

	Cost findByPrincipal(int sessions) {
		String principal = "principal-" + principals.incrementAndGet();
		for (int i = 0; i < sessions; i++) {
			this.node.browser().get("/new-with-principal?principal=" + principal);
		}
		return count(this.node::browser, (browser) -> browser.get("/find?principal=" + principal),
				Integer.toString(sessions));
	}

	Cost noCookie() {
		return count(this.node::browser, (browser) -> browser.get("/read"), "none");
	}

	Cost cookie(String id) {
		return count(() -> this.node.browser().sessionId(id), (browser) -> browser.get("/read"), "none");
	}

	Cost get(String path, String answer) {
		return count(this::withSession, (browser) -> browser.get(path), answer);
	}

	Browser withSession() {
		Browser browser = this.node.browser();
		assertThat(browser.get("/new").body()).isEqualTo("new");
		return browser;
	}

	private Cost count(Supplier<Browser> preparation, Function<Browser, HttpResponse<String>> request, String answer) {
		return this.costs.of(preparation, (browser) -> {
			HttpResponse<String> response = request.apply(browser);
			assertThat(response.statusCode()).isLessThan(500);
			if (answer != null) {
				assertThat(response.body()).isEqualTo(answer);
			}
		});
	}

}
