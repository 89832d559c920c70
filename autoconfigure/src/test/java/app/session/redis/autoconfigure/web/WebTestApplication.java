package app.session.redis.autoconfigure.web;

import java.io.IOException;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.security.SpringSessionBackedSessionRegistry;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * An application with Spring MVC and Spring Security's form login.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ SessionController.class, DispatchController.class, ErrorPageController.class, LockController.class,
		LockController.OfClass.class, Hooks.class })
class WebTestApplication {

	/**
	 * With the lowest strength, because the default strength takes longer than a test.
	 */
	@Bean
	PasswordEncoder passwordEncoder() {
		return new BCryptPasswordEncoder(4);
	}

	@Bean
	UserDetailsService users(PasswordEncoder passwordEncoder) {
		String password = passwordEncoder.encode("secret");
		return new InMemoryUserDetailsManager(User.withUsername("anna").password(password).roles("USER").build(),
				User.withUsername("ben").password(password).roles("USER").build());
	}

	@Bean
	SecurityFilterChain securityFilterChain(HttpSecurity http, Hooks hooks,
			ObjectProvider<FindByIndexNameSessionRepository<? extends Session>> repository,
			ObjectProvider<RememberMeServices> rememberMeServices,
			@Value("${test.maximum-sessions:0}") int maximumSessions,
			@Value("${test.unlimited-user:}") String unlimitedUser,
			@Value("${test.max-sessions-prevents-login:false}") boolean maxSessionsPreventsLogin,
			@Value("${test.registry-in-memory:false}") boolean registryInMemory,
			@Value("${test.remember-me:false}") boolean rememberMe, @Value("${test.csrf:true}") boolean csrf)
			throws Exception {
		http.authorizeHttpRequests(
				(requests) -> requests.requestMatchers("/private/**").authenticated().anyRequest().permitAll());
		http.formLogin((login) -> login.defaultSuccessUrl("/ok", true));
		http.logout((logout) -> logout.addLogoutHandler((request, response, authentication) -> hooks.run())
			.logoutSuccessUrl("/ok"));
		if (!csrf) {
			http.csrf(AbstractHttpConfigurer::disable);
		}
		if (maximumSessions > 0) {
			http.sessionManagement((sessions) -> sessions.sessionConcurrency((concurrency) -> {
				concurrency.maximumSessions((user) -> user.getName().equals(unlimitedUser) ? -1 : maximumSessions)
					.maxSessionsPreventsLogin(maxSessionsPreventsLogin);
				if (!registryInMemory) {
					concurrency.sessionRegistry(new SpringSessionBackedSessionRegistry<>(repository.getObject()));
				}
			}));
		}
		if (rememberMe) {
			http.rememberMe((remember) -> remember.rememberMeServices(rememberMeServices.getObject()));
		}
		return http.build();
	}

	/**
	 * A filter of the application that needs the session, after the filter that provides
	 * it.
	 */
	@Bean
	OncePerRequestFilter readingFilter() {
		return new OncePerRequestFilter() {

			@Override
			protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
					throws ServletException, IOException {
				if (request.getDispatcherType() == DispatcherType.REQUEST
						&& request.getRequestURI().equals("/in-filter")) {
					request.getSession(false);
				}
				chain.doFilter(request, response);
			}

		};
	}

}
