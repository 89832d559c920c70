package app.session.redis.autoconfigure.web;

import java.net.http.HttpResponse;
import java.util.Map;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the {@code Clear-Site-Data} header of the response to a log-out.
 */
class ClearSiteDataITests {

	private static final Map<String, String> HTTPS = Map.of("X-Forwarded-Proto", "https");

	private final RedisServer server = SharedRedis.standalone();

	private WebNode node;

	private void start(String... properties) {
		this.node = WebNode.start(this.server, properties);
	}

	@AfterEach
	void stop() {
		this.node.close();
	}

	private HttpResponse<String> logOut(Map<String, String> headers) {
		Browser browser = this.node.browser();
		browser.post("/login", Map.of("username", "anna", "password", "secret"));
		return browser.get("/logout", headers);
	}

	@Test
	void logOutOverHttps_sendsTheConfiguredDirectives() {
		start("test.csrf=false", "server.forward-headers-strategy=native",
				"app.session.redis.logout.clear-site-data=cache,execution-contexts");
		assertThat(logOut(HTTPS).headers().firstValue("Clear-Site-Data")).hasValue("\"cache\", \"executionContexts\"");
		assertThat(logOut(Map.of()).headers().firstValue("Clear-Site-Data")).isEmpty();
	}

	@Test
	void byDefault_nothingIsDeleted() {
		start("test.csrf=false", "server.forward-headers-strategy=native");
		assertThat(logOut(HTTPS).headers().firstValue("Clear-Site-Data")).isEmpty();
	}

}
