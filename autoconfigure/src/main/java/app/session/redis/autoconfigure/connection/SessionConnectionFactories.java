package app.session.redis.autoconfigure.connection;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

/**
 * Classifies the {@link RedisConnectionFactory} beans of an application by their
 * definitions. No bean is instantiated.
 */
public final class SessionConnectionFactories {

	private static final String BOOT_PACKAGE = "org.springframework.boot.data.redis.autoconfigure.";

	private static final String QUALIFIER = SpringSessionRedisConnectionFactory.class.getName();

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Creates the lookup.
	 * @param beanFactory the bean factory of the application
	 */
	public SessionConnectionFactories(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns the connection factories qualified for sessions, whether or not they are
	 * autowire candidates.
	 * @return the names of the beans
	 */
	List<String> qualified() {
		return names().stream().filter(this::isQualified).toList();
	}

	/**
	 * Returns the connection factories that the application defines for general use.
	 * @return the names of the beans
	 */
	public List<String> applicationOwn() {
		return names().stream()
			.filter((name) -> isCandidate(name) && !isQualified(name) && !isAutoConfigured(name))
			.toList();
	}

	/**
	 * Returns the connection factories that Spring Boot configures.
	 * @return the names of the beans
	 */
	public List<String> autoConfigured() {
		return names().stream().filter(this::isAutoConfigured).toList();
	}

	private List<String> names() {
		return Arrays.stream(this.beanFactory.getBeanNamesForType(RedisConnectionFactory.class, true, false))
			.filter(this.beanFactory::containsBeanDefinition)
			.toList();
	}

	private boolean isQualified(String name) {
		BeanDefinition definition = this.beanFactory.getBeanDefinition(name);
		if (definition instanceof AbstractBeanDefinition abstractDefinition
				&& abstractDefinition.hasQualifier(QUALIFIER)) {
			return true;
		}
		if (definition instanceof AnnotatedBeanDefinition annotated && annotated.getFactoryMethodMetadata() != null
				&& annotated.getFactoryMethodMetadata().isAnnotated(QUALIFIER)) {
			return true;
		}
		return this.beanFactory.findAnnotationOnBean(name, SpringSessionRedisConnectionFactory.class, false) != null;
	}

	private boolean isCandidate(String name) {
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
		return definition.isAutowireCandidate()
				&& (!(definition instanceof AbstractBeanDefinition candidate) || candidate.isDefaultCandidate());
	}

	private boolean isAutoConfigured(String name) {
		BeanDefinition definition = this.beanFactory.getBeanDefinition(name);
		if (definition instanceof AnnotatedBeanDefinition annotated && annotated.getFactoryMethodMetadata() != null) {
			return annotated.getFactoryMethodMetadata().getDeclaringClassName().startsWith(BOOT_PACKAGE);
		}
		// After AOT processing of the context
		Method factoryMethod = (this.beanFactory.getMergedBeanDefinition(name) instanceof RootBeanDefinition root)
				? root.getResolvedFactoryMethod() : null;
		return factoryMethod != null && factoryMethod.getDeclaringClass().getName().startsWith(BOOT_PACKAGE);
	}

}
