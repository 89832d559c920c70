package app.session.redis.gateway;

import java.util.ArrayList;
import java.util.List;

import app.session.redis.sample.gateway.GatewayApplication;
import app.session.redis.test.FormClient;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The sample gateway, with further configuration for some tests.
 */
final class Gateway implements AutoCloseable {

	private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

	private final ConfigurableApplicationContext context;

	private Gateway(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static Gateway start(String redisHost, int redisPort, List<Class<?>> configuration, String... properties) {
		List<Class<?>> sources = new ArrayList<>(List.of(GatewayApplication.class));
		sources.addAll(configuration);
		List<String> args = new ArrayList<>(
				List.of("--server.port=0", "--spring.main.banner-mode=off", "--spring.jmx.enabled=false",
						"--server.shutdown=immediate", "--spring.reactor.netty.shutdown-quiet-period=0s",
						"--app.session.redis.hosts=" + redisHost + ":" + redisPort));
		List.of(properties).forEach((property) -> args.add("--" + property));
		return new Gateway(SpringApplication.run(sources.toArray(Class[]::new), args.toArray(String[]::new)));
	}

	String url(String path) {
		return "http://localhost:" + this.context.getEnvironment().getProperty("local.server.port") + path;
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	static FormClient browser() {
		return new FormClient(USER_AGENT);
	}

	@Override
	public void close() {
		this.context.close();
	}

}
