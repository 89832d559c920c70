package app.session.redis.autoconfigure.security;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.authentication.logout.HeaderWriterServerLogoutHandler;
import org.springframework.security.web.server.header.ClearSiteDataServerHttpHeadersWriter;
import org.springframework.security.web.server.header.ClearSiteDataServerHttpHeadersWriter.Directive;

/**
 * Configuration that makes browsers delete what they keep for a site when a user logs
 * out, for reactive applications.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ ServerHttpSecurity.class, ClearSiteDataServerHttpHeadersWriter.class })
public class ReactiveClearSiteDataConfiguration {

	@Bean
	Customizer<ServerHttpSecurity> redisSessionReactiveClearSiteDataCustomizer(RedisSessionProperties properties) {
		Directive[] directives = properties.logout()
			.clearSiteData()
			.stream()
			.map(ReactiveClearSiteDataConfiguration::directive)
			.toArray(Directive[]::new);
		if (directives.length == 0) {
			return Customizer.withDefaults();
		}
		return (http) -> http.logout((logout) -> logout.logoutHandler((handlers) -> handlers
			.add(new HeaderWriterServerLogoutHandler(new ClearSiteDataServerHttpHeadersWriter(directives)))));
	}

	private static Directive directive(RedisSessionProperties.SiteData data) {
		return switch (data) {
			case CACHE -> Directive.CACHE;
			case COOKIES -> Directive.COOKIES;
			case STORAGE -> Directive.STORAGE;
			case EXECUTION_CONTEXTS -> Directive.EXECUTION_CONTEXTS;
			case ALL -> Directive.ALL;
		};
	}

}
