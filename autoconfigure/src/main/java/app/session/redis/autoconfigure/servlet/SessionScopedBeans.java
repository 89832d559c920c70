package app.session.redis.autoconfigure.servlet;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import app.session.redis.log.LimitedLog;
import app.session.redis.servlet.ScopedBeans;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.WebApplicationContext;

/**
 * Calls the destroy methods of session-scoped beans when their session has ended:
 * {@code @PreDestroy}, {@code DisposableBean} and the declared destroy method, each once.
 * The bean was read from Redis, so its dependencies are not injected again.
 *
 * <p>
 * The methods run on one thread, without a request. If 1,000 beans are waiting, the
 * thread that ends further sessions waits, too.
 */
final class SessionScopedBeans implements ScopedBeans, ApplicationListener<ContextRefreshedEvent>, DisposableBean {

	private static final Log logger = LogFactory.getLog(SessionScopedBeans.class);

	private static final int QUEUE_SIZE = 1000;

	private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);

	private final LimitedLog failures = new LimitedLog(logger);

	private final ApplicationContext context;

	/** The contexts below this one, such as those of further dispatcher servlets. */
	private final Set<ApplicationContext> children = ConcurrentHashMap.newKeySet();

	private final ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS,
			new ArrayBlockingQueue<>(QUEUE_SIZE), new CustomizableThreadFactory("redis-session-beans-"),
			SessionScopedBeans::awaitSpace);

	SessionScopedBeans(ApplicationContext context) {
		this.context = context;
		this.executor.allowCoreThreadTimeOut(true);
	}

	private static void awaitSpace(Runnable task, ThreadPoolExecutor executor) {
		if (executor.isShutdown()) {
			throw new RejectedExecutionException("The application is stopping");
		}
		try {
			executor.getQueue().put(task);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new RejectedExecutionException(ex);
		}
	}

	/** Also called for the contexts below this one. */
	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		this.children.add(event.getApplicationContext());
	}

	@Override
	public void destroy(String name, Object bean) {
		Object target = target(bean);
		DefaultListableBeanFactory factory = owner(name, target);
		if (factory == null) {
			logger.debug("The destroy method of the session attribute '" + name + "' is not called, because not exactly"
					+ " one context defines a session-scoped bean of this name and class");
			return;
		}
		run(() -> destroy(factory, name, target));
	}

	private static Object target(Object bean) {
		Object target = bean;
		Object inner = AopProxyUtils.getSingletonTarget(target);
		while (inner != null) {
			target = inner;
			inner = AopProxyUtils.getSingletonTarget(target);
		}
		return target;
	}

	/** Returns the only bean factory that defines the bean itself, or null. */
	private @Nullable DefaultListableBeanFactory owner(String name, Object target) {
		this.children.removeIf((child) -> !isActive(child));
		Set<ApplicationContext> contexts = ConcurrentHashMap.newKeySet();
		contexts.addAll(this.children);
		for (ApplicationContext each = this.context; each != null; each = each.getParent()) {
			contexts.add(each);
		}
		List<DefaultListableBeanFactory> owners = new ArrayList<>(1);
		for (ApplicationContext each : contexts) {
			if (each.getAutowireCapableBeanFactory() instanceof DefaultListableBeanFactory factory
					&& defines(factory, name, target)) {
				owners.add(factory);
			}
		}
		return (owners.size() == 1) ? owners.get(0) : null;
	}

	private static boolean isActive(ApplicationContext context) {
		return context instanceof ConfigurableApplicationContext configurable && configurable.isActive();
	}

	private static boolean defines(DefaultListableBeanFactory factory, String name, Object target) {
		if (!factory.containsBeanDefinition(name)) {
			return false;
		}
		BeanDefinition definition = factory.getMergedBeanDefinition(name);
		return WebApplicationContext.SCOPE_SESSION.equals(definition.getScope())
				&& definition.getResolvableType().resolve(Object.class).isInstance(target)
				&& isOfType(factory.getType(name, false), target);
	}

	/** The type of a bean with advice can be that of its proxy. */
	private static boolean isOfType(@Nullable Class<?> type, Object target) {
		return type != null && (Proxy.isProxyClass(type) || ClassUtils.getUserClass(type).isInstance(target));
	}

	/**
	 * Destroys a bean as the factory would that has created it, but with a factory of its
	 * own. Post-processors must see the definition first, because a destroy method that
	 * is also annotated would be called twice otherwise. They must not see the same
	 * definition twice, because they would take its annotated methods and fields for
	 * those of another post-processor, and leave them out of the beans that the
	 * application's factory creates later.
	 */
	private static void destroy(DefaultListableBeanFactory factory, String name, Object target) {
		DefaultListableBeanFactory destroying = new DefaultListableBeanFactory();
		destroying.copyConfigurationFrom(factory);
		destroying.registerBeanDefinition(name,
				((RootBeanDefinition) factory.getMergedBeanDefinition(name)).cloneBeanDefinition());
		RootBeanDefinition definition = (RootBeanDefinition) destroying.getMergedBeanDefinition(name);
		for (BeanPostProcessor processor : destroying.getBeanPostProcessors()) {
			if (processor instanceof MergedBeanDefinitionPostProcessor merged) {
				merged.postProcessMergedBeanDefinition(definition, target.getClass(), name);
			}
		}
		destroying.destroyBean(name, target);
	}

	@Override
	public void run(Runnable callback) {
		try {
			this.executor.execute(() -> runWithClassLoader(callback));
		}
		catch (RejectedExecutionException ex) {
			this.failures.warn("A destroy method of a session-scoped bean was not called. " + ex.getMessage());
		}
	}

	private void runWithClassLoader(Runnable callback) {
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		thread.setContextClassLoader(this.context.getClassLoader());
		try {
			callback.run();
		}
		catch (VirtualMachineError ex) {
			throw ex;
		}
		catch (RuntimeException | Error ex) {
			this.failures.error("A destroy method of a session-scoped bean failed", ex);
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	@Override
	public void destroy() throws InterruptedException {
		this.executor.shutdown();
		if (!this.executor.awaitTermination(SHUTDOWN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
			logger.warn("Destroy methods of session-scoped beans are still running; " + this.executor.getQueue().size()
					+ " others were not called");
		}
	}

}
