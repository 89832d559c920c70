package app.session.redis.autoconfigure.values;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.persistence.autoconfigure.EntityScanPackages;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * The packages that hold the application's own classes: those of its auto-configuration,
 * of {@code @ComponentScan} and of {@code @EntityScan}. Reads the classes of bean
 * definitions, which are also available after AOT processing, and creates no bean of the
 * application.
 */
final class ApplicationPackages {

	private final ListableBeanFactory beanFactory;

	private final Set<String> names = new LinkedHashSet<>();

	private ApplicationPackages(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	static Set<String> of(ListableBeanFactory beanFactory) {
		ApplicationPackages packages = new ApplicationPackages(beanFactory);
		if (AutoConfigurationPackages.has(beanFactory)) {
			packages.names.addAll(AutoConfigurationPackages.get(beanFactory));
		}
		packages.addScanned();
		if (ClassUtils.isPresent("org.springframework.boot.persistence.autoconfigure.EntityScanPackages", null)) {
			EntityScan.names(beanFactory).forEach(packages::add);
		}
		return packages.names;
	}

	private void addScanned() {
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = isCreatedByFactory(name) ? null : this.beanFactory.getType(name, false);
			if (type != null) {
				addScanned(type);
			}
		}
	}

	private boolean isCreatedByFactory(String name) {
		if (this.beanFactory instanceof ConfigurableListableBeanFactory definitions
				&& definitions.containsBeanDefinition(name)) {
			BeanDefinition definition = definitions.getBeanDefinition(name);
			return definition.getFactoryMethodName() != null;
		}
		return false;
	}

	private void addScanned(Class<?> type) {
		MergedAnnotations annotations = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY);
		if (annotations.isPresent(AutoConfiguration.class)) {
			// Belongs to a library, not to the application
			return;
		}
		annotations.stream(ComponentScan.class).forEach((scan) -> addScanned(type, scan));
	}

	private void addScanned(Class<?> type, MergedAnnotation<ComponentScan> scan) {
		String[] packages = scan.getStringArray("basePackages");
		Class<?>[] classes = scan.getClassArray("basePackageClasses");
		Stream.of(packages).flatMap(this::resolve).forEach(this::add);
		Stream.of(classes).map(ClassUtils::getPackageName).forEach(this::add);
		if (packages.length == 0 && classes.length == 0) {
			add(ClassUtils.getPackageName((scan.getSource() instanceof Class<?> source) ? source : type));
		}
	}

	private Stream<String> resolve(String packages) {
		Environment environment = this.beanFactory.getBeanProvider(Environment.class).getIfAvailable();
		String resolved = (environment != null) ? environment.resolvePlaceholders(packages) : packages;
		return Arrays.stream(
				StringUtils.tokenizeToStringArray(resolved, ConfigurableApplicationContext.CONFIG_LOCATION_DELIMITERS));
	}

	/**
	 * Adds a package. Of a pattern such as {@code com.acme.*.model}, adds the package
	 * before the first wildcard.
	 */
	private void add(String name) {
		String fixed = name.replaceFirst("\\.?[^.]*[*?${].*", "");
		boolean ofFrameworks = (fixed + ".").startsWith("org.springframework.");
		if (StringUtils.hasText(fixed) && !ofFrameworks) {
			this.names.add(fixed);
		}
	}

	/** Only used if Spring Boot's support for persistence is present. */
	private static final class EntityScan {

		private EntityScan() {
		}

		static Iterable<String> names(BeanFactory beanFactory) {
			return EntityScanPackages.get(beanFactory).getPackageNames();
		}

	}

}
