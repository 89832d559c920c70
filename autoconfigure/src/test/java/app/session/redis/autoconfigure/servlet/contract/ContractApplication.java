package app.session.redis.autoconfigure.servlet.contract;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Question;
import app.session.redis.autoconfigure.servlet.contract.Behaviours.FirstFilter;
import app.session.redis.autoconfigure.servlet.contract.Behaviours.Servlet;
import app.session.redis.autoconfigure.servlet.contract.ListenerCalls.AttributeListener;
import app.session.redis.autoconfigure.servlet.contract.ListenerCalls.IdListener;
import app.session.redis.autoconfigure.servlet.contract.ListenerCalls.SessionListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.error.ErrorPage;
import org.springframework.boot.web.error.ErrorPageRegistrar;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The application: one servlet, Spring MVC beside it, and listeners of all kinds.
 */
@SpringBootConfiguration
@EnableAutoConfiguration(excludeName = { "org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration" })
@Import(ContractApplication.Mvc.class)
class ContractApplication {

	@Bean
	Behaviours behaviours() {
		return new Behaviours();
	}

	@Bean
	ServletRegistrationBean<Servlet> servlet(Behaviours behaviours) {
		ServletRegistrationBean<Servlet> registration = new ServletRegistrationBean<>(behaviours.new Servlet(),
				Behaviours.ROOT + "*");
		registration.setMultipartConfig(new MultipartConfigElement(""));
		return registration;
	}

	@Bean
	FilterRegistrationBean<FirstFilter> firstFilter(Behaviours behaviours) {
		FilterRegistrationBean<FirstFilter> registration = new FilterRegistrationBean<>(behaviours.new FirstFilter());
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		registration.setDispatcherTypes(DispatcherType.REQUEST);
		return registration;
	}

	@Bean
	ErrorPageRegistrar errorPages() {
		return (registry) -> registry.addErrorPages(new ErrorPage(HttpStatus.I_AM_A_TEAPOT, Behaviours.ERROR_PAGE),
				new ErrorPage(Behaviour.Failure.class, Behaviours.ERROR_PAGE));
	}

	@Bean
	SessionListener firstSessionListener() {
		return new SessionListener(1);
	}

	@Bean
	SessionListener secondSessionListener() {
		return new SessionListener(2);
	}

	@Bean
	AttributeListener attributeListener() {
		return new AttributeListener();
	}

	@Bean
	IdListener idListener() {
		return new IdListener();
	}

	/** A controller that returns what the test requires, such as asynchronous results. */
	@RestController
	static class Mvc {

		private final Map<Integer, Question<Object>> handlers = new ConcurrentHashMap<>();

		private final AtomicInteger count = new AtomicInteger();

		private final Behaviours behaviours;

		Mvc(Behaviours behaviours) {
			this.behaviours = behaviours;
		}

		/** Gives a handler to a new path. */
		String at(Question<Object> handler) {
			int number = this.count.incrementAndGet();
			this.handlers.put(number, handler);
			return "/mvc/" + number;
		}

		@GetMapping("/mvc/{number}")
		@Nullable Object handle(@PathVariable("number") int number, HttpServletRequest request, HttpServletResponse response)
				throws Exception {
			try {
				return this.handlers.get(number).ask(request, response);
			}
			catch (Throwable ex) {
				this.behaviours.fail(ex);
				throw ex;
			}
		}

	}

}
