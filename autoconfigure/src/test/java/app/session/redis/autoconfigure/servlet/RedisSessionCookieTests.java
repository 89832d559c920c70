package app.session.redis.autoconfigure.servlet;

import java.util.List;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.session.CookieRenewal;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.session.web.http.CookieSerializer;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.session.web.http.HeaderHttpSessionIdResolver;
import org.springframework.session.web.http.HttpSessionIdResolver;
import org.springframework.session.web.http.SessionRepositoryFilter;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class RedisSessionCookieTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.embedded();

	@Test
	void nothingSet_isTheDocumentedDefault() {
		this.contextRunner.run((context) -> assertThat(cookie(context)).startsWith("SESSION=")
			.contains("; Path=/shop", "; HttpOnly", "; SameSite=Lax")
			.doesNotContain("Domain", "Secure", "Partitioned", "Max-Age"));
	}

	@Test
	void nothingSetInAWar_isTheDocumentedDefault() {
		ContextRunners.noRedis()
			.run((context) -> assertThat(cookie(context)).startsWith("SESSION=")
				.contains("; HttpOnly", "; SameSite=Lax"));
	}

	@Test
	void ownPropertiesSetInAWar_areUsed() {
		ContextRunners.noRedis()
			.withPropertyValues("app.session.redis.cookie.http-only=false", "app.session.redis.cookie.same-site=strict")
			.run((context) -> assertThat(cookie(context)).contains("; SameSite=Strict").doesNotContain("HttpOnly"));
	}

	@Test
	void serverPropertiesSetInAWar_neitherSetNorRenewTheCookie() {
		ContextRunners.noRedis().withPropertyValues("server.servlet.session.cookie.max-age=2m").run((context) -> {
			assertThat(cookie(context)).doesNotContain("Max-Age");
			assertThat(isRenewed(context)).isFalse();
		});
	}

	@Test
	void maxAgeOfTheContainerInAWar_setsAndRenewsTheCookie() {
		ContextRunners.noRedis()
			.withInitializer((context) -> ((WebApplicationContext) context).getServletContext()
				.getSessionCookieConfig()
				.setMaxAge(120))
			.run((context) -> {
				assertThat(cookie(context)).contains("Max-Age=120");
				assertThat(isRenewed(context)).isTrue();
			});
	}

	@Test
	void serverPropertiesSet_areUsed() {
		this.contextRunner
			.withPropertyValues("server.servlet.session.cookie.name=BOOT", "server.servlet.session.cookie.path=/boot",
					"server.servlet.session.cookie.http-only=false", "server.servlet.session.cookie.same-site=strict")
			.run((context) -> assertThat(cookie(context)).startsWith("BOOT=")
				.contains("; Path=/boot", "; SameSite=Strict")
				.doesNotContain("HttpOnly"));
	}

	@Test
	void ownPropertiesSet_winOverTheServers() {
		this.contextRunner
			.withPropertyValues("server.servlet.session.cookie.name=BOOT", "server.servlet.session.cookie.path=/boot",
					"server.servlet.session.cookie.domain=boot.example.com",
					"server.servlet.session.cookie.http-only=false", "server.servlet.session.cookie.secure=false",
					"server.servlet.session.cookie.same-site=strict", "server.servlet.session.cookie.max-age=1",
					"server.servlet.session.cookie.partitioned=false", "app.session.redis.cookie.name=OWN",
					"app.session.redis.cookie.path=/own", "app.session.redis.cookie.domain=own.example.com",
					"app.session.redis.cookie.http-only=true", "app.session.redis.cookie.secure=true",
					"app.session.redis.cookie.same-site=none", "app.session.redis.cookie.max-age=2m",
					"app.session.redis.cookie.partitioned=true")
			.run((context) -> assertThat(cookie(context)).startsWith("OWN=")
				.contains("; Path=/own", "; Domain=own.example.com", "; HttpOnly", "; Secure", "; SameSite=None",
						"; Max-Age=120", "; Partitioned"));
	}

	@Test
	void sameSiteOmitted_isNotInTheCookie() {
		this.contextRunner.withPropertyValues("app.session.redis.cookie.same-site=omitted")
			.run((context) -> assertThat(cookie(context)).doesNotContain("SameSite"));
	}

	@Test
	void rememberMe_worksWithOwnProperties() {
		this.contextRunner.withPropertyValues("app.session.redis.cookie.name=OWN")
			.run((context) -> assertThat(context.getBean(DefaultCookieSerializer.class).getRememberMeRequestAttribute())
				.isNotNull());
	}

	@Test
	void cookieSerializerBean_isUsedByTheFilter() {
		this.contextRunner.withUserConfiguration(SerializerConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(CookieSerializer.class);
			assertThat(cookie(context)).startsWith("OWN=");
		});
	}

	@Test
	void httpSessionIdResolverBean_isUsedByTheFilter() {
		this.contextRunner.withUserConfiguration(ResolverConfiguration.class)
			.run((context) -> assertThat(answer(context).getHeader("X-Auth-Token")).isEqualTo("id"));
	}

	private static boolean isRenewed(ApplicationContext context) {
		return ReflectionTestUtils.getField(context.getBean(SessionRepositoryFilter.class),
				"cookieRenewal") != ReflectionTestUtils.getField(CookieRenewal.class, "NONE");
	}

	private static String cookie(ApplicationContext context) {
		List<String> headers = answer(context).getHeaders("Set-Cookie");
		assertThat(headers).hasSize(1);
		return headers.get(0);
	}

	/**
	 * Returns the response headers of the filter for a client that receives a session.
	 */
	private static MockHttpServletResponse answer(ApplicationContext context) {
		MockHttpServletRequest request = new MockHttpServletRequest();
		request.setContextPath("/shop");
		MockHttpServletResponse response = new MockHttpServletResponse();
		HttpSessionIdResolver resolver = (HttpSessionIdResolver) ReflectionTestUtils
			.getField(context.getBean(SessionRepositoryFilter.class), "idResolver");
		resolver.setSessionId(request, response, "id");
		return response;
	}

	@Configuration(proxyBeanMethods = false)
	static class SerializerConfiguration {

		@Bean
		CookieSerializer applicationsOwn() {
			DefaultCookieSerializer serializer = new DefaultCookieSerializer();
			serializer.setCookieName("OWN");
			return serializer;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ResolverConfiguration {

		@Bean
		HttpSessionIdResolver applicationsOwn() {
			return HeaderHttpSessionIdResolver.xAuthToken();
		}

	}

}
