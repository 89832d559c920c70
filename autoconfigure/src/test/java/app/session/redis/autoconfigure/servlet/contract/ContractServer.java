package app.session.redis.autoconfigure.servlet.contract;

import java.util.List;
import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A web server with a servlet whose behaviour the tests determine, for each request.
 */
final class ContractServer implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private ContractServer(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static ContractServer start(List<String> properties) {
		SpringApplication application = new SpringApplication(ContractApplication.class);
		application.setDefaultProperties(Map.of("server.port", "0", "spring.main.banner-mode", "off",
				"spring.jmx.enabled", "false", "server.shutdown", "immediate"));
		return new ContractServer(
				application.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new)));
	}

	int port() {
		return ((ServletWebServerApplicationContext) this.context).getWebServer().getPort();
	}

	boolean isJetty() {
		return ((ServletWebServerApplicationContext) this.context).getWebServer()
			.getClass()
			.getName()
			.contains(".jetty.");
	}

	Behaviours behaviours() {
		return this.context.getBean(Behaviours.class);
	}

	ContractApplication.Mvc mvc() {
		return this.context.getBean(ContractApplication.Mvc.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

}
