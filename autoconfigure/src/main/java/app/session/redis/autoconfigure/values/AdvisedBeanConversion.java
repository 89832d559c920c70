package app.session.redis.autoconfigure.values;

import app.session.redis.settings.AttributeConversion;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyProcessorSupport;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.Scope;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.web.context.request.SessionScope;

/**
 * Replaces an AOP proxy with its target before it is stored. A proxy refers to its advice
 * and thereby to the bean factory, and types of neither are ever deserialized. When a
 * session-scoped bean is read, the bean factory's post-processors that create proxies
 * apply its advice again. No other part of the bean's initialization is repeated.
 *
 * <p>
 * Only proxies with a fixed target are replaced. State that an introduction keeps in the
 * proxy is not stored. A proxy in an attribute that isn't a session-scoped bean is also
 * stored as its target, but has no advice after it is read.
 */
public final class AdvisedBeanConversion implements AttributeConversion {

	private final @Nullable DefaultListableBeanFactory beanFactory;

	/**
	 * Creates the conversion.
	 * @param beanFactory the bean factory of the application
	 */
	public AdvisedBeanConversion(BeanFactory beanFactory) {
		this.beanFactory = (beanFactory instanceof DefaultListableBeanFactory factory) ? factory : null;
	}

	@Override
	public Object toStored(String name, Object value) {
		Object target = value;
		Object inner = AopProxyUtils.getSingletonTarget(value);
		while (inner != null) {
			target = inner;
			inner = AopProxyUtils.getSingletonTarget(inner);
		}
		return target;
	}

	@Override
	public Object fromStored(String name, Object stored) {
		DefaultListableBeanFactory factory = this.beanFactory;
		if (factory == null || !isSessionScoped(factory, name)) {
			return stored;
		}
		Object bean = stored;
		for (BeanPostProcessor processor : factory.getBeanPostProcessors()) {
			if (processor instanceof ProxyProcessorSupport) {
				Object processed = processor.postProcessAfterInitialization(bean, name);
				bean = (processed != null) ? processed : bean;
			}
		}
		return bean;
	}

	/**
	 * Returns whether an attribute is a session-scoped bean. A bean without a scoped
	 * proxy is stored under its own name.
	 */
	private static boolean isSessionScoped(DefaultListableBeanFactory factory, String name) {
		if (ScopedProxyUtils.isScopedTarget(name)) {
			return true;
		}
		if (!factory.containsBeanDefinition(name)) {
			return false;
		}
		String scopeName = factory.getMergedBeanDefinition(name).getScope();
		Scope scope = (scopeName != null) ? factory.getRegisteredScope(scopeName) : null;
		return scope instanceof SessionScope;
	}

}
