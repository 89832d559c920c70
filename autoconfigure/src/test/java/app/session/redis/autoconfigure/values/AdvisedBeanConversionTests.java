package app.session.redis.autoconfigure.values;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.target.HotSwappableTargetSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.web.context.request.SessionScope;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which objects are stored instead of proxies, and which are advised when they are
 * read.
 */
class AdvisedBeanConversionTests {

	private static final MethodInterceptor ADVICE = (invocation) -> "advised " + invocation.proceed();

	private final DefaultListableBeanFactory beanFactory = new DefaultListableBeanFactory();

	private final AdvisedBeanConversion conversion = new AdvisedBeanConversion(this.beanFactory);

	private final Greeting greeting = new Greeting();

	AdvisedBeanConversionTests() {
		this.beanFactory.registerScope("session", new SessionScope());
		this.beanFactory.registerSingleton("advice", ADVICE);
	}

	private void advise(String... beanNames) {
		BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
		creator.setBeanFactory(this.beanFactory);
		creator.setBeanNames(beanNames);
		creator.setInterceptorNames("advice");
		creator.setProxyTargetClass(true);
		this.beanFactory.addBeanPostProcessor(creator);
	}

	private static Object proxy(Object target, boolean ofClass) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(ofClass);
		factory.addAdvice(ADVICE);
		return factory.getProxy();
	}

	@Test
	void proxyOfAClass_isStoredAsItsTarget() {
		assertThat(this.conversion.toStored("x", proxy(this.greeting, true))).isSameAs(this.greeting);
	}

	@Test
	void proxyOfInterfaces_isStoredAsItsTarget() {
		assertThat(this.conversion.toStored("x", proxy(this.greeting, false))).isSameAs(this.greeting);
	}

	@Test
	void proxyOfAProxy_isStoredAsTheUltimateTarget() {
		assertThat(this.conversion.toStored("x", proxy(proxy(proxy(this.greeting, true), false), false)))
			.isSameAs(this.greeting);
	}

	@Test
	void proxyWhoseTargetMayChange_isLeftToTheCodec() {
		Object proxy = ProxyFactory.getProxy(new HotSwappableTargetSource(this.greeting));
		assertThat(this.conversion.toStored("x", proxy)).isSameAs(proxy);
	}

	@Test
	void otherValue_isStoredAsItIs() {
		Map<String, Object> value = Map.of("a", 1);
		assertThat(this.conversion.toStored("scopedTarget.x", value)).isSameAs(value);
		assertThat(this.conversion.fromStored("x", value)).isSameAs(value);
	}

	@Test
	void scopedBean_getsTheAdviceOfEachProxyCreatorAgain() {
		advise("scopedTarget.greeting");
		advise("scopedTarget.*");
		Object read = this.conversion.fromStored("scopedTarget.greeting", this.greeting);
		assertThat(read).isInstanceOf(Greeting.class).hasToString("advised advised hello");
		assertThat(this.conversion.toStored("scopedTarget.greeting", read)).isSameAs(this.greeting);
	}

	@Test
	void scopedBeanWithoutAdvice_staysAsItIs() {
		advise("scopedTarget.other");
		assertThat(this.conversion.fromStored("scopedTarget.greeting", this.greeting)).isSameAs(this.greeting);
	}

	@Test
	void beanOfTheSessionScopeUnderItsOwnName_getsItsAdviceAgain() {
		advise("*");
		RootBeanDefinition definition = new RootBeanDefinition(Greeting.class);
		definition.setScope("session");
		this.beanFactory.registerBeanDefinition("greeting", definition);
		this.beanFactory.registerBeanDefinition("other", new RootBeanDefinition(Greeting.class));
		assertThat(AopUtils.isAopProxy(this.conversion.fromStored("greeting", this.greeting))).isTrue();
		assertThat(this.conversion.fromStored("other", this.greeting)).isSameAs(this.greeting);
		assertThat(this.conversion.fromStored("advice", this.greeting)).isSameAs(this.greeting);
		assertThat(this.conversion.fromStored("none", this.greeting)).isSameAs(this.greeting);
	}

	@Test
	void otherPostProcessors_areNotAppliedAgain() {
		List<String> processed = new ArrayList<>();
		this.beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public @Nullable Object postProcessAfterInitialization(Object bean, String beanName) {
				processed.add(beanName);
				return bean;
			}

		});
		assertThat(this.conversion.fromStored("scopedTarget.greeting", this.greeting)).isSameAs(this.greeting);
		assertThat(processed).isEmpty();
	}

	@Test
	void beanFactoryWithoutPostProcessors_leavesBeansAsTheyAre() {
		AdvisedBeanConversion withoutProcessors = new AdvisedBeanConversion(new StaticListableBeanFactory());
		assertThat(withoutProcessors.fromStored("scopedTarget.greeting", this.greeting)).isSameAs(this.greeting);
	}

	/** The advised type. */
	static class Greeting implements Comparable<Greeting>, Serializable {

		private static final long serialVersionUID = 1L;

		@Override
		public int compareTo(Greeting other) {
			return 0;
		}

		@Override
		public String toString() {
			return "hello";
		}

	}

}
