package app.session.redis.benchmarks.app;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import app.session.redis.benchmarks.Store;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/**
 * The application under test: the same servlets for every store, or the same handlers if
 * it is started as a reactive application. It prints {@value #READY} and its port when it
 * is ready.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ ServletConfiguration.class, ReactiveConfiguration.class })
public class BenchmarkApplication {

	/** The beginning of the line that contains the port. */
	public static final String READY = "benchmark application serves port ";

	/**
	 * The argument that adds Actuator. Without it, the application contains only what its
	 * servlets need.
	 */
	public static final String OPERATED = "operated";

	/**
	 * The argument that makes it a reactive application, on Reactor Netty.
	 */
	public static final String REACTIVE = "--spring.main.web-application-type=reactive";

	/** Tomcat is on the class path for servlets. */
	private static final Pattern OTHER_REACTIVE_SERVERS = Pattern
		.compile("org\\.springframework\\.boot\\.tomcat\\..*Reactive.*");

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
		excluded.addAll(autoConfigurations(OTHER_REACTIVE_SERVERS));
		all.add("--spring.autoconfigure.exclude=" + String.join(",", excluded));
		ConfigurableApplicationContext context = SpringApplication.run(BenchmarkApplication.class,
				all.toArray(String[]::new));
		System.out.println(READY + context.getEnvironment().getRequiredProperty("local.server.port"));
	}

	private static List<String> autoConfigurations(Pattern name) {
		return ImportCandidates.load(AutoConfiguration.class, BenchmarkApplication.class.getClassLoader())
			.getCandidates()
			.stream()
			.filter((candidate) -> name.matcher(candidate).matches())
			.toList();
	}

}
