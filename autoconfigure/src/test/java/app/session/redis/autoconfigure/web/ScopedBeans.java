package app.session.redis.autoconfigure.web;

import java.io.Serializable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpSession;
import org.aopalliance.intercept.MethodInterceptor;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.annotation.SessionScope;

/**
 * Session-scoped beans with a destroy method, and with advice of several kinds.
 */
@Configuration(proxyBeanMethods = false)
@EnableTransactionManagement
@EnableAsync
@Import(ScopedBeans.Pages.class)
class ScopedBeans {

	@Bean
	@SessionScope
	Cart cart() {
		return new Cart();
	}

	@Bean
	@SessionScope
	Wishlist wishlist() {
		return new Wishlist();
	}

	/** Stored under its own name because it has no scoped proxy. */
	@Bean
	@Scope("session")
	Wishlist history() {
		return new Wishlist();
	}

	@Bean
	@Scope("prototype")
	Wishlist draft() {
		return new Wishlist();
	}

	@Bean
	@Scope(scopeName = "session", proxyMode = ScopedProxyMode.INTERFACES)
	Wallet wallet() {
		return new StoredWallet();
	}

	@Bean
	@SessionScope
	Report report() {
		return new Report();
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static Advisor loudAdvisor() {
		MethodInterceptor advice = (invocation) -> "LOUD " + invocation.proceed();
		return new DefaultPointcutAdvisor(AnnotationMatchingPointcut.forMethodAnnotation(Loud.class), advice);
	}

	@Bean
	PlatformTransactionManager transactionManager() {
		return new AbstractPlatformTransactionManager() {

			@Override
			protected Object doGetTransaction() {
				return new Object();
			}

			@Override
			protected void doBegin(Object transaction, TransactionDefinition definition) {
				// Nothing to begin
			}

			@Override
			protected void doCommit(DefaultTransactionStatus status) {
				// Nothing to commit
			}

			@Override
			protected void doRollback(DefaultTransactionStatus status) {
				// Nothing to roll back
			}

		};
	}

	/** The type to which the advice of the test applies. */
	@Retention(RetentionPolicy.RUNTIME)
	@interface Loud {

	}

	static class Cart implements Serializable {

		private static final long serialVersionUID = 1L;

		private final List<String> items = new ArrayList<>();

		String items() {
			return this.items.toString();
		}

		String add(String item) {
			this.items.add(item);
			return items();
		}

		@PreDestroy
		void discard() {
			this.items.clear();
		}

	}

	static class Wishlist implements Serializable {

		private static final long serialVersionUID = 1L;

		private final List<String> items = new ArrayList<>();

		@Loud
		String items() {
			return this.items.toString();
		}

		@Loud
		String add(String item) {
			this.items.add(item);
			return this.items.toString();
		}

	}

	interface Wallet {

		String pay(int amount);

		String balance();

	}

	@Transactional
	static class StoredWallet implements Wallet, Serializable {

		private static final long serialVersionUID = 1L;

		private int balance = 100;

		@Override
		public String pay(int amount) {
			this.balance -= amount;
			return balance();
		}

		@Override
		public String balance() {
			return this.balance
					+ (TransactionSynchronizationManager.isActualTransactionActive() ? " in a transaction" : "");
		}

	}

	static class Report implements Serializable {

		private static final long serialVersionUID = 1L;

		private int runs;

		@Async
		CompletableFuture<String> run(Thread caller) {
			this.runs++;
			return CompletableFuture
				.completedFuture(this.runs + ((Thread.currentThread() != caller) ? " in the background" : ""));
		}

	}

	@RestController
	static class Pages {

		private final Cart cart;

		private final Wishlist wishlist;

		private final Wallet wallet;

		private final Report report;

		private final BeanFactory beanFactory;

		private final Hooks hooks;

		Pages(Cart cart, @Qualifier("wishlist") Wishlist wishlist, Wallet wallet, Report report,
				BeanFactory beanFactory, Hooks hooks) {
			this.cart = cart;
			this.wishlist = wishlist;
			this.wallet = wallet;
			this.report = report;
			this.beanFactory = beanFactory;
			this.hooks = hooks;
		}

		@GetMapping("/cart")
		String cart(@RequestParam(required = false) String add) {
			return (add != null) ? this.cart.add(add) : this.cart.items();
		}

		@GetMapping("/wishlist")
		String wishlist(@RequestParam(required = false) String add) {
			return (add != null) ? this.wishlist.add(add) : this.wishlist.items();
		}

		@GetMapping("/wishlist-then-wait")
		String wishlistThenWait() {
			String items = this.wishlist.items();
			this.hooks.run();
			return items;
		}

		@GetMapping("/history")
		String history(@RequestParam(required = false) String add) {
			Wishlist history = this.beanFactory.getBean("history", Wishlist.class);
			return (add != null) ? history.add(add) : history.items();
		}

		@GetMapping("/draft")
		String draft(HttpSession session, @RequestParam(required = false) String add) {
			if (add != null) {
				Wishlist draft = this.beanFactory.getBean("draft", Wishlist.class);
				session.setAttribute("draft", draft);
				return draft.add(add);
			}
			Wishlist draft = (Wishlist) session.getAttribute("draft");
			return draft.items() + (AopUtils.isAopProxy(draft) ? " with advice" : " without advice");
		}

		@GetMapping("/wallet")
		String wallet(@RequestParam(required = false) Integer pay) {
			return (pay != null) ? this.wallet.pay(pay) : this.wallet.balance();
		}

		@GetMapping("/report")
		String report() {
			return this.report.run(Thread.currentThread()).join();
		}

	}

}
