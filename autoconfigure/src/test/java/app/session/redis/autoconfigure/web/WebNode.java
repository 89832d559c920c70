package app.session.redis.autoconfigure.web;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.context.WebApplicationContext;

/**
 * A node of the application: a separate context with its own Tomcat or Jetty.
 */
final class WebNode implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private WebNode(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static WebNode start(RedisServer server, String... properties) {
		return start(server.host(), server.port(), properties);
	}

	static WebNode start(TcpProxy proxy, String... properties) {
		return start(proxy.host(), proxy.port(), properties);
	}

	private static WebNode start(String host, int port, String... properties) {
		List<String> all = new ArrayList<>(List.of("app.session.redis.host=" + host, "app.session.redis.port=" + port));
		all.addAll(Arrays.asList(properties));
		return start(List.of(WebTestApplication.class), all);
	}

	static WebNode start(List<Class<?>> sources, List<String> properties) {
		SpringApplication application = new SpringApplication(sources.toArray(Class[]::new));
		application.setDefaultProperties(Map.of("server.port", "0", "spring.main.banner-mode", "off",
				"spring.jmx.enabled", "false", "server.shutdown", "immediate",
				// There are none, and each start would search for them
				"spring.data.redis.repositories.enabled", "false"));
		return new WebNode(
				application.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new)));
	}

	int port() {
		return ((ServletWebServerApplicationContext) this.context).getWebServer().getPort();
	}

	/** Whether it uses Jetty instead of Tomcat. */
	boolean isJetty() {
		return ((ServletWebServerApplicationContext) this.context).getWebServer()
			.getClass()
			.getName()
			.contains(".jetty.");
	}

	Browser browser() {
		return new Browser(port());
	}

	WebApplicationContext context() {
		return (WebApplicationContext) this.context;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	<T> T bean(String name, Class<T> type) {
		return this.context.getBean(name, type);
	}

	/** The hooks for tests. */
	Hooks hooks() {
		return bean(Hooks.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

}
