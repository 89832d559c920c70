package app.session.redis.autoconfigure.security;

import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.reactive.SingleRefreshReactiveAuthorizedClientManager;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.server.AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.WebSessionServerOAuth2AuthorizedClientRepository;

/**
 * Configuration that keeps authorized clients in the session and refreshes each access
 * token once, for reactive applications.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ ReactiveOAuth2AuthorizedClientManager.class, ServerOAuth2AuthorizedClientRepository.class })
@ConditionalOnBooleanProperty("app.session.redis.lock.token-refresh")
public class ReactiveTokenRefreshConfiguration {

	/** Spring Boot's default keeps authorized clients in the memory of a node. */
	@Bean
	@ConditionalOnMissingBean(ServerOAuth2AuthorizedClientRepository.class)
	WebSessionServerOAuth2AuthorizedClientRepository redisSessionServerAuthorizedClientRepository() {
		return new WebSessionServerOAuth2AuthorizedClientRepository();
	}

	@Bean
	static BeanPostProcessor redisSessionReactiveAuthorizedClientManagers(
			ObjectProvider<ReactiveAtomicRedisSessionRepository> sessions,
			ObjectProvider<ServerOAuth2AuthorizedClientRepository> clients) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (!(bean instanceof ReactiveOAuth2AuthorizedClientManager manager)
						|| bean instanceof SingleRefreshReactiveAuthorizedClientManager) {
					return bean;
				}
				ServerOAuth2AuthorizedClientRepository repository = clients.getObject();
				TokenRefresh.requireInSession(repository,
						repository instanceof AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository,
						WebSessionServerOAuth2AuthorizedClientRepository.class);
				return new SingleRefreshReactiveAuthorizedClientManager(sessions.getObject(), manager, repository);
			}

		};
	}

}
