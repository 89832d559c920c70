package app.session.redis.webflux;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A node of the application: a separate context with its own server. Nothing may block
 * its event loops.
 */
final class WebFluxNode implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private WebFluxNode(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static WebFluxNode start(RedisServer server, String... properties) {
		return start(server.host(), server.port(), List.of(), properties);
	}

	static WebFluxNode start(TcpProxy proxy, String... properties) {
		return start(proxy.host(), proxy.port(), List.of(), properties);
	}

	static WebFluxNode start(String host, int port, List<Class<?>> sources, String... properties) {
		BlockingCalls.watch();
		List<Class<?>> all = new ArrayList<>(List.of(WebFluxTestApplication.class));
		all.addAll(sources);
		SpringApplication application = new SpringApplication(all.toArray(Class[]::new));
		application.setWebApplicationType(WebApplicationType.REACTIVE);
		application
			.setDefaultProperties(Map.of("server.port", "0", "spring.main.banner-mode", "off", "spring.jmx.enabled",
					"false", "server.shutdown", "immediate", "spring.reactor.netty.shutdown-quiet-period", "0s"));
		List<String> arguments = new ArrayList<>(
				List.of("--app.session.redis.host=" + host, "--app.session.redis.port=" + port));
		List.of(properties).forEach((property) -> arguments.add("--" + property));
		return new WebFluxNode(application.run(arguments.toArray(String[]::new)));
	}

	int port() {
		return ((ReactiveWebServerApplicationContext) this.context).getWebServer().getPort();
	}

	Browser browser() {
		return new Browser(port());
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	@Override
	public void close() {
		this.context.close();
		BlockingCalls.assertNone();
	}

}
