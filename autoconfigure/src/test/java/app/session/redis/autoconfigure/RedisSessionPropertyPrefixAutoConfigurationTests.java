package app.session.redis.autoconfigure;

import java.util.Map;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests applications that have their own strictly bound properties below {@code app}.
 */
class RedisSessionPropertyPrefixAutoConfigurationTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.noRedis()
		.withConfiguration(AutoConfigurations.of(RedisSessionPropertyPrefixAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(classes = { AppConfiguration.class, AppSessionConfiguration.class, AppRecordConfiguration.class })
	void strictPropertiesOfTheApplication_acceptThoseOfSessions(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration)
			.withInitializer((context) -> properties(context, "app.name", "shop", "app.session.name", "cart"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(RedisSessionProperties.class).namespace()).isEqualTo("shop:session");
			});
	}

	@Test
	void strictPropertiesOfTheApplication_stillRefuseOthers() {
		this.contextRunner.withUserConfiguration(AppConfiguration.class)
			.withInitializer((context) -> properties(context, "app.naem", "shop", "app.session.redistribute", "true"))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(UnboundConfigurationPropertiesException.class,
						(ex) -> assertThat(ex.getUnboundProperties())
							.extracting((property) -> property.getName().toString())
							.containsExactlyInAnyOrder("app.naem", "app.session.redistribute")));
	}

	@Test
	void strictPropertiesWithoutAWebApplication_acceptThoseOfSessions() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(RedisSessionPropertyPrefixAutoConfiguration.class))
			.withUserConfiguration(AppConfiguration.class)
			.withInitializer((context) -> properties(context, "app.name", "shop", "app.session.redis.enabled", "false"))
			.run((context) -> assertThat(context.getBean(AppProperties.class).getName()).isEqualTo("shop"));
	}

	// Boot tolerates unknown properties in the sources that context runners add by
	// default
	private static void properties(ConfigurableApplicationContext context, String name, String value, String other,
			String otherValue) {
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("application.properties", Map.of(name, value, other, otherValue,
					"app.session.redis.namespace", "shop:session", "app.session.redis.lock.enabled", "true")));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(AppProperties.class)
	static class AppConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(AppSessionProperties.class)
	static class AppSessionConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(AppRecord.class)
	static class AppRecordConfiguration {

	}

	@ConfigurationProperties(prefix = "app", ignoreUnknownFields = false)
	static class AppProperties {

		private String name = "";

		private final Session session = new Session();

		String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		public Session getSession() {
			return this.session;
		}

		static class Session {

			private String name = "";

			public String getName() {
				return this.name;
			}

			public void setName(String name) {
				this.name = name;
			}

		}

	}

	@ConfigurationProperties(prefix = "app.session", ignoreUnknownFields = false)
	static class AppSessionProperties extends AppProperties.Session {

	}

	@ConfigurationProperties(prefix = "app", ignoreUnknownFields = false)
	record AppRecord(String name, AppSession session) {

		record AppSession(String name) {
		}

	}

}
