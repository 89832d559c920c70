package app.session.redis.autoconfigure.servlet;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EventListener;
import java.util.List;

import jakarta.servlet.ServletContext;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the listeners that the servlet container has created, for example from classes
 * with {@code @WebListener}. The Servlet API has no access to them, so this depends on
 * the container, whose classes are used by reflection.
 */
final class ContainerListeners {

	private static final Log logger = LogFactory.getLog(ContainerListeners.class);

	private static final String TOMCAT_PACKAGE = "org.apache.catalina.";

	private static final List<String> CONTAINER_PACKAGES = List.of(TOMCAT_PACKAGE, "org.apache.tomcat.",
			"org.eclipse.jetty.");

	private static final String JETTY_HANDLER = "org.eclipse.jetty.ee11.servlet.ServletContextHandler";

	private ContainerListeners() {
	}

	/**
	 * Returns the listeners of a web application, in the order of their registration.
	 * @param context the web application
	 * @return its listeners; empty if the container is unknown
	 */
	static List<EventListener> of(ServletContext context) {
		try {
			Object tomcat = field(field(context, "context"), "context");
			if (tomcat != null) {
				return listeners(invoke(tomcat, "getApplicationLifecycleListeners"),
						invoke(tomcat, "getApplicationEventListeners"));
			}
			Object jetty = jetty(context);
			if (jetty != null) {
				return listeners(invoke(jetty, "getEventListeners"));
			}
		}
		catch (RuntimeException ex) {
			logger.debug("The listeners of the servlet container can't be determined", ex);
		}
		if (!isMock(context)) {
			logger.warn("Listeners of HTTP sessions that are not beans, such as classes with @WebListener, are not"
					+ " notified, because this servlet container gives no access to them. Define them as beans");
		}
		return List.of();
	}

	private static boolean isMock(ServletContext context) {
		for (Class<?> type = context.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().startsWith("org.springframework.mock.")) {
				return true;
			}
		}
		return false;
	}

	/** Tomcat's context is in a field of an object in a field of the facade. */
	private static @Nullable Object field(@Nullable Object owner, String name) {
		if (owner == null || !owner.getClass().getName().startsWith(TOMCAT_PACKAGE)) {
			return null;
		}
		Field field = ReflectionUtils.findField(owner.getClass(), name);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, owner);
	}

	private static @Nullable Object jetty(ServletContext context) {
		ClassLoader classLoader = context.getClass().getClassLoader();
		if (!ClassUtils.isPresent(JETTY_HANDLER, classLoader)) {
			return null;
		}
		Method method = ReflectionUtils.findMethod(ClassUtils.resolveClassName(JETTY_HANDLER, classLoader),
				"getServletContextHandler", ServletContext.class);
		return (method != null) ? ReflectionUtils.invokeMethod(method, null, context) : null;
	}

	private static @Nullable Object invoke(Object target, String name) {
		Method method = ReflectionUtils.findMethod(target.getClass(), name);
		return (method != null) ? ReflectionUtils.invokeMethod(method, target) : null;
	}

	private static List<EventListener> listeners(@Nullable Object... results) {
		List<EventListener> listeners = new ArrayList<>();
		for (Object result : results) {
			Collection<?> all = (result instanceof Object[] array) ? Arrays.asList(array)
					: (result instanceof Collection<?> collection) ? collection : List.of();
			for (Object each : all) {
				if (each instanceof EventListener listener && !isInternal(listener) && !listeners.contains(listener)) {
					listeners.add(listener);
				}
			}
		}
		return listeners;
	}

	/**
	 * Returns whether a listener belongs to the container. Such listeners expect the
	 * container's own sessions: Tomcat's for WebSockets adds an attribute that can't be
	 * stored.
	 */
	private static boolean isInternal(EventListener listener) {
		String name = listener.getClass().getName();
		return CONTAINER_PACKAGES.stream().anyMatch(name::startsWith);
	}

	/** The access to the classes of containers in a native image. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			for (String tomcat : List.of("ApplicationContextFacade", "ApplicationContext")) {
				hints.reflection()
					.registerTypeIfPresent(classLoader, TOMCAT_PACKAGE + "core." + tomcat,
							(type) -> type.withField("context"));
			}
			for (String type : List.of(TOMCAT_PACKAGE + "core.StandardContext", JETTY_HANDLER)) {
				hints.reflection().registerTypeIfPresent(classLoader, type, MemberCategory.INVOKE_PUBLIC_METHODS);
			}
		}

	}

}
