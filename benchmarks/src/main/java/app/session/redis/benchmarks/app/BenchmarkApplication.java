package app.session.redis.benchmarks.app;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import app.session.redis.benchmarks.Store;
import jakarta.servlet.http.HttpServlet;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisHttpSession;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisIndexedHttpSession;

/**
 * The application under test: the same servlets for every store. It prints
 * {@value #READY} and its port when it is ready.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
public class BenchmarkApplication {

	/** The beginning of the line that contains the port. */
	public static final String READY = "benchmark application serves port ";

	/**
	 * The argument that adds Actuator. Without it, the application contains only what its
	 * servlets need.
	 */
	public static final String OPERATED = "operated";

	private static final Pattern OURS = Pattern.compile("app\\.session\\.redis\\..*");

	private static final Pattern FOR_OPERATORS = Pattern
		.compile("org\\.springframework\\.boot\\..*(actuate|health|micrometer|observation|Endpoint).*");

	/**
	 * Starts the application.
	 * @param args {@code --store=} and properties
	 */
	public static void main(String[] args) {
		List<String> all = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off",
				"--spring.jmx.enabled=false", "--logging.level.root=warn",
				// Otherwise, Tomcat closes a connection after 100 requests
				"--server.tomcat.max-keep-alive-requests=-1"));
		all.addAll(List.of(args));
		List<String> excluded = new ArrayList<>();
		if (all.stream().noneMatch((arg) -> arg.startsWith("--store=" + Store.REDIS_SESSION))) {
			excluded.addAll(autoConfigurations(OURS));
		}
		if (!all.contains("--" + OPERATED + "=true")) {
			excluded.addAll(autoConfigurations(FOR_OPERATORS));
		}
		all.add("--spring.autoconfigure.exclude=" + String.join(",", excluded));
		ServletWebServerApplicationContext context = (ServletWebServerApplicationContext) SpringApplication
			.run(BenchmarkApplication.class, all.toArray(String[]::new));
		int port = (context.getWebServer() != null) ? context.getWebServer().getPort() : -1;
		System.out.println(READY + port);
	}

	private static List<String> autoConfigurations(Pattern name) {
		return ImportCandidates.load(AutoConfiguration.class, BenchmarkApplication.class.getClassLoader())
			.getCandidates()
			.stream()
			.filter((candidate) -> name.matcher(candidate).matches())
			.toList();
	}

	@Bean
	ServletRegistrationBean<HttpServlet> benchmarkServlet(@Value("${store}") String store,
			ObjectProvider<LettuceConnectionFactory> connectionFactory) {
		HttpServlet servlet = (Store.of(store) != Store.HGETALL) ? new SessionServlet()
				: new FloorServlet(connectionFactory.getObject());
		return new ServletRegistrationBean<>(servlet, "/new", "/read", "/read-all", "/write", "/login", "/logout",
				"/nosession");
	}

	@Bean
	ServletRegistrationBean<ControlServlet> controlServlet(
			ObjectProvider<SessionRepository<? extends Session>> repository) {
		return new ServletRegistrationBean<>(new ControlServlet(repository.getIfAvailable()), "/control/*");
	}

	/** Spring Session's repository without an index. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "store", havingValue = "spring-default")
	@EnableRedisHttpSession
	static class SpringDefaultConfiguration {

	}

	/** Spring Session's repository with an index. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "store", havingValue = "spring-indexed")
	@EnableRedisIndexedHttpSession
	static class SpringIndexedConfiguration {

	}

}
