package app.session.redis.autoconfigure.values;

import java.io.Serializable;
import java.util.List;

import app.session.redis.engine.SessionEngine;
import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.aot.BeanFactoryInitializationCode;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests which types of the application a native image can store.
 */
class StoredTypesAotProcessorTests {

	private final DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();

	private final MockEnvironment environment = new MockEnvironment();

	private RuntimeHints process() {
		this.beanFactory.registerSingleton("environment", this.environment);
		DefaultGenerationContext context = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get("com.example", "Application")), new InMemoryGeneratedFiles());
		BeanFactoryInitializationAotContribution contribution = new StoredTypesAotProcessor()
			.processAheadOfTime(this.beanFactory);
		if (contribution != null) {
			contribution.applyTo(context, mock(BeanFactoryInitializationCode.class));
		}
		return context.getRuntimeHints();
	}

	private void registerEngine() {
		this.beanFactory.registerBeanDefinition("engine", new RootBeanDefinition(SessionEngine.class));
	}

	@Test
	void allowedTypes_areRegistered() {
		registerEngine();
		this.environment.setProperty("app.session.redis.allowed-types", Order.class.getName());
		RuntimeHints hints = process();
		assertThat(RuntimeHintsPredicates.reflection().onJavaSerialization(Order.class, true)).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Order.class, "getNumber")).rejects(hints);
	}

	@Test
	void optionalLibraries_areRegistered() throws ClassNotFoundException {
		registerEngine();
		RuntimeHints hints = process();
		for (String name : List.of("io.micrometer.core.instrument.MeterRegistry", "org.apache.commons.pool2.ObjectPool",
				"org.springframework.security.oauth2.client.OAuth2AuthorizedClient")) {
			assertThat(RuntimeHintsPredicates.reflection().onType(Class.forName(name))).accepts(hints);
		}
	}

	@Test
	void withJson_propertiesOfAllowedTypesAreRegistered() {
		registerEngine();
		this.environment.setProperty("app.session.redis.serializer", "json");
		this.environment.setProperty("app.session.redis.allowed-types", Order.class.getName());
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Order.class, "getNumber")).accepts(process());
	}

	@Test
	void withoutTheStore_nothingIsRegistered() {
		this.environment.setProperty("app.session.redis.allowed-types", Order.class.getName());
		assertThat(process().reflection().typeHints()).isEmpty();
	}

	@Test
	void processor_isFoundBySpring() {
		assertThat(SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(BeanFactoryInitializationAotProcessor.class))
			.hasAtLeastOneElementOfType(StoredTypesAotProcessor.class);
	}

	/** A type of the application. */
	static class Order implements Serializable {

		private static final long serialVersionUID = 1L;

		private int number;

		public int getNumber() {
			return this.number;
		}

		public void setNumber(int number) {
			this.number = number;
		}

	}

}
