package app.session.redis.benchmarks.app;

import app.session.redis.benchmarks.Store;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.config.annotation.web.server.EnableRedisIndexedWebSession;
import org.springframework.session.data.redis.config.annotation.web.server.EnableRedisWebSession;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The application under test as a reactive application, on Reactor Netty.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.REACTIVE)
class ReactiveConfiguration {

	@Bean
	RouterFunction<ServerResponse> benchmarkRoutes(@Value("${store}") String store,
			ObjectProvider<LettuceConnectionFactory> connectionFactory) {
		RouterFunctions.Builder routes = RouterFunctions.route()
			.GET("/nosession", (request) -> WebSessionHandler.answer("ok"))
			.GET("/control/allocated", (request) -> WebSessionHandler.answer(Long.toString(Allocation.bytes())));
		if (Store.of(store) == Store.HGETALL) {
			ReactiveFloorHandler floor = new ReactiveFloorHandler(NativeCommands.of(connectionFactory.getObject()));
			return routes.GET("/read", floor::read).POST("/new", floor::create).build();
		}
		return routes.GET("/read", WebSessionHandler::read)
			.POST("/write", WebSessionHandler::write)
			.POST("/new", WebSessionHandler::create)
			.POST("/login", WebSessionHandler::logIn)
			.POST("/logout", WebSessionHandler::logOut)
			.build();
	}

	/** Spring Session's reactive repository without an index. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "store", havingValue = "spring-default")
	@EnableRedisWebSession
	static class SpringDefaultConfiguration {

	}

	/** Spring Session's reactive repository with an index. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "store", havingValue = "spring-indexed")
	@EnableRedisIndexedWebSession
	static class SpringIndexedConfiguration {

	}

}
