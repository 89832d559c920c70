package app.session.redis.autoconfigure.docker;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.lifecycle.DockerComposeServicesReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.core.io.support.SpringFactoriesLoader;

/**
 * A service as Docker Compose describes it. A Redis of the test takes its place, so no
 * container is required.
 *
 * @param name the name of the service
 * @param image the name of its image
 * @param host the host on which it answers
 * @param port the port on which it answers, which stands for the container's 6379
 * @param labels its labels
 */
public record ComposeService(String name, ImageReference image, String host, int port,
		Map<String, String> labels) implements RunningService {

	public static ComposeService of(String image, int port, Map<String, String> labels) {
		return new ComposeService("service-" + port, ImageReference.of(image), "127.0.0.1", port, labels);
	}

	@Override
	public ConnectionPorts ports() {
		return new ConnectionPorts() {

			@Override
			public int get(int containerPort) {
				if (containerPort != 6379) {
					throw new IllegalStateException("There is no port " + containerPort);
				}
				return ComposeService.this.port;
			}

			@Override
			public List<Integer> getAll() {
				return getAll(null);
			}

			@Override
			public List<Integer> getAll(@Nullable String protocol) {
				return List.of(ComposeService.this.port);
			}

		};
	}

	@Override
	public Map<String, @Nullable String> env() {
		return Map.of();
	}

	/**
	 * Publishes services to an application, as Spring Boot does after it has started
	 * them.
	 * @param services the services
	 * @return what tells it
	 */
	public static ApplicationContextInitializer<ConfigurableApplicationContext> started(ComposeService... services) {
		return (context) -> {
			SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
			SpringFactoriesLoader.forDefaultResourceLocation()
				.load(ApplicationListener.class)
				.forEach(multicaster::addApplicationListener);
			multicaster.multicastEvent(event(context, List.of(services)));
		};
	}

	private static DockerComposeServicesReadyEvent event(ApplicationContext context, List<ComposeService> services) {
		try {
			Constructor<DockerComposeServicesReadyEvent> constructor = DockerComposeServicesReadyEvent.class
				.getDeclaredConstructor(ApplicationContext.class, List.class);
			return BeanUtils.instantiateClass(constructor, context, services);
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
