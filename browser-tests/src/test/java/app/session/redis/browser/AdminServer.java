package app.session.redis.browser;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import de.codecentric.boot.admin.server.config.EnableAdminServer;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server of Spring Boot Admin.
 */
final class AdminServer implements AutoCloseable {

	private static final JsonMapper JSON = new JsonMapper();

	private final ConfigurableApplicationContext context;

	AdminServer() {
		this.context = new SpringApplicationBuilder(Application.class).run("--server.port=0");
	}

	/**
	 * Registers the shop, as Spring Boot Admin's client would do it.
	 * @param shop the instance
	 * @return the id that the instance has here
	 */
	String register(Shop shop) {
		String registration = """
				{ "name": "shop", "managementUrl": "%1$s", "healthUrl": "%1$s/health", "serviceUrl": "%2$s",
				  "metadata": { "user.name": "%3$s", "user.password": "%4$s" } }""".formatted(shop.url("/actuator"),
				shop.url("/"), Shop.ADMIN, Shop.ADMINS_PASSWORD);
		HttpRequest request = HttpRequest.newBuilder(URI.create(url("/instances")))
			.header("Content-Type", "application/json")
			.header("Accept", "application/json")
			.POST(BodyPublishers.ofString(registration))
			.build();
		try {
			HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
			assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
			return JSON.readTree(response.body()).path("id").asString();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	String url(String path) {
		return "http://localhost:" + this.context.getEnvironment().getRequiredProperty("local.server.port") + path;
	}

	@Override
	public void close() {
		this.context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAdminServer
	static class Application {

	}

}
