package app.session.redis.sample;

import app.session.redis.sample.device.DeviceRecorder;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;

/**
 * Form log-in for three users; all but their devices is public.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	private static final String[] PUBLIC = { "/", "/cart/**", "/login", "/error", "/style.css", "/products.svg",
			"/favicon.svg", "/actuator/health/**" };

	@Bean
	SecurityFilterChain shopSecurity(HttpSecurity http, DeviceRecorder deviceRecorder,
			RememberMeServices rememberMeServices) {
		return http
			.authorizeHttpRequests(
					(requests) -> requests.requestMatchers(PUBLIC).permitAll().anyRequest().authenticated())
			.formLogin((login) -> login.loginPage("/login").successHandler(deviceRecorder).permitAll())
			// "Stay signed in": the session lives longer, no token of its own is needed
			.rememberMe((rememberMe) -> rememberMe.rememberMeServices(rememberMeServices))
			.logout((logout) -> logout.logoutSuccessUrl("/login?logout"))
			// In a cookie rather than in the session, so that a visitor who only looks
			// needs no session: the first one is made when something is put into the cart
			.csrf((csrf) -> csrf.csrfTokenRepository(new CookieCsrfTokenRepository()))
			.headers((headers) -> headers
				.contentSecurityPolicy((policy) -> policy.policyDirectives("default-src 'self'; form-action 'self'")))
			.build();
	}

	@Bean
	PasswordEncoder passwordEncoder() {
		return PasswordEncoderFactories.createDelegatingPasswordEncoder();
	}

	@Bean
	UserDetailsService users(PasswordEncoder encoder) {
		return new InMemoryUserDetailsManager(DemoUser.ALL.stream().map((user) -> details(user, encoder)).toList());
	}

	private static UserDetails details(DemoUser user, PasswordEncoder encoder) {
		return User.withUsername(user.name()).password(encoder.encode(user.password())).roles("USER").build();
	}

}
