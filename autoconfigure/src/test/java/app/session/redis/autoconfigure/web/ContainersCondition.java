package app.session.redis.autoconfigure.web;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

import org.springframework.util.Assert;

/**
 * Enables tests if a container engine is available and has, or can pull, the image.
 */
class ContainersCondition implements ExecutionCondition {

	/**
	 * The image of the containers, which {@code .ci/docker} also contains.
	 */
	static final DockerImageName IMAGE = DockerImageName.parse("redis:7.0.15");

	private static final int PULL_MINUTES = 5;

	private static @Nullable ConditionEvaluationResult ofEngine;

	private static @Nullable ConditionEvaluationResult ofCompose;

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		ConditionEvaluationResult engine = engine();
		boolean compose = context.getRequiredTestClass().getAnnotation(RequiresContainers.class).compose();
		return (compose && !engine.isDisabled()) ? compose() : engine;
	}

	private static synchronized ConditionEvaluationResult engine() {
		ConditionEvaluationResult result = ofEngine;
		if (result == null) {
			result = evaluateEngine();
			ofEngine = result;
		}
		return result;
	}

	private static ConditionEvaluationResult evaluateEngine() {
		try {
			if (!DockerClientFactory.instance().isDockerAvailable()) {
				return ConditionEvaluationResult.disabled("No container engine answers");
			}
			pullIfMissing(DockerClientFactory.instance().client());
			return ConditionEvaluationResult.enabled("A container engine answers and has " + IMAGE);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (RuntimeException ex) {
			return ConditionEvaluationResult
				.disabled("A container engine answers, but can't run " + IMAGE + ": " + ex.getMessage());
		}
	}

	private static void pullIfMissing(DockerClient client) throws InterruptedException {
		try {
			client.inspectImageCmd(IMAGE.asCanonicalNameString()).exec();
		}
		catch (NotFoundException ex) {
			boolean complete = client.pullImageCmd(IMAGE.getUnversionedPart())
				.withTag(IMAGE.getVersionPart())
				.start()
				.awaitCompletion(PULL_MINUTES, TimeUnit.MINUTES);
			Assert.state(complete, () -> "it was not pulled within " + PULL_MINUTES + " minutes");
		}
	}

	private static synchronized ConditionEvaluationResult compose() {
		ConditionEvaluationResult result = ofCompose;
		if (result == null) {
			// Spring Boot requires "up --wait", which only version 2 provides
			result = succeeds("docker", "compose", "version")
					? ConditionEvaluationResult.enabled("Docker Compose is there")
					: ConditionEvaluationResult.disabled("There is no 'docker compose'");
			ofCompose = result;
		}
		return result;
	}

	static boolean succeeds(String... command) {
		try {
			return new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
