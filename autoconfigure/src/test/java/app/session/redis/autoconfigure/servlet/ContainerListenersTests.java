package app.session.redis.autoconfigure.servlet;

import org.apache.catalina.core.ApplicationContext;
import org.apache.catalina.core.ApplicationContextFacade;
import org.apache.catalina.core.StandardContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockServletContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Containers without access to their listeners, and native images.
 */
@ExtendWith(OutputCaptureExtension.class)
class ContainerListenersTests {

	@Test
	void nativeImage_hasAccessToTomcatsListeners() {
		RuntimeHints hints = new RuntimeHints();
		new ContainerListeners.Hints().registerHints(hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(ApplicationContextFacade.class, "context"))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(ApplicationContext.class, "context"))
			.accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(StandardContext.class, "getApplicationEventListeners")).accepts(hints);
	}

	@Test
	void unknownContainer_isLogged(CapturedOutput output) {
		assertThat(ContainerListeners.of(mock())).isEmpty();
		assertThat(output).contains("@WebListener", "Define them as beans");
	}

	@Test
	void mockEnvironment_isNotLogged(CapturedOutput output) {
		assertThat(ContainerListeners.of(new MockServletContext())).isEmpty();
		// As Spring Boot's own mock for @SpringBootTest
		assertThat(ContainerListeners.of(new MockServletContext() {
		})).isEmpty();
		assertThat(output).doesNotContain("@WebListener");
	}

}
