package app.session.redis.autoconfigure.security;

import java.util.List;

import app.session.redis.event.SessionEndListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSessionListener;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.session.HttpSessionEventPublisher;
import org.springframework.session.web.http.SessionEventHttpSessionListenerAdapter;
import org.springframework.web.context.WebApplicationContext;

/**
 * Configuration that makes an {@link HttpSessionEventPublisher} bean publish the end of a
 * session on each node that has served the session, not only on one. Spring Security's
 * registries need this, because they hold sessions in the memory of each node.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(HttpSessionEventPublisher.class)
@ConditionalOnBean(HttpSessionEventPublisher.class)
public class HttpSessionEndConfiguration {

	/**
	 * Registers the listener that is notified when a session ends on another node. It is
	 * not an {@code ApplicationListener}: session ends that are published on this node
	 * reach the publishers through Spring Session's adapter.
	 */
	@Bean
	@ConditionalOnMissingBean
	SessionEndListener redisSessionHttpSessionEndListener(ObjectProvider<HttpSessionEventPublisher> publishers,
			WebApplicationContext context) {
		List<HttpSessionListener> listeners = publishers.orderedStream().map(HttpSessionListener.class::cast).toList();
		SessionEventHttpSessionListenerAdapter adapter = new SessionEventHttpSessionListenerAdapter(listeners);
		return (event) -> {
			ServletContext servletContext = context.getServletContext();
			if (servletContext != null) {
				adapter.setServletContext(servletContext);
				adapter.onApplicationEvent(event);
			}
		};
	}

}
