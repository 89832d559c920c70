package app.session.redis.autoconfigure.values;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which packages count as the application's own.
 */
class ApplicationPackagesTests {

	private static final String HERE = ApplicationPackagesTests.class.getPackageName();

	private static void assertPackages(Class<?> configuration, String... packages) {
		new ApplicationContextRunner().withUserConfiguration(configuration)
			.withPropertyValues("scanned=com.acme.configured, com.acme.second")
			.run((context) -> assertThat(ApplicationPackages.of(context.getBeanFactory()))
				.containsExactlyInAnyOrder(packages));
	}

	@Test
	void nothingScanned_isNoPackage() {
		assertPackages(PlainConfiguration.class);
	}

	@Test
	void packagesOfTheScan_areIncluded() {
		assertPackages(ValueConfiguration.class, "com.acme.a", "com.acme.b", "com.acme.configured", "com.acme.second");
		assertPackages(ClassesConfiguration.class, "org.jspecify.annotations");
		assertPackages(RepeatedConfiguration.class, "com.acme.a", "com.acme.b");
	}

	@Test
	void scanWithoutPackages_isThatOfTheClass() {
		assertPackages(HereConfiguration.class, HERE);
	}

	@Test
	void metaAnnotation_isFollowed() {
		assertPackages(MetaConfiguration.class, "com.acme.meta");
		assertPackages(SubclassConfiguration.class, "com.acme.a", "com.acme.b");
	}

	@Test
	void patterns_areCutWhereTheyBegin() {
		assertPackages(PatternConfiguration.class, "com.acme", "com.acme.shop");
	}

	@Test
	void scansOfAutoConfigurationsAndOfSpring_areNotTheApplications() {
		assertPackages(LibraryConfiguration.class);
		assertPackages(SpringConfiguration.class);
	}

	@Test
	void packagesOfEntitiesAndOfAutoConfiguration_areIncluded() {
		assertPackages(EntitiesConfiguration.class, "com.acme.model", HERE);
	}

	@Test
	void persistenceMissing_isNotNeeded() {
		new ApplicationContextRunner().withUserConfiguration(RepeatedConfiguration.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.persistence"))
			.run((context) -> assertThat(ApplicationPackages.of(context.getBeanFactory())).contains("com.acme.a"));
	}

	@Test
	void noBeanOfTheApplication_isCreated() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(
				LazyConfiguration.class)) {
			assertThat(ApplicationPackages.of(context.getBeanFactory())).containsExactly("com.acme.lazy");
		}
	}

	/**
	 * The bean is registered as by generated code: without post-processors, with a
	 * supplier of a subclass.
	 */
	@Test
	void definitionsOfAotProcessing_areRead() {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			RootBeanDefinition definition = new RootBeanDefinition(ProcessedConfiguration.class,
					ProcessedConfiguration::new);
			definition.setLazyInit(true);
			context.registerBeanDefinition("configuration", definition);
			context.refresh();
			assertThat(ApplicationPackages.of(context.getBeanFactory())).containsExactlyInAnyOrder("com.acme.a",
					"com.acme.b");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class PlainConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan({ "com.acme.a", "com.acme.b", "${scanned}" })
	static class ValueConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan(basePackageClasses = org.jspecify.annotations.Nullable.class)
	static class ClassesConfiguration {

	}

	@Configuration
	@ComponentScan("com.acme.a")
	@ComponentScan(basePackages = "com.acme.b")
	static class RepeatedConfiguration {

	}

	static class SubclassConfiguration extends RepeatedConfiguration {

	}

	static class ProcessedConfiguration extends RepeatedConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan(useDefaultFilters = false)
	static class HereConfiguration {

	}

	@Target(ElementType.TYPE)
	@Retention(RetentionPolicy.RUNTIME)
	@ComponentScan("com.acme.meta")
	@interface Scanned {

	}

	@Configuration(proxyBeanMethods = false)
	@Scanned
	static class MetaConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan({ "com.acme.**.model", "com.acme.shop.*" })
	static class PatternConfiguration {

	}

	@AutoConfiguration
	@ComponentScan("com.library")
	static class LibraryConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan("org.springframework.none")
	static class SpringConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@EntityScan("com.acme.model")
	static class EntitiesConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan("com.acme.lazy")
	@Lazy
	static class LazyConfiguration {

		LazyConfiguration() {
			throw new IllegalStateException("Not to be created");
		}

		@Bean
		String text() {
			throw new IllegalStateException("Not to be created");
		}

	}

}
