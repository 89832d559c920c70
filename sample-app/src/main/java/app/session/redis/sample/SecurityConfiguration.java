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
 * Form log-in for three users and an administrator. Products and cart are public, users
 * see their devices, and only the administrator sees the operator's page and Actuator.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	private static final String[] PUBLIC = { "/", "/cart/**", "/login", "/error", "/style.css", "/products.svg",
			"/favicon.svg" };

	/**
	 * Actuator, for an administrator who has logged in, and for tools that send name and
	 * password with each request. Both are answered 401 rather than led to the log-in
	 * page, which neither a script nor a tool can use.
	 * @param http the security to configure
	 * @return the filters of Actuator's paths
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
			// Else each request that is turned away would make a session, to be led back
			.requestCache(RequestCacheConfigurer::disable)
			// Nobody else's page can make a browser send this header: without an answer
			// that asks for name and password, the browser has none to send
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
		return User.withUsername(user.name()).password(encoder.encode(user.password())).roles(user.role()).build();
	}

}
