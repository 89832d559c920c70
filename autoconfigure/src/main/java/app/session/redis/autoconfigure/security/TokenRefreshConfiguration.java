package app.session.redis.autoconfigure.security;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.servlet.SingleRefreshAuthorizedClientManager;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;

/**
 * Configuration that keeps authorized clients in the session and refreshes each access
 * token once.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ OAuth2AuthorizedClientManager.class, OAuth2AuthorizedClientRepository.class })
@ConditionalOnBooleanProperty("app.session.redis.lock.token-refresh")
public class TokenRefreshConfiguration {

	/** Spring Boot's default keeps authorized clients in the memory of a node. */
	@Bean
	@ConditionalOnMissingBean(OAuth2AuthorizedClientRepository.class)
	HttpSessionOAuth2AuthorizedClientRepository redisSessionAuthorizedClientRepository() {
		return new HttpSessionOAuth2AuthorizedClientRepository();
	}

	@Bean
	static BeanPostProcessor redisSessionAuthorizedClientManagers(ObjectProvider<AtomicRedisSessionRepository> sessions,
			ObjectProvider<OAuth2AuthorizedClientRepository> clients) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (!(bean instanceof OAuth2AuthorizedClientManager manager)
						|| bean instanceof SingleRefreshAuthorizedClientManager) {
					return bean;
				}
				OAuth2AuthorizedClientRepository repository = clients.getObject();
				TokenRefresh.requireInSession(repository,
						repository instanceof AuthenticatedPrincipalOAuth2AuthorizedClientRepository,
						HttpSessionOAuth2AuthorizedClientRepository.class);
				return new SingleRefreshAuthorizedClientManager(sessions.getObject(), manager, repository);
			}

		};
	}

}
