package app.session.redis.sample;

import app.session.redis.sample.device.DeviceRecorder;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.RequestCacheConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;

/**
 * Security configuration with form login for three users and an administrator. Products
 * and cart are public, users see their devices, and only the administrator has access to
 * the operator's page and Actuator.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	private static final String[] PUBLIC = { "/", "/cart/**", "/login", "/error", "/style.css", "/products.svg",
			"/favicon.svg" };

	/**
	 * Secures Actuator for logged-in administrators and for tools that send a username
	 * and password with each request. Requests without permission receive 401 instead of
	 * a redirect to the login page, which neither a script nor a tool can use.
	 * @param http the {@code HttpSecurity} to configure
	 * @return the filter chain for Actuator's paths
	 */
	@Bean
	@Order(1)
	SecurityFilterChain actuatorSecurity(HttpSecurity http) {
		AuthenticationEntryPoint unauthorized = new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED);
		return http.securityMatcher("/actuator/**")
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/actuator/health/**")
				.permitAll()
				.anyRequest()
				.hasRole(DemoUser.ADMIN))
			.httpBasic((basic) -> basic.authenticationEntryPoint(unauthorized))
			.exceptionHandling((exceptions) -> exceptions.authenticationEntryPoint(unauthorized))
			// Otherwise each rejected request would create a session to save the request
			.requestCache(RequestCacheConfigurer::disable)
			// Other sites can't make a browser send this header: the browser stores no
			// credentials, since no response asks for them
			.csrf((csrf) -> csrf.csrfTokenRepository(new CookieCsrfTokenRepository())
				.ignoringRequestMatchers((request) -> request.getHeader(HttpHeaders.AUTHORIZATION) != null))
			.build();
	}

	@Bean
	@Order(2)
	SecurityFilterChain shopSecurity(HttpSecurity http, DeviceRecorder deviceRecorder,
			RememberMeServices rememberMeServices) {
		return http
			.authorizeHttpRequests((requests) -> requests.requestMatchers(PUBLIC)
				.permitAll()
				.requestMatchers("/operator/**")
				.hasRole(DemoUser.ADMIN)
				.anyRequest()
				.authenticated())
			.formLogin((login) -> login.loginPage("/login").successHandler(deviceRecorder).permitAll())
			// "Stay signed in": the session lasts longer, without a separate token
			.rememberMe((rememberMe) -> rememberMe.rememberMeServices(rememberMeServices))
			.logout((logout) -> logout.logoutSuccessUrl("/login?logout"))
			// In a cookie rather than in the session, so that a visitor who only browses
			// needs no session: it is created when a product is added to the cart
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
		return User.withUsername(user.name()).password(encoder.encode(user.password())).roles(user.role()).build();
	}

}
