package app.session.redis.autoconfigure.security;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.authentication.logout.HeaderWriterLogoutHandler;
import org.springframework.security.web.header.writers.ClearSiteDataHeaderWriter;
import org.springframework.security.web.header.writers.ClearSiteDataHeaderWriter.Directive;

/**
 * Configuration that makes browsers delete what they keep for a site when a user logs
 * out.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ HttpSecurity.class, ClearSiteDataHeaderWriter.class })
public class ClearSiteDataConfiguration {

	@Bean
	Customizer<HttpSecurity> redisSessionClearSiteDataCustomizer(RedisSessionProperties properties) {
		Directive[] directives = properties.logout()
			.clearSiteData()
			.stream()
			.map((data) -> Directive.valueOf(data.name()))
			.toArray(Directive[]::new);
		if (directives.length == 0) {
			return Customizer.withDefaults();
		}
		return (http) -> http.logout((logout) -> logout
			.addLogoutHandler(new HeaderWriterLogoutHandler(new ClearSiteDataHeaderWriter(directives))));
	}

}
