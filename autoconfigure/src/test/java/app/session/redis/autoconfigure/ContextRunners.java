package app.session.redis.autoconfigure;

import app.session.redis.test.SharedRedis;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.session.autoconfigure.SessionAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;

/**
 * Contexts of a servlet application that has the starter.
 */
public final class ContextRunners {

	private ContextRunners() {
	}

	/**
	 * Returns an application that is deployed to a servlet container.
	 * @return the application
	 */
	public static WebApplicationContextRunner application() {
		return application(new WebApplicationContextRunner());
	}

	/**
	 * Returns an application with an embedded servlet container that requires no server.
	 * @return the application
	 */
	public static WebApplicationContextRunner embedded() {
		return application(new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new))
			.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class))
			.withPropertyValues("server.port=0", "app.session.redis.startup=lazy",
					"app.session.redis.collector.enabled=false");
	}

	private static WebApplicationContextRunner application(WebApplicationContextRunner contextRunner) {
		return contextRunner.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class,
				DataRedisAutoConfiguration.class, DataRedisReactiveAutoConfiguration.class,
				RedisSessionAutoConfiguration.class, RedisSessionBackOffAutoConfiguration.class,
				RedisSessionReactiveAutoConfiguration.class, SessionAutoConfiguration.class));
	}

	/**
	 * Returns an application whose sessions are stored in the shared server.
	 * @return the application
	 */
	public static WebApplicationContextRunner sharedRedis() {
		return application().withPropertyValues("app.session.redis.port=" + SharedRedis.standalone().port());
	}

	/**
	 * Returns an application that requires no server.
	 * @return the application
	 */
	public static WebApplicationContextRunner noRedis() {
		return application().withPropertyValues("app.session.redis.startup=lazy",
				"app.session.redis.collector.enabled=false");
	}

}
