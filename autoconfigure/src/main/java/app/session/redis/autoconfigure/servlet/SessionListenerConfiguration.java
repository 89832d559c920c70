package app.session.redis.autoconfigure.servlet;

import java.util.Collections;
import java.util.EventListener;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.SessionEventAdapter;
import app.session.redis.servlet.SessionListeners;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.web.context.WebApplicationContext;

/**
 * Configuration of the listeners of the Servlet API that are notified of sessions.
 */
@Configuration(proxyBeanMethods = false)
@ImportRuntimeHints(ContainerListeners.Hints.class)
class SessionListenerConfiguration {

	@Bean
	SessionListeners redisSessionListeners(WebApplicationContext context,
			ObjectProvider<HttpSessionListener> sessionListeners,
			ObjectProvider<HttpSessionAttributeListener> attributeListeners,
			ObjectProvider<HttpSessionIdListener> idListeners, SessionScopedBeans beans) {
		return new SessionListeners(() -> distinct(ofContainer(context),
				Stream.<ObjectProvider<? extends EventListener>>of(sessionListeners, attributeListeners, idListeners)
					.flatMap(ObjectProvider::stream)
					.sorted(AnnotationAwareOrderComparator.INSTANCE)),
				beans);
	}

	@Bean
	SessionScopedBeans redisSessionScopedBeans(ApplicationContext context) {
		return new SessionScopedBeans(context);
	}

	/** Includes the beans that Spring Boot has registered with the container. */
	private static List<EventListener> ofContainer(WebApplicationContext context) {
		ServletContext servletContext = context.getServletContext();
		return (servletContext != null) ? ContainerListeners.of(servletContext) : List.of();
	}

	private static List<EventListener> distinct(List<EventListener> ofContainer,
			Stream<? extends EventListener> beans) {
		Set<EventListener> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		return Stream.<EventListener>concat(ofContainer.stream(), beans).filter(seen::add).toList();
	}

	@Bean
	SessionEventAdapter redisSessionEventAdapter(AtomicRedisSessionRepository repository, SessionListeners listeners) {
		return new SessionEventAdapter(repository, listeners);
	}

}
