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
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;

/**
 * Configuration of the listeners of the Servlet API that are notified of sessions.
 */
@Configuration(proxyBeanMethods = false)
class SessionListenerConfiguration {

	@Bean
	SessionListeners redisSessionListeners(ObjectProvider<HttpSessionListener> sessionListeners,
			ObjectProvider<HttpSessionAttributeListener> attributeListeners,
			ObjectProvider<HttpSessionIdListener> idListeners) {
		return new SessionListeners(
				() -> distinct(sessionListeners.stream(), attributeListeners.stream(), idListeners.stream()));
	}

	@SafeVarargs
	@SuppressWarnings("varargs")
	private static List<EventListener> distinct(Stream<? extends EventListener>... listeners) {
		Set<EventListener> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		return Stream.of(listeners)
			.<EventListener>flatMap((each) -> each)
			.filter(seen::add)
			.sorted(AnnotationAwareOrderComparator.INSTANCE)
			.toList();
	}

	@Bean
	SessionEventAdapter redisSessionEventAdapter(AtomicRedisSessionRepository repository, SessionListeners listeners) {
		return new SessionEventAdapter(repository, listeners);
	}

}
