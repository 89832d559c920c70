package app.session.redis.benchmarks.app;

import app.session.redis.benchmarks.Store;
import jakarta.servlet.http.HttpServlet;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisHttpSession;
import org.springframework.session.data.redis.config.annotation.web.http.EnableRedisIndexedHttpSession;

/**
 * The application under test as a servlet application, on Tomcat.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.SERVLET)
class ServletConfiguration {

	@Bean
	ServletRegistrationBean<HttpServlet> benchmarkServlet(@Value("${store}") String store,
			ObjectProvider<LettuceConnectionFactory> connectionFactory) {
		HttpServlet servlet = (Store.of(store) != Store.HGETALL) ? new SessionServlet()
				: new FloorServlet(NativeCommands.of(connectionFactory.getObject()));
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
